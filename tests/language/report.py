"""Prints how well messages are read: our sentences as written and varied by machine, the held-out fifth apart."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import replace

from tests.language.composed import composed
from tests.language.sentences import Sentence, faults, read, sentences
from tests.language.variations import variations

HELD = "held out"


def measure(cases: list[Sentence], show: int) -> Counter[str]:
    """Counts of messages and facts; prints up to `show` failures."""
    tally: Counter[str] = Counter()
    for case in cases:
        reading = read(case.text, case.today, asking=case.asking)
        missing, wrong = faults(case, reading)
        tally.update(
            messages=1, facts=len(case.facts), missing=len(missing), wrong=len(wrong), right=not missing and not wrong
        )
        if (missing or wrong) and show > 0:
            show -= 1
            print(f"  {case.text!r}{f' asked {case.asking}' if case.asking else ''}")
            for sentence in (*(f"WRONG {w}" for w in wrong), *(f"missing {m}" for m in missing)):
                print(f"     {sentence}")
    return tally


def line(name: str, tally: Counter[str]) -> str:
    """One row of the report."""
    share, wrong = tally["right"] / max(1, tally["messages"]), tally["wrong"] / max(1, tally["facts"])
    messages = f"{name:<28} {tally['messages']:>6} messages, wholly right {share:6.1%}"
    return f"{messages}, wrong facts {tally['wrong']} ({wrong:.2%})"


def main() -> int:
    """The report; exit 1 where the bar is missed."""
    show = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    cases = sentences()
    seen, held = [c for c in cases if not c.held_out], [c for c in cases if c.held_out]
    started = time.perf_counter()
    rows = [("as written", measure(seen, show)), ("as written, held out", measure(held, 0))]
    rows.append(("composed by machine", measure(composed(1, 2000), min(show, 5))))
    for name, vary in variations().items():
        varied = [
            replace(c, text=t, topic=HELD if c.held_out else c.topic) for c in cases if (t := vary(c.text)) != c.text
        ]
        shown = [c for c in varied if c.topic != HELD]
        rows.append(
            (
                f"varied: {name}",
                measure(shown, 3 if show > 20 else 0) + measure([c for c in varied if c.topic == HELD], 0),
            )
        )
    for name, tally in rows:
        print(line(name, tally))
    total: Counter[str] = sum((t for _, t in rows), Counter())
    print(line("all", total), f"in {time.perf_counter() - started:.1f} s")
    return 0 if total["right"] >= 0.97 * total["messages"] and total["wrong"] <= 0.005 * total["facts"] else 1


if __name__ == "__main__":
    sys.exit(main())

"""Holds the engine against the oracle: `python -m tests.oracle [PEOPLE] [FIRST SEED]` prints every difference."""

import json
import sys
from random import Random

import rules
from rules.library import library_of
from tests.oracle.compare import differences
from tests.oracle.people import TODAYS, person
from tests.oracle.reference import assess


def main(people: int = 2000, first: int = 0, show: int = 20) -> int:
    """Compare as many people; 1 when any differs."""
    packs = library_of(notice for notice in rules.load().notices if not notice.area)
    differing = 0
    for seed in range(first, first + people):
        rng = Random(seed)
        today = rng.choice(TODAYS)
        facts = person(rng, today)
        wrong = differences(rules.assess(packs, facts, today), assess(facts, today))
        differing += bool(wrong)
        if wrong and differing <= show:
            print(f"seed {seed}, today {today}: {json.dumps(facts, ensure_ascii=False)}", *wrong, sep="\n    ")
    print(f"{people - differing} of {people} agree")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

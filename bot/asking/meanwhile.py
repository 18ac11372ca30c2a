"""What has changed since the last message: the pack, the questions, the year; and where somebody was who comes back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bot.asking.casefile import KNOWN, Case, Entry, facts_of, fold, is_known, notice_of
from bot.asking.session import asked_here, mark_of
from bot.asking.states import ASKING, RESULT, REVIEW
from bot.asking.talk import Talk
from bot.reading import Reading
from rules import Library, assess


def catch_up(talk: Talk) -> None:
    """The pack, the questions, the year."""
    before, place = date.fromisoformat(talk.s.day), (talk.s.state, talk.s.asking)
    if before != talk.today:
        keep_years(talk, before)
    if talk.lost or talk.s.pack != mark_of(talk.library) or _anything_strange(talk):
        updated(talk)
    if talk.lost or place != (talk.s.state, talk.s.asking):
        talk.moved = True
        talk.s.serial += 1  # what is tapped now stands under a question that is over


def keep_years(talk: Talk, before: date) -> None:
    """A case begun on a day that meant another year stays with the notice it was begun under, until its year is asked for anew."""
    for name, case in talk.s.cases.items():
        values = fold(case)
        then = notice_of(talk.library, values, before).review_year
        now = notice_of(talk.library, values, talk.today).review_year
        if case.log and "review_year" not in values and (then != now or before.year != talk.today.year):
            kept = replace(case, log=(Entry(set={"review_year": then}), *case.log))
            talk.s.cases = {**talk.s.cases, name: kept}
            if name == talk.s.current:
                talk.s.undo = tuple(replace(each, log=each.log + 1) for each in talk.s.undo)
                talk.s.which_year = True


def _anything_strange(talk: Talk) -> bool:
    offer = talk.s.offer
    offered = [] if offer is None or offer.do != "change" else [offer.entry]
    if any(strange(case, talk.library) for case in talk.s.cases.values()) or _strange_facts(offered):
        return True
    # A value that was accepted when it was told.
    return talk.view().standing["status"] == "refused" and _still_holding(talk, talk.case)[1] > 0


def strange(case: Case, library: Library) -> bool:
    """Whether a case holds what this release does not know: facts or questions of another."""
    return _strange_facts(case.log) or not all(asked_here(name, library) for name in (*case.path, *case.skipped))


def _strange_facts(entries: Iterable[Entry]) -> bool:
    facts = (path for entry in entries for path in (*entry.set, *entry.claims))
    return any(not is_known(path) for path in facts)


def updated(talk: Talk) -> None:
    """Keep what still holds of every case under the new pack and questions."""
    talk.s.pack = mark_of(talk.library)
    kept = dropped = 0
    for name, case in talk.s.cases.items():
        after, gone = _still_holding(talk, case)
        talk.s.cases = {**talk.s.cases, name: after}
        kept, dropped = kept + len(fold(after)), dropped + gone
    talk.s.offer, talk.s.undo = None, ()
    if talk.s.before_other is not None:
        talk.s.before_other = replace(talk.s.before_other, offer=None, undo=())
    if kept or dropped:
        new = talk.view().questions if talk.s.state in (REVIEW, RESULT) else ()
        talk.say("updated", kept=kept, dropped=dropped, new=len(new))
    if talk.lost or talk.s.state in (REVIEW, RESULT, ASKING):
        talk.s.redo = None
        talk.advance("begin")


def _still_holding(talk: Talk, case: Case) -> tuple[Case, int]:
    """The case without what is not known any more or not accepted any more; how many values that were."""
    told = {path: value for entry in case.log for path, value in entry.set.items()}
    gone = {path for path in told if not is_known(path)}
    values = fold(case)
    notice = notice_of(talk.library, values, talk.today)
    for path in values:
        if assess(talk.library, facts_of({path: values[path]}, notice, talk.today), talk.today)["status"] == "refused":
            gone.add(path)
    log = tuple(_without(entry, gone) for entry in case.log)
    behind, left = (
        tuple(each for each in names if asked_here(each, talk.library)) for names in (case.path, case.skipped)
    )
    return replace(case, log=log, path=behind, skipped=left), len(gone)


def _without(entry: Entry, gone: set[str]) -> Entry:
    kept = {path: value for path, value in entry.set.items() if path not in gone}
    return replace(entry, set=kept, claims=tuple(name for name in entry.claims if name in KNOWN))


def recap_first(talk: Talk, reading: Reading) -> bool:
    """Somebody back after a day or more is told where they were, unless they go straight on."""
    before = date.fromisoformat(talk.s.day)
    which_year = talk.which_year and talk.s.state in (ASKING, REVIEW, RESULT) and talk.s.offer is None
    if before == talk.today or reading.facts or not (which_year or talk.s.state in (ASKING, REVIEW)):
        return False
    if reading.command not in (None, "greeting", "help", "thanks"):
        return False
    if which_year:
        talk.say("recap", day=before, lines=talk.lines())
        talk.advance("begin")
        return True
    choices = tuple((f"go:{name}", "") for name in ("continue", "edit", "restart"))
    talk.say("recap", day=before, lines=talk.lines(), choices=choices)
    talk.again = True
    return True

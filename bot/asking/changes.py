"""Changing an answer: what it would do is shown before it is applied, and it can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.asking.casefile import (
    ONLY_WITH,
    Case,
    Entry,
    Values,
    applies,
    asked_years,
    circumstances_of,
    fold,
    notice_of,
    root_of,
    with_entry,
)
from bot.asking.open_questions import outcome
from bot.asking.questionnaire import wording
from bot.asking.session import Offer, Undo, new_session
from bot.asking.states import ASKING, RESULT, REVIEW
from bot.asking.talk import Talk

MAX_UNDO = 10
_PASSED_OVER = 2  # times that other things were told while the same offer stood open


def offer(talk: Talk, entry: Entry) -> None:
    """Show what a change would do before it is applied; one that is still open is decided together with it."""
    open_offer = talk.s.offer
    if open_offer is not None and open_offer.do == "change":
        entry = together(open_offer.entry, entry)
    if talk.refused(with_entry(talk.case, entry)):
        return
    talk.s.offer = Offer("change", entry)
    talk.again = False


def passed_over(talk: Talk, answers_before: int) -> None:
    """An offer beside which other things are told a second time becomes the question that it is about: it stood there twice already."""
    standing = talk.s.offer
    before = talk.stored.offer if talk.stored is not None else None
    if standing is None or before is None or _of(standing.entry) != _of(before.entry):
        talk.s.fails = {place: times for place, times in talk.s.fails.items() if place != "offer"}
        return
    if standing.do != "change" or talk.s.state != ASKING or len(talk.case.log) == answers_before:
        return
    asked = next((root for root in map(root_of, standing.entry.set) if root in wording().questions), None)
    if asked is not None and talk.failed("offer") >= _PASSED_OVER:
        talk.s.offer = None
        talk.ask_again("answer", asked)


def _of(entry: Entry) -> tuple[Values, tuple[str, ...], tuple[str, ...]]:
    """What an offer would change, in whatever words."""
    return entry.set, (*entry.unset, *entry.skip), entry.claims


def together(first: Entry, second: Entry) -> Entry:
    """Two answers as one; what they tell differently is as the second has it."""
    claimed = {path: m for path, m in first.claimed.items() if path not in second.set}
    gone = {path.partition(".")[0] for path in second.set}
    return replace(
        second,
        set={**first.set, **second.set},
        words={**first.words, **second.words},
        claimed={**claimed, **second.claimed},
        claims=_joined(first.claims, second.claims),
        unset=_joined(first.unset, second.unset),
        skip=tuple(name for name in _joined(first.skip, second.skip) if name not in gone),
        screened=first.screened or second.screened,
    )


def _joined(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def resolve(talk: Talk, agreed: bool) -> None:
    """改 or 不改, and the same for the other things that are asked twice."""
    open_offer, talk.s.offer = talk.s.offer, None
    assert open_offer is not None
    if not agreed:
        talk.say("kept", what=open_offer.do)
        asked = talk.asked()
        pending = [talk.s.redo, *(["review_year"] if talk.which_year else talk.view().questions)]
        if asked is not None and asked not in pending:
            talk.advance("answer")  # it was answered while the offer was open
        return
    if open_offer.do == "delete":
        talk.forget = True
        talk.say("deleted")
        return
    if open_offer.do == "restart":
        restart(talk)
        return
    entry = open_offer.entry
    if talk.refused(with_entry(talk.case, entry)):  # something told since contradicts it
        return
    remember_undo(talk)
    talk.record(entry)
    if entry.asked == "circumstances" and (entry.set or entry.claims):
        talk.more_circumstances()
    names = [name for name in (*entry.unset, *entry.skip) if name not in entry.claims]
    talk.say("changed", lines=talk.lines(set(entry.set)), claims=entry.claims, gone=names)
    talk.advance("answer")


def restart(talk: Talk) -> None:
    """The case in hand from the beginning; another person's is left alone."""
    talk.begin_case()
    talk.s.which_year = False
    talk.advance("restart")


def forgotten(talk: Talk) -> None:
    """Nothing is kept, but that the buttons of before are old."""
    talk.s = replace(new_session(talk.library, talk.today), serial=talk.s.serial)


def changes_nothing(talk: Talk, entry: Entry) -> bool:
    """Whether new facts leave the result as it is and open no question."""
    now, then = talk.view(), talk.view(with_entry(talk.case, entry))
    same = outcome(now.assessment) == outcome(then.assessment)
    return same and now.assessment.get("requirement") == then.assessment.get("requirement") and not then.questions


def remember_undo(talk: Talk) -> None:
    """Where 撤销 leads back to: the log is only ever added to, so its length tells what stood in it."""
    case = talk.case
    before = Undo(len(case.log), case.path, case.skipped, case.screened, talk.s.state, talk.s.asking)
    talk.s.undo = (*talk.s.undo, before)[-MAX_UNDO:]


def undone(talk: Talk) -> None:
    """The last change taken back: to where it was made, or, where more was answered since, on from there with that kept."""
    *rest, before = talk.s.undo
    state = before.state if before.state in (ASKING, REVIEW, RESULT) else REVIEW
    now = talk.case
    talk.case = replace(
        now, log=now.log[: before.log], path=before.path, skipped=before.skipped, screened=before.screened
    )
    talk.s.undo, talk.s.offer = tuple(rest), None
    kept = talk.case
    for entry in now.log[before.log + 1 :]:
        kept = with_entry(kept, entry)
    if kept is not talk.case and talk.view(kept).standing["status"] != "refused":
        talk.case = replace(kept, path=now.path, screened=kept.screened and now.screened)
        talk.advance("undo")
        return
    if state == ASKING and talk.s.redo is None and before.asking not in talk.view().questions:
        talk.advance("undo")  # it was answered while the change was still an offer
    else:
        talk.move("undo", state, before.asking)


def replaced(talk: Talk, asked: str, new: Values, claims: Iterable[str]) -> list[str]:
    """What an answer takes back when its question is put once more: a circumstance not named again, an earlier 博士后."""
    if talk.s.redo != asked:
        return []
    named = {path.partition(".")[0] for path in new} | set(claims)
    if asked == "circumstances":
        return [name for name in circumstances_of(talk.case, talk.notice()) if name not in named]
    return ["postdoc"] if asked == "postdoc" and "postdoc" in named else []


def no_longer(before: Case, after: Case, talk: Talk) -> int:
    """How many answers a change makes superfluous: those of another route, and years of hours that are not looked at."""
    old, new = fold(before), fold(after)
    routes = sum(path in old and applies(path, old) and not applies(path, new) for path in ONLY_WITH)
    years = {path.split(".")[1] for path in old if path.startswith("history.")}
    looked_at = [
        {str(year) for year in asked_years(values, notice_of(talk.library, values, talk.today))}
        for values in (old, new)
    ]
    return routes + len(years & (looked_at[0] - looked_at[1]))

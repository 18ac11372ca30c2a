"""What was said and not wholly heeded: before a result says enough, the person is asked whether it stands as it was taken down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.asking.casefile import AGES, Case, Entry, Remark, root_of
from bot.asking.open_questions import MAY_APPLY
from bot.asking.session import Offer
from bot.asking.speech import visible
from bot.asking.states import RESULT, REVIEW
from bot.asking.talk import SAID_LIMIT, Talk
from bot.reading import Reading
from bot.reading.leftover import spoiling
from rules.registry import FACTS

_SAYS = re.compile("(?![啊呀吧呢嘛哈哦嗯呃额唉嘿喂好的了是在吗你您谢请问年月日号自己])[\u4e00-\u9fff]")
_KEPT = 40  # of a case; nobody says more before a result
_FACT_OF = {fact.year: fact.id for fact in FACTS.values()}  # transfer_year: of the transfer
# Beside these a word that is not known is mostly a slip of the keys.
_PLAIN = frozenset(("birth", "sex", "title_level"))


def aside(talk: Talk, said: str, words: Iterable[str]) -> None:
    """A message of which no fact was made, though it may weigh on hours told or on what is checked: 2024年作废了."""
    checked = talk.s.state in (REVIEW, RESULT)
    hours = str(talk.asked()).startswith("history") or "history" in talk.view().facts
    if talk.case.log and (checked or (words and hours)):
        beyond(talk, said, words, at=len(talk.case.log) if checked else None)


def missed(talk: Talk, text: str, words: Iterable[str], *, said: bool) -> None:
    """A message of which nothing was made: it may belong to what was told before it or will be behind it. `said`: it is no command."""
    if said and talk.s.state not in (REVIEW, RESULT) and len({*_SAYS.findall(text)}) > 1:
        beyond(talk, text, words)
    else:
        aside(talk, text, words)


def beyond(talk: Talk, said: str, words: Iterable[str], at: int | None = None, about: str = "") -> None:
    """What no fact can say: it weighs on any result, or on those `about` a fact. `at`: until something more is told."""
    found = Remark(visible(said, SAID_LIMIT), tuple(words), at=at, about=about)
    if found not in talk.case.remarks:
        talk.case = replace(talk.case, remarks=(*talk.case.remarks, found)[-_KEPT:])


def spoilt(talk: Talk, said: str, reading: Reading) -> None:
    """What may take away hours or a relief, told or asked about at any time: 今年的还没核定, 借调到镇上, 2025年在北京考的."""
    for fact, unless, words in spoiling(said):
        if unless not in reading.facts:
            beyond(talk, said, [words], about=fact)


def left_half(talk: Talk, fact: str, words: str, hint: Mapping[str, Any]) -> None:
    """Less than what is asked, said of no year and not gone into: 系统里公需是0."""
    need = talk.notice().requirement
    asked = need.get(str(hint.get("category")), sum(need.values()))
    amount = hint.get("hours", hint.get("total"))
    if root_of(fact) == "history" and amount is not None and amount < asked:
        beyond(talk, words, [words], about="history")


def noted(case: Case, said: str, words: Iterable[str], unknown: Iterable[str] = (), paths: Iterable[str] = ()) -> Case:
    """The case with what of a message was not heeded; as it stands where all was."""
    found = Remark(visible(said, SAID_LIMIT), tuple(words), tuple(unknown), tuple(paths))
    return replace(case, remarks=(*case.remarks, found)[-_KEPT:]) if found.words or found.unknown else case


def standing(talk: Talk) -> tuple[Remark, ...]:
    """The remarks that bear on a result that says enough: on values by which it was decided, or those of which nothing was read."""
    assessment, case = talk.view().assessment, talk.case
    duty = assessment.get("annual_duty") or {}
    if not case.remarks or (assessment["status"] not in MAY_APPLY and duty.get("status") != "met"):
        return ()
    held = {line["id"] for line in assessment.get("reliefs", ())}
    hangs_on = {name for relief in talk.notice().reliefs if relief.id in held for name in relief.when.facts}
    deciding = {root_of(_FACT_OF.get(name, name)) for name in hangs_on}
    deciding |= {"history"} if "met" in (assessment["status"], duty.get("status")) else set()
    deciding |= {"exam_years"} if "exam_deemed" in held else set()
    deciding |= {"title_level"} if assessment["status"] == "met" and _fewer_years(talk) else set()
    told_by, found = _told_by(case), []
    for one in case.remarks:
        roots = {root_of(path) for path in one.paths if told_by.get(path) == one.said} & deciding
        if one.about:
            found += [one] if one.about in {*deciding, "review_year"} else []
        elif (not one.paths and one.at in (None, len(case.log))) or (roots and (one.words or not roots <= _PLAIN)):
            found.append(one)
    return tuple(found)


def _fewer_years(talk: Talk) -> bool:
    """Whether the level spares years: 初级，去年评的 may be the one that is held."""
    notice, facts = talk.notice(), talk.view().facts
    return "title_level" in facts and notice.look_back(facts["title_level"]) < notice.look_back(None)


def _told_by(case: Case) -> dict[str, str]:
    """What was said, of each value that stands."""
    told: dict[str, str] = {}
    for entry in case.log:
        gone = tuple(f"{name}." for name in entry.unset)
        told = {path: said for path, said in told.items() if not f"{path}.".startswith(gone)}
        if not entry.set.keys().isdisjoint(AGES):  # one of them stands at a time
            told = {path: said for path, said in told.items() if path not in AGES}
        told |= dict.fromkeys(entry.set, entry.said)
    return told


def hold(talk: Talk) -> None:
    """Ask instead of showing a result that rests on what was not wholly heeded."""
    if talk.s.state == RESULT and talk.s.offer is None and not talk.forget and standing(talk):
        talk.move("edit", REVIEW)
        talk.s.offer = Offer("remark")


def resolved(talk: Talk, agreed: bool) -> None:
    """It stands as it was taken down: the result. It does not: what rested on it is asked anew."""
    found = standing(talk)
    if agreed:
        talk.case = replace(talk.case, remarks=())
        if talk.s.state == REVIEW and not talk.which_year and not talk.view().questions:
            talk.move("confirm", RESULT)
        else:
            talk.advance("answer")  # the year has turned meanwhile, or something was told that opens a question
        return
    told_by = _told_by(talk.case)
    gone = [path for one in found for path in one.paths if told_by.get(path) == one.said]
    talk.case = replace(talk.case, remarks=tuple(one for one in talk.case.remarks if not one.paths))
    if gone:
        talk.record(Entry(said=talk.message.text or talk.message.choice, message=talk.message.id, unset=tuple(gone)))
        talk.say("changed", lines=[], claims=(), gone=list(dict.fromkeys(map(root_of, gone))))
    else:
        talk.say("edit_how")
    talk.advance("answer")

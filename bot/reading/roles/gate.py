"""The gate before facts that open a relief: refused, applied for, hoped for, former, another's, denied, none of them is taken."""

from __future__ import annotations

import re
from functools import cache

from bot.reading.lexing.lexicon import limits
from bot.reading.lexing.tokens import Token, spelt
from bot.reading.notes import Notes

_STATES = ("school_teacher", "highly_skilled")  # facts that hold or held of a person, not of one of their years
_USUAL = ("review", "recognition")  # ways that no relief hangs on
_SHORT = 4  # characters of a breath that tells nothing by itself
_HEDGED = {
    "grassroots": (True, "unclear_place"),
    "sector": ("non_public", "unclear_sector"),
    "route": ("exceptional", "other"),
    "transfer": ("any", "other"),
    "postdoc": ("any", "other"),
    "epidemic_years": ("any", "other"),
}  # what opens a relief: by which value, and as what it is asked
_GRANTED = ("grant", "project")  # of a postdoc, while at the station


@cache
def _said(name: str) -> re.Pattern[str]:
    return re.compile(limits()["gate"][name])


def hold_reliefs(notes: Notes) -> None:
    """Take back what the words beside it leave open, and ask; what is plainly denied is denied."""
    for fact in [name for name in limits()["gate"]["facts"] if notes.facts.get(name)]:
        if notes.facts[fact] in _USUAL:
            continue
        words = notes.words.get(fact, "")
        before, clause, behind = _around(notes, words, notes.words_of("epidemic") if fact == "epidemic_years" else [])
        if fact == "route" and _said("not_that_way").search(before):
            del notes.facts[fact]
            notes.deny(fact, "exceptional")
        elif fact in _STATES and _said("denied").search(before):
            del notes.facts[fact]
            notes.deny(fact, "true")
        elif _said("open").search(clause) or _said("open").match(behind) or (
            fact in _STATES and (_said("former").search(clause) or _said("theirs").search(before))
        ) or (
            fact == "transfer" and _said("returned").search(notes.text)
        ):  # fmt: skip
            del notes.facts[fact]
            notes.words.pop(fact, None)
            notes.doubt(fact, words, "other")
    _hold_hedged(notes)
    if notes.facts.get("grassroots") and _said("not_of_a_town").search(
        spelt(notes.tokens)
    ):  # 旗水利局设在镇里的站, 旗一中，在镇里, 社区嘎查
        del notes.facts["grassroots"]
        notes.doubt("grassroots", notes.words.pop("grassroots", ""), "unclear_place", {"likely": True})
    if "birth" in notes.facts and (_said("lunar_day").search(notes.text) or notes.has("lunar")):
        del notes.facts["birth"]
        notes.doubt("birth", notes.words.pop("birth", ""), "lunar_date")
    if "birth" in notes.facts and any(doubt.fact == "birth" for doubt in notes.doubts):
        del notes.facts["birth"]  # 70年8月或9月
        notes.words.pop("birth", None)
    if notes.facts.get("postdoc") and (found := _said("after_station").search(notes.text)):
        notes.facts["postdoc"] = {part: value for part, value in notes.facts["postdoc"].items() if part not in _GRANTED}
        notes.doubt("postdoc", found[0], "which_grant")
    if "age" in notes.facts and any(
        doubt.reason in ("lunar_date", "conflict") for doubt in notes.doubts if doubt.fact == "birth"
    ):
        del notes.facts["age"]  # of the same uncertain birth: the doubt asks for the day
        notes.words.pop("age", None)


def _hold_hedged(notes: Notes) -> None:
    """算是乡镇吧, 感觉是民营, 可能走破格: what is not said for sure is asked."""
    for fact, (value, reason) in _HEDGED.items():
        held = notes.facts.get(fact)
        if not held or value not in (held, "any"):
            continue
        words = notes.words.get(fact, "")
        if _said("hedged").search(_around(notes, words, [])[1]):
            del notes.facts[fact]
            notes.words.pop(fact, None)
            notes.doubt(fact, words, reason, {"said": words, "likely": held} if reason != "other" else {})


def hold_some(notes: Notes) -> None:
    """三年学满了两年: which of them is asked. 在河北学的，去年60专业: whether they count is."""
    if found := _said("some_of").search(notes.text):
        notes.claims = [claim for claim in notes.claims if claim.kind != "full"]
        notes.doubt("history", found[0], "unknown_share")
    if found := _said("learned_elsewhere").search(notes.text) or _said("learned_by_another").search(notes.text):
        for year in sorted({year for claim in notes.claims for year in claim.years or ()}):
            notes.doubt(f"history.{year}", found[0], "unrecognised", {"year": year})
        notes.claims = [claim for claim in notes.claims if claim.kind == "none"]


def _around(notes: Notes, words: str, more: list[Token]) -> tuple[str, str, str]:
    """What stands before the words in the breath that tells them, all of that breath, and the breath behind these and `more`."""
    told = next((t for t in notes.tokens if t.kind != "sep" and words.startswith(t.text)), None)
    if told is None:
        return "", spelt(notes.tokens), ""
    clause, last = notes.clause(told), notes.clause(max([told, *more], key=lambda t: t.start))[-1]
    ahead = [t for t in notes.tokens if t.start < clause[0].start and t.clause == clause[0].clause - 1]
    short = ahead if sum(len(t.text) for t in ahead) <= _SHORT else []  # 以前 中学老师
    before = _plain(short) + _plain([t for t in clause if t.start < told.start])
    behind = next((t for t in notes.tokens if t.start > last.start), None)
    return (
        before,
        before + _plain([t for t in notes.tokens if told.start <= t.start <= last.start]),
        _plain(notes.clause(behind)).lstrip(limits()["gate"]["small"]) if behind else "",
    )


def _plain(tokens: list[Token]) -> str:
    """The text without the 打算报 of 打算报副高, which leaves nothing open."""
    kept: list[Token] = []
    for token in tokens:
        if token.of("level", "title", "route"):
            while kept and kept[-1].of("apply", "plan"):
                kept.pop()
        kept.append(token)
    return spelt(t for t in kept if t.kind != "sep")

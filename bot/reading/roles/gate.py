"""The gate before facts that open a relief: refused, applied for, hoped for, former, another's, denied, none of them is taken."""

from __future__ import annotations

import re
from functools import cache

from bot.reading.lexing.lexicon import limits
from bot.reading.notes import Notes

_STATES = ("school_teacher", "highly_skilled")  # facts that hold or held of a person, not of one of their years
_GRANTED = ("grant", "project")  # of a postdoc, while at the station
_BREAK = re.compile(r"[,.;:!?。；，！？、\n]+")
_ROUND = 14  # characters beside the words, where nothing parts a message


@cache
def _said(name: str) -> re.Pattern[str]:
    return re.compile(limits()["gate"][name])


def hold_reliefs(notes: Notes) -> None:
    """Take back what the words beside it leave open, and ask; what is plainly denied is denied."""
    for fact in [name for name in limits()["gate"]["facts"] if notes.facts.get(name)]:
        words = notes.words.get(fact, "")
        clause, before, behind = _around(notes.text, words)
        if fact in _STATES and _said("denied").search(before):
            del notes.facts[fact]
            notes.deny(fact, "true")
        elif _said("open").search(clause) or _said("open").match(behind) or (
            fact in _STATES and (_said("former").search(clause) or _said("theirs").search(before))
        ):  # fmt: skip
            del notes.facts[fact]
            notes.words.pop(fact, None)
            notes.doubt(fact, words, "other")
    route = notes.words.get("route", "")
    if notes.facts.get("route") == "exceptional" and _said("not_that_way").search(_around(notes.text, route)[1]):
        del notes.facts["route"]
        notes.deny("route", "exceptional")
    if notes.facts.get("grassroots") and _said("higher_office").search(notes.text):  # 旗水利局设在镇里的站
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


def hold_some(notes: Notes) -> None:
    """三年学满了两年: which of them is asked."""
    found = _said("some_of").search(notes.text)
    if found is None:
        return
    notes.claims = [
        claim for claim in notes.claims if claim.kind != "full" or (claim.last == 0 and len(claim.years or ()) == 1)
    ]
    notes.doubt("history", found[0], "unknown_share")


def _around(text: str, words: str) -> tuple[str, str, str]:
    """The clause that holds the words, what stands in it before them, and the clause behind."""
    at = text.find(words) if words else -1
    if at < 0:
        return text, "", ""
    begin = max((part.end() for part in _BREAK.finditer(text, 0, at)), default=0)
    ends = _BREAK.search(text, at + len(words))
    end = ends.start() if ends else len(text)
    begin, end = max(begin, at - _ROUND), min(end, at + len(words) + _ROUND)
    return text[begin:end], text[begin:at], text[ends.end() :] if ends else ""

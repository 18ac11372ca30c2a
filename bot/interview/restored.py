"""A stored session as this release keeps it: the one that stored it may have kept less, and known other places and questions."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.casefile import Case, Entry, new_case
from bot.interview.begun import new_place, new_session
from bot.interview.said import Session
from bot.open_questions import RANK
from bot.states import ASKING, IDLE, RESULT, REVIEW, WELCOME
from rules import Library
from rules.registry import CATEGORIES

_STATES = (WELCOME, ASKING, REVIEW, RESULT, IDLE)
_BLANK: Entry = {"asked": "", "set": {}, "words": {}, "said": "", "message": ""}
_OFFERS = ("change", "restart", "delete")


def restored(library: Library, session: Session, today: date) -> Session:
    """What was not kept yet is as with somebody new; a place that there is not any more is before or outside the questions."""
    cases = {"self": new_case(), **{name: _case(case) for name, case in session.get("cases", {}).items()}}
    whole: Session = {**new_session(library, today), **session, "cases": cases}
    if whole["current"] not in cases:
        whole["current"] = "self"
    whole.update(_place(whole, cases[whole["current"]]))
    if "before_other" in whole:
        whole["before_other"] = _place({**new_place(), **whole["before_other"]}, cases["self"])
    return whole


def asked_here(question: str) -> bool:
    """Whether this release asks a question, of that year and category where it names them."""
    root, *parts = question.split(".")
    if root == "history":
        return all(part.isdecimal() for part in parts[:1]) and all(part in CATEGORIES for part in parts[1:])
    return root in RANK


def _case(case: Case) -> Case:
    whole = new_case()
    if whole.keys() <= case.keys() and all(_BLANK.keys() <= entry.keys() for entry in case["log"]):
        return case
    return {**whole, **case, "log": [{**_BLANK, **entry} for entry in case.get("log", ())]}


def _place(where: dict[str, Any], case: Case) -> dict[str, Any]:
    """Where somebody is within a case, without what points to places that there are not."""
    place = {name: where[name] for name in new_place()}
    asking, redo, offer = place["asking"], place["redo"], place["offer"]
    place["undo"] = [{**new_case(), **each} for each in place["undo"] if asked_here(each.get("asking") or "history")]
    if offer is not None:
        place["offer"] = {**offer, "entry": {**_BLANK, **offer.get("entry", {})}} if offer["do"] == "change" else offer
        if offer["do"] not in _OFFERS:
            place["offer"] = None
    if redo is not None and not asked_here(redo):
        place["redo"], place["editing"], place["hint"] = None, False, None
    known = asked_here(asking or "") if place["state"] == ASKING else place["state"] in _STATES
    if not known:
        place["state"], place["asking"] = IDLE if case["log"] else WELCOME, None
    return place

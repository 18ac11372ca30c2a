"""Changing an answer: what it would do is shown before it is applied, and it can be undone."""

from __future__ import annotations

import copy
from typing import Any

from bot.casefile import Case, Values, fold, questions
from bot.interview.talk import Talk, new_session
from bot.language import Reading

MAX_UNDO = 10


def offer(talk: Talk, new: Values, said: str, reading: Reading | None, claims: list[str]) -> None:
    """Show what a change would do before it is applied."""
    after = changed(talk, new, claims)
    if talk.refused(fold(after)):
        return
    entry = {
        "asked": "",
        "set": new,
        "words": dict(reading.words) if reading else {},
        "said": said,
        "message": talk.message.id,
    }
    if claims:
        entry["claims"] = claims
    talk.s["offer"] = {"do": "change", "entry": entry}


def changed(talk: Talk, new: Values, claims: list[str]) -> Case:
    after = copy.deepcopy(talk.case)
    entry: dict[str, Any] = {"asked": "", "set": new, "words": {}, "said": "", "message": ""}
    if claims:
        entry["claims"] = claims
    after["log"].append(entry)
    after["skipped"] = [name for name in after["skipped"] if name not in {path.split(".")[0] for path in new}]
    return after


def resolve(talk: Talk, agreed: bool) -> None:
    """改 or 不改, and the same for the other things that are asked twice."""
    offer, talk.s["offer"] = talk.s["offer"], None
    if not agreed:
        talk.say("kept", what=offer["do"])
        return
    if offer["do"] == "delete":
        talk.forget = True
        talk.say("deleted")
        return
    if offer["do"] == "restart":
        talk.s = {**new_session(talk.packs, talk.today), "serial": talk.s["serial"]}
        talk.advance("begin")
        return
    remember_undo(talk)
    entry = offer["entry"]
    after = changed(talk, entry["set"], entry.get("claims", []))
    after["log"][-1] = entry
    talk.s["cases"][talk.s["current"]] = after
    talk.noted = {"asked": "", "set": entry["set"], "said": entry["said"]}
    talk.say("changed", lines=talk.lines(set(entry["set"])))
    talk.advance("answer")


def changes_nothing(talk: Talk, new: Values) -> bool:
    """Whether new facts leave the result as it is and open no question."""
    after = changed(talk, new, [])
    now, then = talk.assessment(), talk.assessment(after)
    same = all(now.get(key) == then.get(key) for key in ("status", "short", "bounds", "requirement"))
    return same and not questions(talk.packs, after, talk.today)


def remember_undo(talk: Talk) -> None:
    before = {"case": copy.deepcopy(talk.case), "state": talk.s["state"], "asking": talk.s["asking"]}
    talk.s["undo"] = [*talk.s["undo"], before][-MAX_UNDO:]


def no_longer(before: Values, after: Values) -> int:
    """How many answers a change makes superfluous."""
    route = after.get("route", "review")
    gone = {"tenure_start": "exceptional", "recognition_years": "recognition", "grassroots_graduate": "recognition"}
    return sum(
        1 for path, only in gone.items() if path in before and route != only and before.get("route", "review") == only
    )

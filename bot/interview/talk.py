"""One message being taken: the working copy of the session, what stands in it, and what has been said so far."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

from bot.casefile import (
    CATEGORIES,
    CIRCUMSTANCES,
    ORDER,
    Case,
    Values,
    asked_years,
    facts_of,
    fold,
    new_case,
    pack_of,
    questions,
)
from bot.interview.said import Ask, Say, Session
from bot.language import Reading
from bot.messages import Link, Message
from bot.states import ASKING, MOVES, REVIEW, WELCOME
from rules import Packs, PolicyPack, assess


def new_session(packs: Packs, today: date) -> Session:
    """Nothing known, nothing asked."""
    return {
        "v": 1, "serial": 0, "shown": "", "state": WELCOME, "asking": None, "current": "self", "cases": {"self": new_case()},
        "offer": None, "fails": {}, "undo": [], "redo": None, "editing": False, "day": today.isoformat(), "pack": packs.newest.sha256,
    }  # fmt: skip


class Talk:
    """The session and the message; every step of the interview works on one of these."""

    def __init__(self, packs: Packs, session: Session | None, message: Message, today: date, ask: Ask) -> None:
        self.packs, self.message, self.today, self.ask = packs, message, today, ask
        self.fresh = session is None
        self.s: Session = new_session(packs, today) if session is None else copy.deepcopy(session)
        self.says: list[Say] = []
        self.toast = ""
        self.forget = False
        self.again = False  # the pending prompt is put again rather than a new one
        self.noted: dict[str, Any] | None = None

    @property
    def case(self) -> Case:
        case: Case = self.s["cases"][self.s["current"]]
        return case

    def values(self) -> Values:
        return fold(self.case)

    def pack(self) -> PolicyPack:
        return pack_of(self.packs, self.values())

    def facts(self) -> dict[str, Any]:
        return facts_of(self.values(), self.pack(), self.today)

    def assessment(self, case: Case | None = None) -> dict[str, Any]:
        values = fold(case or self.case)
        return assess(self.packs, facts_of(values, pack_of(self.packs, values), self.today), self.today)

    def say(
        self, template: str, choices: tuple[tuple[str, str], ...] = (), links: tuple[Link, ...] = (), **context: Any
    ) -> None:
        self.says.append(Say(template, context, choices, links))

    def move(self, event: str, state: str, asking: str | None = None) -> None:
        """Go to a state; the table of moves says from where it may be reached."""
        if state not in MOVES.get((self.s["state"], event), ()):
            raise AssertionError(f"no move {event} from {self.s['state']} to {state}")
        self.s["state"], self.s["asking"] = state, asking

    def state_name(self) -> str:
        if self.s["state"] != ASKING:
            return str(self.s["state"])
        return f"asking:{str(self.s['asking']).split('.')[0]}"

    def refused(self, values: Values) -> bool:
        """Say why, where these values cannot all be true."""
        pack = pack_of(self.packs, values)
        found = assess(self.packs, facts_of(values, pack, self.today), self.today)
        if found["status"] != "refused":
            return False
        self.say("refused", code=found["why"], message=found["message"])
        self.again = True
        return True

    def hours(self, asked: str, hours: Any) -> Values:
        """The same hours for everything the pending question asks about; `full`: what is required."""
        values, pack = self.values(), self.pack()
        parts = asked.split(".")
        years = [int(parts[1])] if len(parts) > 1 else asked_years(values, pack)
        categories = parts[2:] or list(CATEGORIES)
        return {
            f"history.{year}.{category}": pack.requirement[category] if hours == "full" else hours
            for year in years for category in categories
            if self.s["redo"] == asked or f"history.{year}.{category}" not in values
        }  # fmt: skip

    def record(
        self,
        new: Values,
        said: str,
        reading: Reading | None,
        *,
        asked: str | None,
        claims: list[str] | None = None,
        unset: list[str] | None = None,
    ) -> None:
        """Append one accepted answer to the log; what was answered to the same question before gives way after a step back."""
        if asked and self.s["redo"] == asked:
            for earlier in self.case["log"]:
                if earlier["asked"] == asked:
                    earlier["set"] = {
                        path: value for path, value in earlier["set"].items() if not is_about(asked, path)
                    }
                    earlier.pop("claims", None)
        words = (
            {path: words for path, words in reading.words.items() if path in new or path == "age"} if reading else {}
        )
        entry: dict[str, Any] = {
            "asked": asked or "",
            "set": new,
            "words": words,
            "said": said,
            "message": self.message.id,
        }
        if claims:
            entry["claims"] = claims
        if unset:
            entry["unset"] = unset
        self.case["log"].append(entry)
        self.noted = {"asked": asked or "", "set": new, "said": said}

    def settled(self, asked: str) -> None:
        self.s["redo"] = None
        self.s["fails"].pop(asked, None)
        self.case["path"].append(asked)
        if asked == "circumstances":
            self.case["screened"] = True

    def advance(self, event: str) -> None:
        """To the next question that can still change the result, or to the check page."""
        if self.s.get("which_year") and self.case["log"]:
            self.move(event, ASKING, "review_year")
            return
        ahead = questions(self.packs, self.case, self.today)
        if ahead:
            self.move(event, ASKING, ahead[0])
        else:
            self.move(event, REVIEW)

    def lines(self, only: set[str] | None = None) -> list[dict[str, Any]]:
        """The facts that stand, a line each: fact, value, the words it came from."""
        values = self.values()
        words: dict[str, str] = {}
        for entry in self.case["log"]:
            for path in entry["set"]:
                words[path] = (
                    entry["words"].get(path) or entry["words"].get(path.removeprefix("said_")) or entry["said"]
                )
        lines = []
        route = values.get("route", "review")
        for path in sorted(values, key=line_order):
            if only is not None and path not in only:
                continue
            if {"tenure_start": "exceptional", "recognition_years": "recognition"}.get(path, route) == route:
                lines.append({"path": path, "value": values[path], "words": words.get(path, "")})
        return lines


def is_about(asked: str | None, path: str) -> bool:
    """Whether a value is what the pending question is about."""
    if asked is None:
        return False
    root = asked.split(".")[0]
    if root in ("birth", "birth_day"):
        return path in ("birth", "age", "said_age", "birth_year")
    if root == "circumstances":
        return path.split(".")[0] in CIRCUMSTANCES
    return path.split(".")[0] == root


def line_order(path: str) -> tuple[int, str]:
    root = {"said_age": "birth", "birth_year": "birth"}.get(path, path.split(".")[0])
    return (ORDER.index(root) if root in ORDER else len(ORDER), path)

"""The conversation as a state machine, pure: a session and a message in, the next session and what to say out.

Knows no channel and no database; the day and the way to answer questions are arguments.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
    flatten,
    fold,
    new_case,
    pack_of,
    questions,
)
from bot.language import Reading, read
from bot.messages import Link, Message
from bot.progress import questions_left
from bot.states import ASKING, IDLE, MOVES, RESULT, REVIEW, WELCOME
from bot.wording import wording
from rules import Packs, PolicyPack, assess

Session = dict[str, Any]
MAX_UNDO = 10


@dataclass(frozen=True, slots=True)
class Say:
    """One thing to say: a template and what it needs; the codes of the buttons under it, with labels of their own where not the usual."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a question, ready to be shown; `near`: (topic, label) to offer where it is not sure."""

    text: str
    links: tuple[Link, ...] = ()
    near: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one message led to. `forget`: everything of this person is to be deleted; `toast`: a word for the tap alone."""

    session: Session
    says: tuple[Say, ...]
    state: str
    facts: dict[str, Any]
    assessment: dict[str, Any] | None
    answer: dict[str, Any] | None
    toast: str = ""
    forget: bool = False


# (text or "topic:ID" or "platform:ID", facts, assessment) -> the answer, or None where it is no question we know
Ask = Callable[[str, dict[str, Any], dict[str, Any] | None], Answered | None]


def new_session(packs: Packs, today: date) -> Session:
    """Nothing known, nothing asked."""
    return {
        "v": 1, "serial": 0, "shown": "", "state": WELCOME, "asking": None, "current": "self", "cases": {"self": new_case()},
        "offer": None, "fails": {}, "undo": [], "redo": None, "day": today.isoformat(), "pack": packs.newest.sha256,
    }  # fmt: skip


def take(
    packs: Packs, session: Session | None, message: Message, today: date, ask: Ask, expired: date | None = None
) -> Step:
    """What one delivery leads to. `expired`: the day on which facts told earlier were deleted for their age."""
    return _Talk(packs, session, message, today, ask).step(expired)


def codes(packs: Packs, session: Session, today: date) -> list[tuple[str, str]]:
    """The buttons of the pending prompt: (code, label)."""
    talk = _Talk(packs, session, Message("", "", "", ""), today, lambda *_: None)
    return [(code, label or wording().labels[code.partition(":")[2]]) for code, label in talk._codes()]


class _Talk:
    """One message being taken: the working copy of the session and what has been said so far."""

    def __init__(self, packs: Packs, session: Session | None, message: Message, today: date, ask: Ask) -> None:
        self.packs, self.message, self.today, self.ask = packs, message, today, ask
        self.fresh = session is None
        self.s: Session = new_session(packs, today) if session is None else copy.deepcopy(session)
        self.says: list[Say] = []
        self.toast = ""
        self.forget = False
        self.again = False  # the pending prompt is put again rather than a new one
        self.noted: dict[str, Any] | None = None

    # ------------------------------------------------------------ what stands

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

    # ------------------------------------------------------------ one message

    def step(self, expired: date | None) -> Step:
        if self.message.group:
            return self._in_group()
        if expired is not None:
            self.say("expired", day=expired)
        self._catch_up()
        if self.message.kind == "choice":
            self._tap(self.message.choice)
        elif self.message.kind == "edit":
            self._edited()
        elif self.message.text.strip():
            self._text(self.message.text)
        else:
            self._wordless()
        self.s["day"] = self.today.isoformat()
        if self.forget:
            self.s = new_session(self.packs, self.today)
        self._prompt()
        facts = self.facts()
        assessment = self.assessment() if self.s["state"] == RESULT else None
        return Step(self.s, tuple(self.says), self._state(), facts, assessment, self.noted, self.toast, self.forget)

    def _state(self) -> str:
        if self.s["state"] != ASKING:
            return str(self.s["state"])
        return f"asking:{str(self.s['asking']).split('.')[0]}"

    def _in_group(self) -> Step:
        """Where others read along no personal facts are taken and nothing is kept."""
        answer = self.ask(self.message.text, {}, None) if self.message.text.strip() else None
        if answer is not None and not answer.near:
            self.say("answer", text=answer.text, links=answer.links)
        self.say("group")
        return Step(self.s, tuple(self.says), self._state(), {}, None, None)

    def _catch_up(self) -> None:
        """What has changed since the last message: the pack, the questions, the year."""
        before = date.fromisoformat(self.s["day"])
        if self.s["pack"] != self.packs.newest.sha256:
            self._updated()
        if before.year != self.today.year and self.case["log"] and "review_year" not in self.values():
            self.s["which_year"] = True
        if self.s["asking"] is not None and self.s["asking"].split(".")[0] not in wording().questions:
            self._advance("begin")

    def _updated(self) -> None:
        """Keep what still holds of every case under the new pack and questions."""
        self.s["pack"] = self.packs.newest.sha256
        kept = dropped = 0
        for case in self.s["cases"].values():
            known = fold(case)
            gone = {path for path in known if path.split(".")[0] not in (*ORDER, "said_age", "birth_year")}
            values = {path: value for path, value in known.items() if path not in gone}
            pack = pack_of(self.packs, values)
            for path in list(values):
                if (
                    assess(self.packs, facts_of({path: values[path]}, pack, self.today), self.today)["status"]
                    == "refused"
                ):
                    gone.add(path)
            for entry in case["log"]:
                entry["set"] = {path: value for path, value in entry["set"].items() if path not in gone}
            kept, dropped = kept + len(known) - len(gone), dropped + len(gone)
        if kept or dropped:
            ahead = questions(self.packs, self.case, self.today)
            self.say(
                "updated", kept=kept, dropped=dropped, new=len(ahead) if self.s["state"] in (REVIEW, RESULT) else 0
            )
        if self.s["state"] in (REVIEW, RESULT, ASKING):
            self._advance("begin")

    def _wordless(self) -> None:
        """A sticker, a voice without words, a picture, a place, something deleted: never silence."""
        self.say("wordless", kind=self.message.kind)
        self.again = True

    def _edited(self) -> None:
        """An edited message corrects the answer it gave."""
        entries = [entry for entry in self.case["log"] if entry.get("message") == self.message.replaces]
        asked = entries[0]["asked"] if entries else (self.s["asking"] or "")
        reading = read(self.message.text, self.today, asking=asked or None, review_year=self.pack().review_year)
        new, _ = self._wanted(reading)
        if not entries:
            self.say("edit_unknown")
            self._text(self.message.text)
            return
        if not new:
            self.say("edit_unread", values=self._lines())
            self.again = True
            return
        after = copy.deepcopy(self.case)
        for entry in after["log"]:
            if entry.get("message") == self.message.replaces:
                entry["set"] = {}
        target = next(entry for entry in after["log"] if entry.get("message") == self.message.replaces)
        target |= {"set": new, "said": self.message.text, "words": dict(reading.words)}
        if self._refused(fold(after)):
            return
        self._remember_undo()
        self.s["cases"][self.s["current"]] = after
        self.say("edit_taken", lines=self._lines(set(new)))
        self._advance("answer")

    # ------------------------------------------------------------ text

    def _text(self, text: str) -> None:
        bare = text.strip()
        pending = self._codes()
        if bare.isascii() and bare.isdigit() and 0 < int(bare) <= len(pending) and not self._takes_numbers():
            self._tap(f"{self.s['serial']}.{pending[int(bare) - 1][0]}")
            return
        asking = "review" if self.s["state"] in (REVIEW, RESULT) else self.s["asking"]
        reading = read(self._with_hint(bare), self.today, asking=asking, review_year=self.pack().review_year)
        if (
            self.s["offer"] is not None
            and reading.command in ("yes", "no", "confirm", "undo", "result")
            and not reading.facts
        ):
            self._resolve(reading.command in ("yes", "confirm", "result"))
            return
        if reading.about == "other" and (reading.facts or reading.doubts) and self.s["current"] == "self":
            self._open_other()
        answer = None
        if (
            not reading.command
            and (reading.question or not reading.facts)
            and not (reading.asks_result and reading.facts)
        ):
            answer = self.ask(bare, self.facts(), None)
        if answer is not None and not (reading.facts and answer.near):
            self.say("answer", text=answer.text, links=answer.links, choices=_topics(answer))
            if not reading.facts:
                self.again = True
                return
        if self._recap_first(reading):
            return
        if self._answers(reading, bare):
            return
        if reading.command is not None and self._command(reading.command.partition(":")[0]):
            return
        if reading.asks_result or (reading.command == "start"):
            self._begin()
            return
        self._misunderstood(reading)

    def _takes_numbers(self) -> bool:
        """Whether a bare number is an answer rather than the number of a button."""
        asking = str(self.s["asking"]).split(".")[0] if self.s["state"] == ASKING else ""
        return asking in ("birth", "birth_day", "recognition_years", "tenure_start", "transfer", "epidemic_years") or (
            str(self.s["asking"]).startswith("history.") and self.s["state"] == ASKING
        )

    def _with_hint(self, text: str) -> str:
        """A bare month after a year or an age was told: the year is put in front."""
        values = self.values()
        if self.s["asking"] != "birth" or not text or len(text) > 4 or "月" not in text:
            return text
        if "birth_year" in values:
            return f"{values['birth_year']}年{text}"
        return text

    def _recap_first(self, reading: Reading) -> bool:
        """Somebody back after a day or more is told where they were, unless they go straight on."""
        before = date.fromisoformat(self.s["day"])
        if before == self.today or self.s["state"] not in (ASKING, REVIEW) or reading.facts:
            return False
        if reading.command not in (None, "greeting", "help", "thanks"):
            return False
        choices = tuple((f"go:{name}", "") for name in ("continue", "edit", "restart"))
        self.say("recap", day=before, lines=self._lines(), choices=choices)
        self.again = True
        return True

    # ------------------------------------------------------------ answers

    def _wanted(self, reading: Reading) -> tuple[Values, list[tuple[str, dict[str, Any]]]]:
        """The values a reading would set, and notes on what cannot be taken."""
        values = self.values()
        new = flatten(reading.facts)
        notes: list[tuple[str, dict[str, Any]]] = []
        if "age" in new:
            new["said_age"] = [new.pop("age"), self.today.isoformat()]
        if "birth_day" in new:
            day = new.pop("birth_day")
            birth = str(values.get("birth", ""))
            if len(birth) >= 7:
                new["birth"] = f"{birth[:7]}-{int(day):02}"
        year = new.get("review_year")
        if year is not None and year not in self.packs.by_year:
            del new["review_year"]
            notes.append(("no_pack", {"year": year, "newest": self.packs.newest.review_year}))
        pack = pack_of(self.packs, {**values, **new})
        last = int(
            str(new.get("review_date", values.get("review_date", pack.application_day(self.today).isoformat())))[:4]
        )
        for path in [path for path in new if path.startswith("history.") and int(path.split(".")[1]) > last]:
            notes.append(("later_year", {"year": path.split(".")[1], "review_year": pack.review_year}))
            del new[path]
        if reading.adding:
            for path in new:
                old = values.get(path)
                if (
                    path.startswith("history.")
                    and isinstance(old, (int, float))
                    and isinstance(new[path], (int, float))
                ):
                    new[path] += old
        for doubt in reading.doubts:
            if doubt.reason == "birth_year_only" and isinstance(doubt.hint, dict) and "birth" not in values:
                new["birth_year"] = doubt.hint.get("birth_year")
        return new, notes

    def _refused(self, values: Values) -> bool:
        """Say why, where these values cannot all be true."""
        pack = pack_of(self.packs, values)
        found = assess(self.packs, facts_of(values, pack, self.today), self.today)
        if found["status"] != "refused":
            return False
        self.say("refused", code=found["why"], message=found["message"])
        self.again = True
        return True

    def _answers(self, reading: Reading, said: str) -> bool:
        """Take what a message tells; False where it tells nothing."""
        asked = self.s["asking"] if self.s["state"] == ASKING else None
        new, notes = self._wanted(reading)
        claims = self._claims(reading)
        simple = reading.command in ("none", "no", "unknown", "yes") and asked is not None
        if not new and not notes and not claims and not reading.denied and not reading.doubts and not simple:
            return False
        for template, context in {repr(note): note for note in notes}.values():
            self.say(template, **context)
        values = self.values()
        for denied in reading.denied:
            path, _, value = denied.partition("=")
            if str(values.get(path)) == value and path not in new:
                self._record({}, said, reading, asked="", unset=[path])
                values.pop(path)
        if simple and not new and asked is not None and self._simple(str(reading.command), asked, said):
            return True
        if new and self._refused({**values, **new}):
            return True
        for doubt in reading.doubts:
            self.say("doubt", reason=doubt.reason, words=doubt.words, fact=doubt.fact, hint=doubt.hint or {})
        changed = {path: value for path, value in new.items() if path in values and values[path] != value}
        changed |= _age_against_birth(values, new, self.today)
        if self.s["state"] in (REVIEW, RESULT):
            if changed or any(path not in values for path in new) or claims:
                self._offer(new, said, reading, claims)
            else:
                self.say("same", lines=self._lines(set(new)))
                self.again = True
            return True
        settled = asked is not None and self._settles(asked, new, claims)
        opposed = (
            {} if reading.correction else {path: value for path, value in changed.items() if not self._of(asked, path)}
        )
        taken = {path: value for path, value in new.items() if path not in opposed}
        if taken or claims:
            self._record(taken, said, reading, asked=asked if settled else "", claims=claims)
            if settled and asked is not None:
                self._settled(asked)
            self.say("taken", lines=self._lines(set(taken)), corrected=bool(changed) and reading.correction)
        elif asked is not None and not reading.denied:
            self.s["fails"][asked] = self.s["fails"].get(asked, 0) + 1
        if opposed:
            self._offer(opposed, said, reading, [])
            return True
        self._advance("answer")
        return True

    def _claims(self, reading: Reading) -> list[str]:
        """Circumstances that were named without their details."""
        return [
            doubt.fact
            for doubt in reading.doubts
            if doubt.fact in ("postdoc", "transfer", "tenure_start", "epidemic_years")
        ]

    def _simple(self, command: str, asked: str, said: str) -> bool:
        """都没有, 没有, 记不清: answers to whatever is asked."""
        root = asked.split(".")[0]
        if command == "unknown":
            self._unknown(asked, said)
            return True
        if root == "circumstances" and command in ("none", "no", "unknown"):
            self._record({}, said, None, asked=asked)
            self.case["screened"] = True
        elif root in ("transfer", "tenure_start", "postdoc") and command in ("none", "no"):
            self.case["skipped"].append(root)
            self._record({}, said, None, asked=asked)
        elif root == "epidemic_years" and command in ("none", "no"):
            self._record({"epidemic_years": []}, said, None, asked=asked)
        elif root == "grassroots_graduate" and command in ("none", "no", "yes"):
            self._record({"grassroots_graduate": command == "yes"}, said, None, asked=asked)
        elif root == "history" and command in ("none", "no"):
            self._record(self._hours(asked, 0), said, None, asked=asked)
        else:
            return False
        self._settled(asked)
        self.say("taken", lines=[], corrected=False)
        self._advance("answer")
        return True

    def _unknown(self, asked: str, said: str) -> None:
        """记不清: hours become a range; another fact is left open and not asked again."""
        if asked.startswith("history"):
            self._record(self._hours(asked, None), said, None, asked=asked)
        elif asked == "circumstances":
            self._record({}, said, None, asked=asked)
            self.case["screened"] = True
        else:
            self._record({}, said, None, asked=asked)
            self.case["skipped"].append(asked.split(".")[0])
        self._settled(asked)
        self.say("unknown_taken", asked=asked)
        self._advance("answer")

    def _hours(self, asked: str, hours: Any) -> Values:
        """The same hours for everything the pending question asks about; `full`: what is required."""
        values, pack = self.values(), self.pack()
        parts = asked.split(".")
        years = [int(parts[1])] if len(parts) > 1 else asked_years(values, pack)
        categories = parts[2:] or list(CATEGORIES)
        return {
            f"history.{year}.{category}": pack.requirement[category] if hours == "full" else hours
            for year in years for category in categories if f"history.{year}.{category}" not in values
        }  # fmt: skip

    def _record(
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
            self.case["log"] = [entry for entry in self.case["log"] if entry["asked"] != asked]
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

    def _settled(self, asked: str) -> None:
        self.s["redo"] = None
        self.s["fails"].pop(asked, None)
        self.case["path"].append(asked)
        if asked == "circumstances":
            self.case["screened"] = True

    def _of(self, asked: str | None, path: str) -> bool:
        """Whether a value is what the pending question is about."""
        if asked is None:
            return False
        root = asked.split(".")[0]
        if root in ("birth", "birth_day"):
            return path in ("birth", "age", "said_age", "birth_year")
        if root == "circumstances":
            return path.split(".")[0] in CIRCUMSTANCES
        return path.split(".")[0] == root

    def _settles(self, asked: str, new: Values, claims: list[str]) -> bool:
        return any(self._of(asked, path) and path != "birth_year" for path in new) or (
            asked == "circumstances" and bool(claims)
        )

    def _advance(self, event: str) -> None:
        """To the next question that can still change the result, or to the check page."""
        if self.s.get("which_year") and self.case["log"]:
            self.move(event, ASKING, "review_year")
            return
        ahead = questions(self.packs, self.case, self.today)
        if ahead:
            self.move(event, ASKING, ahead[0])
        else:
            self.move(event, REVIEW)

    def _begin(self) -> None:
        if self.s["state"] == RESULT:
            self.again = True
            return
        self._advance("begin")

    # ------------------------------------------------------------ offers

    def _offer(self, new: Values, said: str, reading: Reading | None, claims: list[str]) -> None:
        """Show what a change would do before it is applied."""
        after = self._after(new, claims)
        if self._refused(fold(after)):
            return
        entry = {
            "asked": "",
            "set": new,
            "words": dict(reading.words) if reading else {},
            "said": said,
            "message": self.message.id,
        }
        if claims:
            entry["claims"] = claims
        self.s["offer"] = {"do": "change", "entry": entry}

    def _after(self, new: Values, claims: list[str]) -> Case:
        after = copy.deepcopy(self.case)
        entry: dict[str, Any] = {"asked": "", "set": new, "words": {}, "said": "", "message": ""}
        if claims:
            entry["claims"] = claims
        after["log"].append(entry)
        after["skipped"] = [name for name in after["skipped"] if name not in {path.split(".")[0] for path in new}]
        return after

    def _resolve(self, agreed: bool) -> None:
        """改 or 不改, and the same for the other things that are asked twice."""
        offer, self.s["offer"] = self.s["offer"], None
        if not agreed:
            self.say("kept")
            return
        if offer["do"] == "delete":
            self.forget = True
            self.say("deleted")
            return
        if offer["do"] == "restart":
            self.s = {**new_session(self.packs, self.today), "serial": self.s["serial"]}
            self._advance("begin")
            return
        self._remember_undo()
        entry = offer["entry"]
        after = self._after(entry["set"], entry.get("claims", []))
        after["log"][-1] = entry
        self.s["cases"][self.s["current"]] = after
        self.noted = {"asked": "", "set": entry["set"], "said": entry["said"]}
        self.say("changed", lines=self._lines(set(entry["set"])))
        self._advance("answer")

    def _remember_undo(self) -> None:
        before = {"case": copy.deepcopy(self.case), "state": self.s["state"], "asking": self.s["asking"]}
        self.s["undo"] = [*self.s["undo"], before][-MAX_UNDO:]

    # ------------------------------------------------------------ commands

    def _command(self, name: str) -> bool:
        """Do what a word or button commands; False where it means nothing here."""
        if name in ("option", "yes", "no", "none"):
            return False
        act = getattr(self, f"_do_{name}", None)
        if act is None:
            return False
        act()
        return True

    def _do_greeting(self) -> None:
        if self.s["state"] in (WELCOME, IDLE):
            self.s["state"] = WELCOME
        self.again = True

    def _do_start(self) -> None:
        if self.s["state"] == RESULT:
            self._do_restart()
        elif self.s["state"] in (WELCOME, IDLE):
            self._advance("begin")
        else:
            self.again = True

    _do_begin = _do_start

    def _do_continue(self) -> None:
        if self.s["state"] in (WELCOME, IDLE):
            self._advance("begin")
        self.again = True

    def _do_ask_only(self) -> None:
        self.move("leave", IDLE)

    _do_ask = _do_ask_only

    def _do_cancel(self) -> None:
        self.say("stopped")
        self.move("leave", IDLE)

    _do_stop = _do_cancel

    def _do_back(self) -> None:
        """Along the path really taken; what was answered stands until it is answered again."""
        self.s["offer"] = None
        if self.s["state"] == RESULT:
            self.move("back", REVIEW)
            return
        if self.s["state"] not in (ASKING, REVIEW):
            self.again = True
            return
        if not self.case["path"]:
            self.move("back", WELCOME)
            return
        asked = self.case["path"].pop()
        root = asked.split(".")[0]
        if root in self.case["skipped"]:
            self.case["skipped"].remove(root)
        if asked == "circumstances":
            self.case["screened"] = False
        self.s["redo"] = asked
        self.move("back", ASKING, asked)

    def _do_why(self) -> None:
        if self.s["state"] == ASKING:
            self.say("why", asked=self.s["asking"])
        elif self.s["state"] == RESULT:
            self._do_explain()
            return
        else:
            self.say("why_nothing")
        self.again = True

    def _do_explain(self) -> None:
        if self.s["state"] == RESULT:
            self.say("explain", assessment=self.assessment())
        self.again = True

    def _do_unknown(self) -> None:
        if self.s["state"] == ASKING and wording().questions[self.s["asking"].split(".")[0]].unknown:
            self._unknown(self.s["asking"], self.message.text or "记不清")
        else:
            self.say("unknown_nothing")
            self.again = True

    def _do_result(self) -> None:
        if self.s["state"] == REVIEW:
            self.move("confirm", RESULT)
        elif self.s["state"] == ASKING:
            self.say("not_yet")
            self.again = True
        elif self.s["state"] in (WELCOME, IDLE):
            self._advance("begin")
        else:
            self.again = True

    _do_confirm = _do_result

    def _do_edit(self) -> None:
        if self.s["state"] in (REVIEW, RESULT):
            self.move("edit", REVIEW)
            self.say("edit_how")
        elif self.case["log"]:
            self.say("recorded", lines=self._lines(), choices=self._edits())
            self.again = True
        else:
            self.say("nothing_yet")
            self.again = True

    def _do_show_understanding(self) -> None:
        self.say("understanding", lines=self._lines())
        self.again = True

    def _do_show_data(self) -> None:
        self.say("data", lines=self._lines(), other="other" in self.s["cases"])
        self.again = True

    def _do_help(self) -> None:
        self.say("help")
        self.again = True

    def _do_human(self) -> None:
        answer = self.ask("topic:human", self.facts(), None)
        if answer is not None:
            self.say("answer", text=answer.text, links=answer.links)
        else:
            self.say("human")
        self.again = True

    def _do_thanks(self) -> None:
        self.say("thanks")
        self.again = True

    def _do_restart(self) -> None:
        if any(case["log"] for case in self.s["cases"].values()):
            self.s["offer"] = {"do": "restart"}
        else:
            self.move("restart", ASKING, questions(self.packs, self.case, self.today)[0])

    def _do_delete_data(self) -> None:
        self.s["offer"] = {"do": "delete"}

    _do_delete = _do_delete_data

    def _do_undo(self) -> None:
        if not self.s["undo"]:
            self.say("nothing_to_undo")
            self.again = True
            return
        before = self.s["undo"].pop()
        self.s["cases"][self.s["current"]] = before["case"]
        self.s["offer"] = None
        self.move("undo", before["state"] if before["state"] in (ASKING, REVIEW, RESULT) else REVIEW, before["asking"])
        self.say("undone")

    def _open_other(self) -> None:
        self.s["cases"]["other"] = new_case()
        self.s["before_other"] = [self.s["state"], self.s["asking"]]
        self.s["current"], self.s["offer"], self.s["undo"] = "other", None, []
        self._advance("other")
        self.say("other_begun")

    def _do_other_person(self) -> None:
        self._open_other()

    _do_other = _do_other_person

    def _do_mine(self) -> None:
        if self.s["current"] == "self":
            self.again = True
            return
        self.s["current"], self.s["offer"], self.s["undo"] = "self", None, []
        state, asking = self.s.pop("before_other", [WELCOME, None])
        self.move("mine", state, asking)

    def _do_remind(self) -> None:
        self.s["remind"] = True
        self.say("remind")
        self.again = True

    def _do_unsubscribe(self) -> None:
        self.s["remind"] = False
        self.s["silent"] = True
        self.say("unsubscribed")
        self.again = True

    def _do_resubscribe(self) -> None:
        self.s["silent"] = False
        self.say("resubscribed")
        self.again = True

    def _do_platform(self) -> None:
        choices = tuple((f"platform:{place.id}", place.name) for place in self.pack().platforms)
        self.say("platforms", places=self.pack().platforms, choices=choices)
        self.again = True

    def _do_keep(self) -> None:
        self.say("keep")
        self.again = True

    # ------------------------------------------------------------ taps

    def _tap(self, choice: str) -> None:
        serial, _, code = choice.partition(".")
        live = serial == str(self.s["serial"])
        kind, _, name = code.partition(":")
        if kind == "offer":
            if self.s["offer"] is not None and live:
                self._resolve(name == "yes")
            else:
                self._stale()
        elif kind in ("topic", "platform"):
            answer = self.ask(code, self.facts(), None)
            if answer is None:
                self._stale()
            else:
                self.say("answer", text=answer.text, links=answer.links)
                self.again = True
        elif kind == "edit":
            self._edit_one(name)
        elif kind == "go":
            over = not live and name in ("back", "unknown", "result", "begin", "undo", "why")
            if over or not self._command(name):
                self._stale()
        elif "=" in code:
            self._tap_answer(code, live)
        else:
            self._stale()

    def _stale(self) -> None:
        """A button of a prompt that is over: the pending one is put again."""
        self.toast = "stale"
        if not self.says:
            self.say("stale")
        self.again = True

    def _edit_one(self, fact: str) -> None:
        """改 of one line on the check page: that question again."""
        if fact.split(".")[0] not in wording().questions:
            self._stale()
            return
        if self.s["state"] == ASKING:
            self.case["path"].append(self.s["asking"])
        self._remember_undo()
        self.s["redo"] = fact
        if fact == "circumstances":
            self.case["screened"] = False
        event = "edit" if self.s["state"] in (REVIEW, RESULT) else "answer" if self.s["state"] == ASKING else "begin"
        self.move(event, ASKING, fact)

    def _tap_answer(self, code: str, live: bool) -> None:
        asked, _, value = code.partition("=")
        root = asked.split(".")[0]
        mine = live or (self.s["state"] == ASKING and self.s["asking"] == asked)
        label = wording().questions[root].label(value) if root in wording().questions else value
        if not mine or self.s["state"] != ASKING or self.s["asking"] != asked:
            new = self._tapped(asked, value)
            values = self.values()
            if new and all(path in values and values[path] == each for path, each in new.items()):
                self.toast = "taken"
                self.say("same", lines=self._lines(set(new)))
                self.again = True
            elif new:
                self._offer(new, label, None, [])
            else:
                self._stale()
            return
        if root == "circumstances":
            self._tap_circumstance(value, label)
            return
        new = self._tapped(asked, value)
        if not new:
            self._stale()
            return
        if root == "review_year":
            self.s.pop("which_year", None)
            if int(value) not in self.packs.by_year:
                self.say("no_pack", year=int(value), newest=self.packs.newest.review_year)
                new = {}
        if new and self._refused({**self.values(), **new}):
            return
        self._record(new, label, None, asked=asked)
        self._settled(asked)
        self.say("taken", lines=self._lines(set(new)), corrected=False)
        self._advance("answer")

    def _tap_circumstance(self, value: str, label: str) -> None:
        """One circumstance tapped: its details follow, then whether there is another."""
        asked = "circumstances"
        if value == "none":
            if self.s["redo"] == asked:
                self.case["log"] = [entry for entry in self.case["log"] if entry["asked"] != asked]
            self._record({}, label, None, asked=asked)
            self._settled(asked)
        else:
            new: Values = {}
            claims: list[str] = []
            if value == "grassroots":
                new = {"grassroots": True}
            elif value in ("exceptional", "recognition"):
                new = {"route": value}
            else:
                claims = [value]
            unset = ["sector"] if value == "transfer" and self.values().get("sector") == "government" else None
            self._record(new, label, None, asked=asked, claims=claims, unset=unset)
            self.case["path"].append(asked)
            self.s["redo"] = None
        self.say("taken", lines=self._lines(set(fold({"log": self.case["log"][-1:]}))), corrected=False)
        self._advance("answer")

    def _tapped(self, asked: str, value: str) -> Values:
        """What a button of a question sets."""
        root = asked.split(".")[0]
        if root == "history":
            return self._hours(asked, "full" if value == "full" else 0)
        if root == "circumstances":
            found: dict[str, Values] = {
                "grassroots": {"grassroots": True}, "exceptional": {"route": value}, "recognition": {"route": value},
            }  # fmt: skip
            return found.get(value, {})
        if root == "postdoc":
            done = value in ("grant", "project")
            flags = {
                "grant": value == "grant",
                "project": value == "project",
                "left_station": True,
                "stayed_in_region": True,
            }
            if value == "in_station":
                flags = {"left_station": False}
            elif value == "left_region":
                flags = {"left_station": True, "stayed_in_region": False}
            elif not done:
                flags = {"grant": False, "project": False}
            return {f"postdoc.{name}": flag for name, flag in flags.items()}
        if root == "epidemic_years":
            return {root: [int(value)] if value.isdigit() else []}
        if root in ("recognition_years", "review_year"):
            return {root: int(value)} if value.isdigit() else {}
        if value in ("true", "false"):
            return {root: value == "true"}
        allowed = {choice for choice, _ in wording().questions[root].choices} if root in wording().questions else set()
        return {root: value} if value in allowed else {}

    # ------------------------------------------------------------ not understood

    def _misunderstood(self, reading: Reading) -> None:
        if self.s["state"] == WELCOME and self.fresh:
            return
        place = self.s["asking"] or self.s["state"]
        fails = self.s["fails"][place] = self.s["fails"].get(place, 0) + 1
        self.say("misunderstood", asked=self.s["asking"], state=self.s["state"], times=fails)
        self.again = True

    # ------------------------------------------------------------ prompts

    def _lines(self, only: set[str] | None = None) -> list[dict[str, Any]]:
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
        for path in sorted(values, key=_line_order):
            if only is not None and path not in only:
                continue
            if {"tenure_start": "exceptional", "recognition_years": "recognition"}.get(path, route) == route:
                lines.append({"path": path, "value": values[path], "words": words.get(path, "")})
        return lines

    def _edits(self) -> tuple[tuple[str, str], ...]:
        """A button 改 for each line of the check page."""
        values = self.values()
        names = []
        for fact in (
            "sector",
            "birth",
            "sex",
            "title_level",
            "circumstances",
            "tenure_start",
            "recognition_years",
            "history",
        ):
            known = {
                "birth": any(name in values for name in ("birth", "said_age", "birth_year")),
                "circumstances": self.case["screened"] or any(path.split(".")[0] in CIRCUMSTANCES for path in values),
                "history": any(path.startswith("history.") for path in values),
            }
            if known.get(fact, fact in values) or fact in self.case["skipped"]:
                names.append(fact)
        return tuple((f"edit:{name}", f"改{wording().questions[name].name}") for name in names)

    def _codes(self) -> tuple[tuple[str, str], ...]:
        """The buttons of the pending prompt, in order."""
        if self.s["offer"] is not None:
            if self.s["offer"]["do"] == "change":
                return (("offer:yes", "改"), ("offer:no", "不改"))
            word = "sure_delete" if self.s["offer"]["do"] == "delete" else "sure_restart"
            return (("offer:yes", wording().labels[word]), ("offer:no", wording().labels["sure_no"]))
        state = self.s["state"]
        if state == WELCOME:
            return (("go:begin", ""), ("go:ask", ""))
        if state == IDLE:
            return (("go:begin", ""),) if not self.case["log"] else (("go:continue", ""), ("go:restart", ""))
        if state == REVIEW:
            undo = (("go:undo", ""),) if self.s["undo"] else ()
            return (("go:result", ""), *self._edits(), *undo, ("go:back", ""))
        if state == RESULT:
            names = ["edit", "explain", "platform", "remind", "keep", "other", "delete"]
            if self.s["undo"]:
                names.insert(1, "undo")
            if self.s["current"] == "other":
                names[names.index("other") : names.index("other")] = ["mine"]
            return tuple((f"go:{name}", "") for name in names)
        asked = str(self.s["asking"])
        question = wording().questions[asked.split(".")[0]]
        answers = [(f"{asked}={value}", label) for value, label in self._answers_of(asked)]
        around = [("go:back", ""), ("go:why", "")] + ([("go:unknown", "")] if question.unknown else [])
        return (*answers, *around)

    def _answers_of(self, asked: str) -> list[tuple[str, str]]:
        root = asked.split(".")[0]
        choices = list(wording().questions[root].choices)
        if root == "review_year":
            years = sorted({*self.packs.by_year, self.today.year})
            return [(str(year), f"{year}年度") for year in years]
        if root == "circumstances":
            values = self.values()
            claimed = {name for entry in self.case["log"] for name in entry.get("claims", ())}
            taken = {name for name in ("grassroots",) if values.get(name)} | {str(values.get("route"))} | claimed
            return [(value, label) for value, label in choices if value not in taken]
        if asked.count(".") == 2:
            return []
        return choices

    def _prompt(self) -> None:
        """Put the pending prompt under what has been said, with a new serial where it is another one."""
        offer = self.s["offer"]
        shown = repr((self.s["state"], self.s["asking"], offer, self.s["current"], len(self.case["log"])))
        if shown != self.s["shown"]:
            self.s["serial"] += 1
            self.s["shown"] = shown
        codes = self._codes()
        if offer is not None:
            self._prompt_offer(offer, codes)
        elif self.s["state"] == WELCOME:
            self.say("welcome" if not (self.again and self.says) else "welcome_again", codes)
        elif self.s["state"] == IDLE:
            self.say("idle", codes, known=bool(self.case["log"]))
        elif self.s["state"] == REVIEW:
            self.say(
                "review", codes, lines=self._lines(), skipped=self.case["skipped"], other=self.s["current"] == "other"
            )
        elif self.s["state"] == RESULT:
            self.say(
                "result",
                codes,
                assessment=self.assessment(),
                facts=self.facts(),
                other=self.s["current"] == "other",
                short=self.again,
            )
        else:
            self._prompt_question(codes)

    def _prompt_question(self, codes: tuple[tuple[str, str], ...]) -> None:
        asked = str(self.s["asking"])
        values, pack = self.values(), self.pack()
        parts = asked.split(".")
        known = [line for line in self._lines() if self._of(asked, line["path"])] if self.s["redo"] == asked else []
        left = questions_left(self.packs, self.case, self.today) if asked != "review_year" else (1, 1)
        self.say(
            "ask", codes,
            asked=parts[0], year=parts[1] if len(parts) > 1 else "", category=parts[2] if len(parts) > 2 else "",
            years=asked_years(values, pack), again=self._asked_again(parts[0], values),
            hint=values.get("birth_year") or (values.get("said_age") or [None])[0], known=known, left=left,
        )  # fmt: skip

    def _asked_again(self, root: str, values: Values) -> bool:
        if root == "birth":
            return "birth_year" in values or "said_age" in values
        return root == "circumstances" and any(entry["asked"] == "circumstances" for entry in self.case["log"])

    def _prompt_offer(self, offer: Mapping[str, Any], codes: tuple[tuple[str, str], ...]) -> None:
        if offer["do"] != "change":
            self.say(f"offer_{offer['do']}", codes)
            return
        entry = offer["entry"]
        after = self._after(entry["set"], entry.get("claims", []))
        values = self.values()
        changes = [
            {"path": path, "old": values.get(path), "known": path in values, "new": value}
            for path, value in entry["set"].items()
        ]
        self.say(
            "offer_change", codes, changes=changes, claims=entry.get("claims", []), before=self.assessment(), after=self.assessment(after),
            more=len(questions(self.packs, after, self.today)),
            fewer=_no_longer(values, fold(after)),
        )  # fmt: skip


def _topics(answer: Answered) -> tuple[tuple[str, str], ...]:
    return tuple((f"topic:{topic}", label) for topic, label in answer.near)


def _line_order(path: str) -> tuple[int, str]:
    root = {"said_age": "birth", "birth_year": "birth"}.get(path, path.split(".")[0])
    return (ORDER.index(root) if root in ORDER else len(ORDER), path)


def _no_longer(before: Values, after: Values) -> int:
    """How many answers a change makes superfluous."""
    route = after.get("route", "review")
    gone = {"tenure_start": "exceptional", "recognition_years": "recognition", "grassroots_graduate": "recognition"}
    return sum(
        1 for path, only in gone.items() if path in before and route != only and before.get("route", "review") == only
    )


def _age_against_birth(values: Values, new: Values, today: date) -> Values:
    """An age that contradicts the birth told before, or the other way round."""
    if "said_age" in new and "birth" in values:
        return {"said_age": new["said_age"]}
    return {}

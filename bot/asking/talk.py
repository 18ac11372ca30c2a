"""One message being taken: the working copy of the session, what stands in it, and what has been said so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from bot.asking.casefile import (
    ORDER,
    Case,
    Entry,
    Values,
    applies,
    root_of,
    screened,
    special_under,
    with_entry,
    year_open,
)
from bot.asking.open_questions import WHERE, View
from bot.asking.session import Place, Session, new_session, settled
from bot.asking.speech import Answered, Ask, Say, visible
from bot.asking.states import ASKING, MOVES, REVIEW
from bot.messages import Link, Message
from bot.reading import Reading
from rules import Library, Notice

SAID_LIMIT = 200  # characters kept of what was said, to show where an answer comes from


class Talk:
    """The session and the message; every step of the interview works on one of these.

    The session given is left as it is: what lies in it is replaced, never changed.
    """

    def __init__(self, library: Library, session: Session | None, message: Message, today: date, ask: Ask) -> None:
        self.library, self.message, self.today, self._ask = library, message, today, ask
        self.fresh = session is None
        self.stored = session
        self.s = new_session(library, today) if session is None else settled(session, library)
        # Where they were is no place of this release; `moved`: they are asked something else than what they have seen.
        self.lost = session is not None and (session.state, session.asking) != (self.s.state, self.s.asking)
        self.moved = False
        self.says: list[Say] = []
        self.toast = ""
        self.forget = False
        self.again = False  # the pending prompt is put again rather than a new one
        self.report: tuple[str, str] | None = None  # what HR's manager is to read
        self.noted: dict[str, Any] | None = None
        self._views: dict[int, View] = {}
        self._stood: dict[str, dict[str, Any]] = {}
        self._claimed: dict[str, float] = {}  # what a button 都学满了 told

    def as_it_was(self) -> Session:
        """The session where the message was none of the interview's: also a place that this release has not is kept."""
        old = self.stored
        if old is None:
            return self.s
        return replace(
            self.s,
            state=old.state,
            asking=old.asking,
            redo=old.redo,
            offer=old.offer,
            serial=old.serial,
            shown=old.shown,
            repeats=old.repeats,
        )

    # ------------------------------------------------------------ the case in hand

    @property
    def case(self) -> Case:
        return self.s.case

    @case.setter
    def case(self, case: Case) -> None:
        self.s.cases = {**self.s.cases, self.s.current: case}

    def view(self, case: Case | None = None) -> View:
        """What follows from a case; from the one in hand where none is given."""
        case = self.case if case is None else case
        found = self._views.get(id(case))
        if found is None:  # the view keeps the case alive, so that no other case gets its id
            found = self._views[id(case)] = View(self.library, case, self.today, self._stood)
        return found

    def values(self) -> Values:
        return self.view().values

    def notice(self) -> Notice:
        return self.view().notice

    @property
    def which_year(self) -> bool:
        """Whether the day has come to mean another year since they began, and they have not said which one they mean."""
        return self.s.which_year

    def may_ask_about(self, year: int) -> bool:
        """Whether a review year has a notice, or comes after the last that has one."""
        values = self.values()
        known = self.library.years(values.get("region", self.library.regions[0]))
        return min(known) <= year <= max(known[-1], self.today.year) + 1

    # ------------------------------------------------------------ asking, saying and moving

    def ask(
        self, text: str, facts: dict[str, Any], assessment: dict[str, Any] | None, told: bool = False
    ) -> Answered | None:
        """The answer to a text, or of a topic, under the notice of the case in hand."""
        return self._ask(text, facts, assessment, self.notice(), told)

    def say(
        self, template: str, choices: tuple[tuple[str, str], ...] = (), links: tuple[Link, ...] = (), **context: Any
    ) -> None:
        self.says.append(Say(template, context, choices, links))

    def move(self, event: str, state: str, asking: str | None = None) -> None:
        """Go to a state; the table of moves says from where it may be reached."""
        if state not in MOVES.get((self.s.state, event), ()):
            raise AssertionError(f"no move {event} from {self.s.state} to {state}")
        self.s.state, self.s.asking, self.s.step = state, asking, ""
        if state != ASKING or asking != self.s.redo:
            self.s.redo, self.s.editing, self.s.hint = None, False, None

    def ask_again(self, event: str, asked: str, *, editing: bool = False) -> None:
        """Put a question that is answered already; `editing`: off the check page, where changes are shown before they apply."""
        self.move(event, ASKING, asked)
        self.s.redo, self.s.editing = asked, editing

    def asked(self) -> str | None:
        """The pending question."""
        return str(self.s.asking) if self.s.state == ASKING else None

    def state_name(self) -> str:
        asked = self.asked()
        return str(self.s.state) if asked is None else f"asking:{asked.partition('.')[0]}"

    def advance(self, event: str) -> None:
        """To the next question that can still change the result, or to the check page; nowhere while an offer is open."""
        if self.s.offer is not None:
            return
        if self.which_year:
            self.ask_again(event, "review_year")
            return
        ahead = self.view().questions
        self.move(event, ASKING, ahead[0]) if ahead else self.move(event, REVIEW)

    def failed(self, place: str) -> int:
        """One more message at this place that was not understood; how many by now."""
        times = self.s.fails.get(place, 0) + 1
        self.s.fails = {**self.s.fails, place: times}
        return times

    # ------------------------------------------------------------ accepted answers

    def refused(self, case: Case) -> bool:
        """Say why, where the answers of a case cannot all be true."""
        view = self.view(case)
        if view.standing["status"] != "refused":
            return False
        found = view.assessment
        self.say("refused", code=found["why"], message=found["message"])
        self.again = True
        return True

    def entry(
        self,
        new: Values,
        said: str,
        reading: Reading | None = None,
        *,
        asked: str = "",
        claims: Iterable[str] = (),
        unset: Iterable[str] = (),
        skip: Iterable[str] = (),
        screened: bool = False,
    ) -> Entry:
        """One answer as the log keeps it: what it sets, takes back and leaves open, and the words it came from."""
        words = reading.words if reading else {}
        kept = {path: visible(each, SAID_LIMIT) for path, each in words.items() if path in new or f"said_{path}" in new}
        claimed = {**self._claimed, **(reading.claimed if reading else {})}
        return Entry(
            asked=asked, set=new, words=kept, said=visible(said, SAID_LIMIT), message=self.message.id,
            claimed={path: claimed[path] for path in new if path in claimed and new[path]},
            claims=tuple(claims), unset=tuple(unset), skip=tuple(skip), screened=screened,
            year=0 if not claimed or year_open(self.library, self.values(), self.today) else self.notice().review_year,
        )  # fmt: skip

    def record(self, entry: Entry) -> None:
        """Append one accepted answer to the log; of another notice, what it alone hangs on circumstances is still to be asked."""
        offered, self.case = screened(self.notice(), self.values()), with_entry(self.case, entry)
        if entry.set.keys() & WHERE and not entry.screened and screened(self.notice(), self.values()) - offered:
            self.more_circumstances()
        self.s.which_year &= "review_year" not in entry.set
        self.noted = {"asked": entry.asked, "set": entry.set, "said": entry.said}

    def settled(self, asked: str) -> None:
        """A question is answered: it lies on the path behind."""
        self.s.redo, self.s.editing, self.s.hint = None, False, None
        self.s.fails = {place: times for place, times in self.s.fails.items() if place != asked}
        if asked == "review_year":
            self.s.which_year = False
        self.walked(asked)

    def walked(self, asked: str) -> None:
        """A question lies behind; put twice in a row it is one step back."""
        if self.case.path[-1:] != (asked,):
            self.case = replace(self.case, path=(*self.case.path, asked))

    def more_circumstances(self) -> None:
        """One was told in answer to the question for them; there may be another."""
        self.case = replace(self.case, screened=False)

    def begin_case(self) -> None:
        """The case in hand from its beginning."""
        state = self.s.state
        self.case = Case()
        self.s.go(Place(state=state))
        self.s.fails = {}

    def hours(self, asked: str, hours: Any) -> Values:
        """The same hours for everything the pending question asks about; `full`: what is required."""
        parts = asked.split(".")
        years = [int(parts[1])] if len(parts) > 1 else self.view().years
        categories = parts[2:] or list(self.notice().category_ids)
        if hours == "full":
            self._claimed = {f"history.{year}.{category}": 0.0 for year in years for category in categories}
        return {
            f"history.{year}.{category}": hours if hours != "full" else self.full(year, category)
            for year in years for category in categories
            if self.s.redo == asked or f"history.{year}.{category}" not in self.values()
        }  # fmt: skip

    def full(self, year: int, category: str) -> int:
        """The hours of a full year; nobody has learned anything in one that is still to come."""
        return self.notice().requirement[category] if year <= self.today.year else 0

    def named(self, path: str, value: Any) -> Any:
        """A value as it is shown: a place by its name."""
        return self.library.name_of(value) if path in ("region", "area") and value else value

    def lines(self, only: set[str] | None = None, case: Case | None = None) -> list[dict[str, Any]]:
        """The facts that stand in a case, the one in hand where none is given, a line each: fact, value, the words it came from."""
        case = self.case if case is None else case
        values = self.view(case).values
        words: dict[str, str] = {}
        for entry in case.log:
            for path in entry.set:
                words[path] = entry.words.get(path) or entry.words.get(path.removeprefix("said_")) or entry.said
        return [
            {"path": path, "value": self.named(path, values[path]), "words": words.get(path, "")}
            for path in sorted(values, key=line_order)
            if (only is None or path in only) and applies(path, values)
        ]


def is_about(talk: Talk, asked: str | None, path: str) -> bool:
    """Whether a value is what the pending question is about."""
    if asked is None:
        return False
    root = root_of(asked)
    return root_of(path) in special_under(talk.notice()) if root == "circumstances" else root_of(path) == root


def line_order(path: str) -> tuple[int, str]:
    root = root_of(path)
    return (ORDER.index(root) if root in ORDER else len(ORDER), path)

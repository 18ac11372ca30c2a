"""What the interview says, in words: templates filled in, buttons labelled, telephone numbers made links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from bot.asking import Say
from bot.asking.questionnaire import filled, why, wording
from bot.messages import Choice, Link, Reply
from bot.telling import templates
from bot.telling.calendar import AHEAD, days
from bot.telling.facts_in_words import fact_lines, fact_name, value_words, year_words
from bot.telling.prompt import form_of, progress_words, question_words, review_rows
from bot.telling.result import Result, day_words, gap_words, place_of, result_of
from bot.telling.sentences import said, words
from rules import Contact, Library, Notice

# Prompts carry the buttons of the pending question; an answer stands in a bubble of its own.
PROMPTS = frozenset(
    (
        "welcome",
        "welcome_again",
        "idle",
        "ask",
        "review",
        "offer_change",
        "offer_delete",
        "offer_restart",
        "offer_remark",
    )
)
FILES = ("keep", "remind")  # beside the words there is a file to be had
ALONE = ("answer", "platforms", "office", "explain", *FILES)
WITH_PAGES = frozenset(("web",))  # channels where the person's own result stands on a page


class Rendering:
    """The words of one service: its packs, how long it keeps facts, its public address."""

    def __init__(self, packs: Library, *, retention_days: int, public_url: str = "") -> None:
        self.packs, self.retention_days, self.public_url = packs, retention_days, public_url
        self._address = f"{public_url}/" if public_url.startswith("https:") else ""  # what a phone elsewhere can open
        found = templates(trimmed=False)
        self._talk: Any = found.get_template("talk.j2").module
        self._noted = self.words("taken", lines=())  # says that something was taken, where nothing else does

    def replies(self, says: Iterable[Say], serial: int, pack: Notice, today: date) -> tuple[Reply, ...]:
        """The bubbles of one turn: notes stand over the prompt, answers and the result in bubbles of their own."""
        replies: list[Reply] = []
        notes: list[str] = []
        says = tuple(says)
        listed = any(say.template == "review" for say in says)  # what was taken stands in its rows
        for say in says:
            if listed and say.template == "taken" and not say.context["claims"]:
                continue
            text = self.text(say, pack, today)
            choices = tuple(Choice(f"{serial}.{code}", label or _label(code)) for code, label in say.choices)
            said_links = self._links(say, pack, today)
            if say.template == "result":
                if notes:
                    replies.append(Reply("\n".join(notes)))
                    notes = []
                told = say.context["again"]  # pointed at in a line, not told a second time
                look = None if told else {"kind": "result", "left_open": list(say.context.get("left_open", ()))}
                replies.append(Reply(text, choices, numbered=True, result=not told, look=look))
            elif say.template in PROMPTS:
                numbered = bool(choices) and not say.context.get("takes_numbers")
                look = self._look(say, notes, pack, today)
                aside = _aside(say, serial)
                replies.append(
                    Reply("\n".join([*notes, text]), choices, say.links, aside, numbered=numbered, look=look)
                )
                notes = []
            elif choices or said_links or say.template in ALONE:
                if notes:
                    replies.append(Reply("\n".join(notes)))
                    notes = []
                look = {"kind": say.template} if say.template in FILES else self._places_look(say, pack)
                replies.append(Reply(text, choices, said_links, _aside(say, serial), look=look))
            elif text and text not in notes and not (text == self._noted and notes):
                notes = [*(note for note in notes if note != self._noted), text]
        if notes:
            replies.append(Reply("\n".join(notes)))
        return tuple(replies)

    def _look(self, say: Say, notes: list[str], pack: Notice, today: date) -> dict[str, Any] | None:
        """What a page may draw in place of a prompt's text."""
        if say.template == "review":
            rows = review_rows(say.context, pack)
            return {"kind": "review", "notes": list(notes), "other": say.context["other"], "rows": rows}
        if say.template == "welcome":
            also = wording().also.get(pack.region)
            phones = pack.contact("policy").phones
            office = {**also, "number": phones[0]} if also and phones else None
            return {"kind": "welcome", "example": filled("{an_example}", pack), "also": office}
        if say.template != "ask":
            return None
        context, seen = say.context, self._ask(say.context, pack, today)
        left = context["left"]
        return {
            "kind": "question", "notes": list(notes), **seen, "answered": context["answered"], "fewest": left.fewest, "most": left.most,
            "more": left.more,
            "form": form_of(context, pack, today),
        }  # fmt: skip

    def _places_look(self, say: Say, pack: Notice) -> dict[str, Any] | None:
        """Places as a list, each with its own buttons."""
        if say.template not in ("platforms", "office"):
            return None
        listed = pack.platforms if say.template == "platforms" else (pack.contact(say.context["id"]),)
        places = [{**asdict(each), "address": each.address} for each in map(place_of, listed)]
        return {"kind": "places", "intro": str(self._talk.how_platforms()) if len(places) > 1 else "", "places": places}

    def _links(self, say: Say, pack: Notice, today: date) -> tuple[Link, ...]:
        """What can be tapped under one thing said: a place's page and its numbers, each saying whose it is."""
        if say.context.get("channel") in WITH_PAGES:
            if say.template == "keep":
                return tuple(Link(said("links", name), f"/{name}") for name in ("picture", "result"))
            return (Link(said("links", "remind"), "/remind.ics"),) if _reminded(say.context, pack, today) else ()
        if say.template == "platforms":
            return tuple(Link(f"{_bare(place.url)} {place.name}", place.url) for place in pack.platforms)
        if say.template == "office":
            return place_links(pack.contact(say.context["id"]))
        return say.links

    def words(self, template: str, **context: Any) -> str:
        """Something said that hangs on no case."""
        return str(getattr(self._talk, template)(**context)).strip()

    def text(self, say: Say, pack: Notice, today: date) -> str:
        """One thing said, in words."""
        if say.template == "result":
            left_open = say.context.get("left_open", ())
            result = result_of(say.context["assessment"], say.context["facts"], pack, today, left_open)
            return said("result", "stands", verdict=result.verdict) if say.context.get("again") else result.words
        make = getattr(self, f"_{say.template}", None)
        own = make(say.context, pack, today) if make is not None else {}
        context = {"pack": pack, "today": today, "retention": self.retention_days, **say.context, **own}
        macro = getattr(self._talk, say.template)
        return str(macro(**{name: context[name] for name in macro.arguments if name in context})).strip()

    # ------------------------------------------------------------ what each template needs beside what the interview gives

    def _welcome(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        late = today.year > pack.review_year and not context["years"]
        return {"late": late, "regions": [*map(self.packs.name_of, self.packs.regions)]}

    def _ask(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        question = question_words(context, pack)
        known = [*_lines(context["known"], pack, brief=True), *_claims(context["claims"])]
        told = _claims(["none"])[0] if context["nothing"] else "，".join(known)
        known_words = said("question", "several" if context["asked"] == "circumstances" else "known", told=told)
        return {
            "ask": question.ask, "hint": question.hint, "known": known_words if told else "",
            "progress": progress_words(context["answered"], context["left"]),
        }  # fmt: skip

    def _taken(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        told = [line for line in context["lines"] if line["path"] != "birth_year"]
        claims = [f"{_claims([name])[0]}{words()['missing'].get(name, '')}" for name in context["claims"]]
        return {"lines": [*_lines(told, pack, brief=True), *claims]}

    _same = _edit_taken = _taken

    def _offer_remark(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {
            "remarks": [(said, words, _lines(lines, pack, brief=True)) for said, words, lines in context["remarks"]]
        }

    def _changed(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        gone = [said("offer", "gone", name=_name(name)) for name in dict.fromkeys(map(_root, context["gone"]))]
        return {"lines": [*_lines(context["lines"], pack, brief=True), *_claims(context["claims"]), *gone]}

    def _recorded(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"lines": _lines(context.get("lines") or context.get("values", ()), pack, brief=True)}

    _recap = _edit_unread = _recorded

    def _unknown_taken(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        root = context["asked"].split(".")[0]
        return {"question": wording().questions[root], "hours": root == "history"}

    def _review(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        rows = review_rows(context, pack)
        lines = [line if edit == "history" else f"{name}：{line}" for name, lines, edit in rows for line in lines]
        return {"lines": lines, "other": context["other"]}

    def _with_words(self, lines: Iterable[Mapping[str, Any]], pack: Notice) -> list[tuple[str, str]]:
        return [
            (f"{fact_name(line['path'], pack)}：{value_words(line['path'], line['value'])}", line["words"])
            for line in lines
        ]

    def _understanding(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"lines": self._with_words(context["lines"], pack)}

    def _data(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {name: self._with_words(context[name], pack) for name in ("lines", "other")}

    def _why(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"text": why(context["asked"].split(".")[0], pack)}

    def _misunderstood(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        root = (context["asked"] or "").split(".")[0]
        question = wording().questions.get(root) if context["state"] == "asking" else None
        examples = filled(question.examples, pack) if question else ""
        return {"examples": examples, "can_skip": bool(question and question.unknown)}

    def _refused(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        # The rules name fields as programs do; a person is told what does not fit.
        doubts = words()["doubts"]
        return {"message": doubts.get(f"refused_{context['code']}", doubts["refused_other"])}

    def _remind(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        result = _reminded(context, pack, today)
        closes = day_words(result.closes, today) if result is not None and result.closes else ""
        return {"told": context["assessment"] is not None, "closes": closes, "ahead": AHEAD}

    def _next_steps(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        result = result_of(context["assessment"], context["facts"], pack, today)
        return {"steps": [f"{step.label}：{step.says}" for step in result.steps if step.says]}

    def _platforms(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"places": pack.platforms}

    def _office(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"place": pack.contact(context["id"])}

    def _help(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"example": filled("{an_example}", pack)}

    def _human(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"contacts": [pack.contact("policy"), pack.contact("card")]}

    def _keep(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"address": self._address}

    def _doubt(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        doubts = words()["doubts"]
        template = doubts.get(context["reason"], doubts["other"])
        return {"text": filled(template, pack).format(words=_short(context["words"]))}

    def _offer_change(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        changes = _hours_by_year(context["changes"], pack)
        for change in context["changes"]:
            if change["path"].startswith("history."):
                continue
            old = value_words(change["old_path"], change["old"]) if change["known"] else ""
            changes.append(
                {"name": fact_name(change["path"], pack), "old": old, "new": value_words(change["path"], change["new"])}
            )
        dropped = []
        for gone in context["gone"]:
            old = "，".join(value_words(path, value) for path, value in gone["stood"].items())
            dropped.append({"name": _name(gone["name"]), "old": old, "left_open": gone["left_open"]})
        claims = [{"name": _name("circumstances"), "old": "", "new": each} for each in _claims(context["claims"])]
        effect = _effect(context["before"], context["after"])
        return {"changes": changes + claims, "dropped": dropped, "effect": effect}

    def _people_so_far(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"rows": [(name, _gap(found) if found else "") for name, found in context["rows"]]}

    def _explain(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"r": result_of(context["assessment"], context["facts"], pack, today)}


def _aside(say: Say, serial: int) -> tuple[Choice, ...]:
    """What may be said of an answer itself, or the next step towards one."""
    topic = say.context.get("topic", "")
    around = [(f"wrong:{topic}", wording().labels["wrong"])] if topic else say.context.get("steps", ())
    return tuple(Choice(f"{serial}.{code}", label) for code, label in around)


def _hours_by_year(changes: Iterable[Mapping[str, Any]], pack: Notice) -> list[dict[str, str]]:
    """A year's hours on one line."""
    years: dict[str, list[Mapping[str, Any]]] = {}
    for change in changes:
        if change["path"].startswith("history."):
            years.setdefault(change["path"].split(".")[1], []).append(change)
    rows = []
    for year, parts in sorted(years.items()):
        old = {part["path"].split(".")[2]: part["old"] for part in parts if part["known"]}
        new = {part["path"].split(".")[2]: part["new"] for part in parts}
        rows.append(
            {
                "name": said("offer", "year" if old else "first_year", year=year),
                "old": year_words(old, pack) if old else "",
                "new": year_words(new, pack),
            }
        )
    return rows


def _gap(assessment: Mapping[str, Any]) -> str:
    """The gap in a few words; "" where it is not known yet."""
    status, hours = assessment["status"], gap_words(assessment)
    known = words()["offer"].get(f"gap_{status}", "")
    return known if known or not hours[:1].isdigit() else said("offer", "gap", hours=hours)


def _effect(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    old, new = _gap(before), _gap(after)
    if not old or not new:
        return said("offer", "later")
    if old == new:
        return said("offer", "same", gap=new)
    hours = gap_words(before), gap_words(after)
    numbers = all(each[:1].isdigit() for each in hours)
    return (
        said("offer", "hours", before=hours[0], after=hours[1])
        if numbers
        else said("offer", "changes", before=old, after=new)
    )


def place_links(place: Contact) -> tuple[Link, ...]:
    """An office's page and numbers."""
    page = (Link(said("links", "open", address=_bare(place.url)), place.url),) if place.url else ()
    return (*page, *(phone_link(place.name, phone) for phone in place.phones))


def _bare(url: str) -> str:
    return url.removeprefix("https://").removeprefix("http://")


def phone_link(name: str, phone: str) -> Link:
    """A telephone number that can be tapped."""
    return Link(f"{name} {phone}", "tel:" + re.sub(r"[^\d+]", "", phone))


def _reminded(context: Mapping[str, Any], notice: Notice, today: date) -> Result | None:
    """The result that has a last day to be reminded of."""
    if context["assessment"] is None:
        return None
    result = result_of(context["assessment"], context["facts"], notice, today)
    return result if days(result) else None


def _label(code: str) -> str:
    return wording().labels[code.partition(":")[2]]


def _short(words: str) -> str:
    return words if len(words) <= 40 else words[:40] + "…"


def _lines(lines: Iterable[Mapping[str, Any]], pack: Notice, brief: bool = False) -> list[str]:
    return fact_lines(((line["path"], line["value"]) for line in lines), pack, brief)


def _root(name: str) -> str:
    root = name.partition(".")[0]
    return "birth" if root in ("said_age", "birth_year", "birth_day", "age") else root


def _name(name: str) -> str:
    return wording().questions[_root(name)].name


def _claims(names: Iterable[str]) -> list[str]:
    """Circumstances as their buttons call them."""
    questions = wording().questions
    labels = dict(questions["circumstances"].choices)
    return [labels.get(name) or questions[name].name for name in names]

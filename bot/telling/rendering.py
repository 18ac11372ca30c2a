"""What the interview says, in words: templates filled in, buttons labelled, telephone numbers made links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from bot.asking import Say
from bot.asking.wording import filled, why, wording
from bot.messages import Choice, Link, Reply
from bot.telling import templates
from bot.telling.calendar import AHEAD, days
from bot.telling.facts_in_words import fact_lines, fact_name, value_words, year_words
from bot.telling.prompt import doubts, form_of, progress_words, question_words, review_rows
from bot.telling.result import Result, day_words, gap_words, place_of, result_of
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
PICTURE = Link("打开图片，长按保存", "/picture")
RESULT_PAGE = Link("打开结果，打印或存成 PDF", "/result")
CALENDAR = Link("加到日历提醒我", "/remind.ics")

# Of these circumstances it is taken down that there is one; when it was is still to be told.
_MISSING = {
    "transfer": "（年月待补）",
    "tenure_start": "（待补）",
    "epidemic_years": "（年度待补）",
    "exam_years": "（年份待补）",
}
NOTED = "好的。"  # says that something was taken, where nothing else does


class Rendering:
    """The words of one service: its packs, how long it keeps facts, its public address."""

    def __init__(self, packs: Library, *, retention_days: int, public_url: str = "") -> None:
        self.packs, self.retention_days, self.public_url = packs, retention_days, public_url
        self._address = f"{public_url}/" if public_url.startswith("https:") else ""  # what a phone elsewhere can open
        found = templates(trimmed=False)
        self._talk: Any = found.get_template("talk.j2").module
        self._doubts = doubts()

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
            elif text and text not in notes and not (text == NOTED and notes):
                notes = [*(note for note in notes if note != NOTED), text]
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
                return PICTURE, RESULT_PAGE
            return (CALENDAR,) if _reminded(say.context, pack, today) is not None else ()
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
            return f"结果没有变：{result.verdict}" if say.context.get("again") else result.words
        make = getattr(self, f"_{say.template}", None)
        context = make(say.context, pack, today) if make is not None else dict(say.context)
        if say.template == "explain":
            return str(context["text"])
        words: str = getattr(self._talk, say.template)(**context)
        return words.strip()

    # ------------------------------------------------------------ what each template needs beside what the interview gives

    def _welcome(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        late = today.year > pack.review_year and not context["years"]
        return {
            "retention": self.retention_days, "pack": pack, "late": late, "today": today, "years": context["years"],
            "unnoticed": context["unnoticed"], "regions": [*map(self.packs.name_of, self.packs.regions)],
        }  # fmt: skip

    def _ask(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        words = question_words(context, pack)
        known = [*_lines(context["known"], pack, brief=True), *_claims(context["claims"])]
        told = "都没有" if context["nothing"] else "，".join(known)
        several = "。要改就重新选" if context["asked"] == "circumstances" else ""
        return {
            "ask": words.ask, "hint": words.hint, "known": f"您之前答的是：{told}{several}" if told else "",
            "progress": progress_words(context["answered"], context["left"]),
        }  # fmt: skip

    def _taken(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        told = [line for line in context["lines"] if line["path"] != "birth_year"]
        claims = [
            f"{words}{_MISSING.get(name, '')}"
            for name, words in zip(context["claims"], _claims(context["claims"]), strict=True)
        ]
        return {"lines": [*_lines(told, pack, brief=True), *claims]}

    _same = _edit_taken = _taken

    def _offer_remark(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {
            "remarks": [(said, words, _lines(lines, pack, brief=True)) for said, words, lines in context["remarks"]]
        }

    def _changed(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        gone = [f"{_name(name)}不再算" for name in dict.fromkeys(_root(name) for name in context["gone"])]
        return {"lines": [*_lines(context["lines"], pack, brief=True), *_claims(context["claims"]), *gone]}

    def _recorded(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"lines": _lines(context["lines"], pack, brief=True)}

    def _edit_unread(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"lines": _lines(context["values"], pack)}

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
        return {
            "lines": self._with_words(context["lines"], pack),
            "other": self._with_words(context["other"], pack),
            "retention": self.retention_days,
        }

    def _why(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"text": why(context["asked"].split(".")[0], pack)}

    def _expired(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"day": context["day"], "retention": self.retention_days}

    def _recap(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"day": context["day"], "lines": _lines(context["lines"], pack)}

    def _misunderstood(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        root = (context["asked"] or "").split(".")[0]
        question = wording().questions.get(root) if context["state"] == "asking" else None
        examples = filled(question.examples, pack) if question else ""
        return {
            "times": context["times"],
            "examples": examples,
            "state": context["state"],
            "can_skip": bool(question and question.unknown),
        }

    def _refused(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        # The rules name fields as programs do; a person is told what does not fit.
        known = {"implausible_birth": "implausible_birth", "transfer_after_review_date": "transfer_after_review_date"}
        reason = self._doubts.get(f"refused_{known.get(context['code'], 'other')}", self._doubts["refused_other"])
        return {"message": reason}

    def _remind(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        result = _reminded(context, pack, today)
        closes = day_words(result.closes, today) if result is not None and result.closes else ""
        told = context["assessment"] is not None
        return {"channel": context["channel"], "told": told, "closes": closes, "ahead": "天和".join(map(str, AHEAD))}

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
        return {"channel": context["channel"], "address": self._address}

    def _doubt(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        template = self._doubts.get(context["reason"], self._doubts["other"])
        return {"text": filled(template, pack).format(words=_short(context["words"]))}

    def _answer(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        return {"text": context["text"]}

    def _offer_change(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        changes = _hours_by_year(context["changes"], pack)
        for change in context["changes"]:
            if change["path"].startswith("history."):
                continue
            old = value_words(change["old_path"], change["old"]) if change["known"] else ""
            changes.append(
                {"name": fact_name(change["path"], pack), "old": old, "new": value_words(change["path"], change["new"])}
            )
        for gone in context["gone"]:
            old = "，".join(value_words(path, value) for path, value in gone["stood"].items()) or "有"
            changes.append({"name": _name(gone["name"]), "old": old, "new": "空着" if gone["left_open"] else "没有"})
        changes += [{"name": "特殊情况", "old": "", "new": words} for words in _claims(context["claims"])]
        before, after = gap_words(context["before"]), gap_words(context["after"])
        effect = _effect(before, after)
        return {"changes": changes, "effect": effect, "more": context["more"], "fewer": context["fewer"]}

    def _people_so_far(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        rows = [(name, gap_words(found) if found else "") for name, found in context["rows"]]
        return {"rows": [(name, f"缺口 {gap}" if gap[:1].isdigit() else gap) for name, gap in rows]}

    def _explain(self, context: Mapping[str, Any], pack: Notice, today: date) -> dict[str, Any]:
        result = result_of(context["assessment"], context["facts"], pack, today)
        lines = [f"{clause}：{says}" for clause, says in result.clauses]
        lines += result.folded
        lines += [f"不适用：{says}（{clause}）" for clause, says in result.not_applied]
        return {"text": "\n".join(lines)}


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
            {"name": f"{year}年学时", "old": year_words(old, pack) if old else "", "new": year_words(new, pack)}
        )
    return rows


def _effect(before: str, after: str) -> str:
    if "未定" in (before, after):
        return "结果答完再算"
    if before != after:
        return f"缺口 {before} → {after}"
    return f"结果不变：{'缺口 ' if before[:1].isdigit() else '学时'}{before}"


def place_links(place: Contact) -> tuple[Link, ...]:
    """An office's page and numbers."""
    page = (Link(f"打开 {_bare(place.url)}", place.url),) if place.url else ()
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

"""How a question and the check page look: one bold line, a quiet hint, how far one is, and a form where buttons are not enough."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from bot.asking.casefile import CIRCUMSTANCES, root_of
from bot.asking.open_questions import QUESTIONS
from bot.asking.questionnaire import filled, wording
from bot.telling.facts_in_words import fact_lines
from bot.telling.sentences import said
from rules import Notice

CAREER = 45
"""Years back that a picker of months offers for something within one's working life."""
MONTHS = ("tenure_start", "transfer")


class Words(NamedTuple):
    """A question: the line that asks, and what may be said beside it."""

    ask: str
    hint: str


def question_words(context: Mapping[str, Any], notice: Notice) -> Words:
    """The words of the pending question; from the third time on other ones."""
    question = wording().questions[context["asked"]]
    if (times := context["times"]) > 2:
        name = f"{context['year']}年{question.name}" if context["year"] else question.name
        return Words(said("doubts", "asked_thrice" if times < 5 else "asked_on", name=name, times=times), "")
    category = context["category"]
    if context["asked"] == "history" and context["year"]:
        name = notice.short_names[category] if category else "和".join(each.short for each in notice.categories)
        text = filled(question.again, notice).format(year=context["year"], category=name)
        text = text if category else text.replace("学了", "各学了")
    elif context["again"] and question.again:
        text = filled(question.again, notice)
    else:
        years = context["years"]
        text = filled(question.ask, notice).format(years="、".join(f"{year}年" for year in years))
        text = text.replace("，每年的", "的") if len(years) == 1 else text
    text += "".join(said("question", "estimated", year=year) for year in context["unnoticed"])
    end = text.find("？") + 1
    return Words(text[:end], text[end:].strip()) if end else Words(text, "")


def progress_words(answered: int, left: Any) -> str:
    """How far one is; nothing where only this question is put."""
    if not left.most:
        return ""
    return said("question", "progress" if answered else "first", answered=answered, most=left.most)


def review_rows(context: Mapping[str, Any], notice: Notice) -> list[tuple[str, list[str], str]]:
    """The check page: name, its values a line each, the question that 改 puts again; in the order in which it is asked."""
    questions = wording().questions
    rows: dict[str, tuple[str, list[str], str]] = {}
    for line in context["lines"]:
        root = root_of(line["path"])
        edit = "circumstances" if root in CIRCUMSTANCES else root
        rows.setdefault(root, (questions[root].name, [], edit if questions[edit].ask else ""))
    for root, (name, values, _) in rows.items():
        told = [(line["path"], line["value"]) for line in context["lines"] if root_of(line["path"]) == root]
        values += [each.removeprefix(f"{name}：") for each in fact_lines(told, notice)]
    special = questions["circumstances"].name
    labels = dict(questions["circumstances"].choices)
    claims = [labels.get(name) or questions[name].name for name in context["claims"]]
    if claims or context["nothing"]:
        rows["circumstances"] = (special, claims or [labels["none"]], "circumstances")
    for name in context["skipped"]:
        if name in questions and name not in rows:
            rows[name] = (questions[name].name, [said("question", "left_open")], name)
    order = [*(name for name in QUESTIONS if name != "history"), "history"]
    place = {name: at for at, name in enumerate(order)}
    beside = place["history"] - 0.5  # what is never asked stands before the hours
    return [row for _, row in sorted(rows.items(), key=lambda item: place.get(item[1][2] or item[0], beside))]


def form_of(context: Mapping[str, Any], notice: Notice, today: date) -> dict[str, Any] | None:
    """What a page may offer to fill in; it is sent as the sentence that a person would have typed."""
    asked, values = context["asked"], {line["path"]: line["value"] for line in context["known"]}
    if asked == "history":
        years = [int(context["year"])] if context["year"] else list(context["years"])
        columns = [
            [each.short, each.id, each.hours] for each in notice.categories if context["category"] in ("", each.id)
        ]
        told = {str(year): {id: values.get(f"history.{year}.{id}") for _, id, _ in columns} for year in years}
        return {"kind": "hours", "years": years, "columns": columns, "told": told}
    if asked == "birth":
        young, old = notice.limits["age"]
        return {"kind": "month", "years": [today.year - young, today.year - old], "end": wording().steps["born"]}
    if asked in MONTHS:
        return {"kind": "month", "years": [today.year, today.year - CAREER + 1], "end": ""}
    return {"kind": "day"} if asked == "birth_day" else None

"""Answers in steps of buttons, for channels that have no form: each step narrows the answer down, the last types the words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.asking.casefile import Values
from bot.asking.questionnaire import wording
from bot.asking.talk import Talk

Buttons = tuple[tuple[str, str], ...]
MONTHS = ("birth", "tenure_start", "transfer")
NEW = -1
"""Repeats of a prompt that stands for the first time when it is put next."""
_DECADES = 6  # of those old enough, back from the youngest
_DAYS = ((1, 10), (11, 20), (21, 31))
_TYPED = re.compile(
    r"(?:(?P<fact>birth|tenure_start|transfer)\.(?P<year>\d{4})-(?P<month>\d\d)|day\.(?P<day>\d\d?)"
    r"|history\.(?P<whole>\d{4})\.(?P<how>full|none)|(?P<path>history\.(?P<of>\d{4})\.(?P<category>[a-z_]+)\.(?P<hours>\d{1,3})))",
    re.ASCII,
)


def buttons(talk: Talk) -> Buttons:
    """The buttons of the step that has come; none where the question has no steps."""
    asked = str(talk.asked() or "")
    root, *parts = asked.split(".")
    step = talk.s.step
    if root in MONTHS:
        return _months(talk, root, step)
    if root == "birth_day":
        days = next((each for each in _DAYS if step == str(each[0])), None)
        if days is None:
            return tuple((f"step:{low}", _word("days", low=low, high=high)) for low, high in _DAYS)
        return tuple((f"type:day.{day}", _word("day", day=day)) for day in range(days[0], days[1] + 1))
    return _hours(talk, ".".join(parts), step) if root == "history" else ()


def take(talk: Talk, step: str) -> bool:
    """One step further; False where the pending question has no such step."""
    before, talk.s.step = talk.s.step, _before(talk, step)
    if f"step:{step}" not in dict(buttons(talk)):
        talk.s.step = before
        return False
    talk.s.step, talk.again, talk.s.repeats = step, True, NEW
    return True


def _before(talk: Talk, step: str) -> str:
    """Where a step is taken from."""
    return step[:3] if len(step) == 4 and talk.asked() in MONTHS else step.rpartition(".")[0]


def back(talk: Talk) -> bool:
    """One step back; False where none was taken."""
    step, talk.s.step = talk.s.step, _before(talk, talk.s.step)
    if step:
        talk.again, talk.s.repeats = True, NEW
    return bool(step)


def on(talk: Talk, sets: Values) -> None:
    """After one category's hours those of the other in the same year, while hours are asked about."""
    for path in sets:
        _, year, category = path.split(".") if path.startswith("history.") else ("", "", "")
        others = [each for each in talk.notice().category_ids if each != category] if year else []
        left = [each for each in others if f"history.{year}.{each}" not in talk.values()]
        if left and str(talk.asked()).startswith("history"):
            talk.s.step = f"{year}.{left[0]}"


def typed(talk: Talk, code: str) -> tuple[str, Values]:
    """The words that a last button stands for, and what they set where that is told by the button alone; nothing for no such button."""
    found = _TYPED.fullmatch(code)
    if found is None:
        return "", {}
    if found["day"]:
        return _word("day", day=found["day"]), {}
    if found["fact"]:
        words = _word("a_month", year=found["year"], month=int(found["month"]))
        born = found["fact"] == "birth"
        return words + _word("born") * born, {"birth": f"{found['year']}-{found['month']}"} if born else {}
    if found["how"]:
        return _word(found["how"], year=found["whole"]), {}
    named = {each.id: each.short for each in talk.notice().categories}
    if found["category"] not in named:
        return "", {}
    words = _word("some", year=found["of"], category=named[found["category"]], hours=int(found["hours"]))
    return words, {found["path"].rpartition(".")[0]: int(found["hours"])}


def _months(talk: Talk, fact: str, step: str) -> Buttons:
    """The decade, the year, the month."""
    known = talk.values().get("birth_year") or talk.s.hint if fact == "birth" else None
    year = str(known or (step if len(step) == 4 else ""))
    if year:
        return tuple((f"type:{fact}.{year}-{month:02}", _word("month", month=month)) for month in range(1, 13))
    last = talk.today.year - (talk.notice().limits["age"][0] if fact == "birth" else 0)
    if len(step) == 3:
        return _years(year for year in range(int(step) * 10, int(step) * 10 + 10) if year <= last)
    decades = range(last // 10, last // 10 - _DECADES, -1)
    return tuple((f"step:{each}", _word("decade", decade=each * 10)) for each in reversed(decades))


def _years(years: Iterable[int]) -> Buttons:
    return tuple((f"step:{year}", _word("year", year=year)) for year in years)


def _hours(talk: Talk, asked: str, step: str) -> Buttons:
    """The year, full or none or a part of which category, the tens, the hours."""
    year, category, tens = (*(step or asked).split("."), "", "")[:3]
    if not year:
        return _years(talk.view().years)
    notice = talk.notice()
    if category not in notice.requirement:
        part = tuple((f"step:{year}.{each.id}", _word("part", category=each.short)) for each in notice.categories)
        whole = tuple((f"type:history.{year}.{how}", _word(how, year=year)) for how in ("full", "none"))
        return (*whole, *part) if step else part  # else the question's own buttons are that year's
    needed, path = int(notice.requirement[category]), f"history.{year}.{category}"
    if tens:
        least = int(tens) * 10
        return tuple((f"type:{path}.{hours}", str(hours)) for hours in range(least, min(least + 10, needed)))
    ranges = tuple(
        (f"step:{year}.{category}.{least // 10}", _word("tens", low=least, high=min(least + 9, needed - 1)))
        for least in range(0, needed, 10)
    )
    return (*ranges, (f"type:{path}.{needed}", _word("all", hours=needed)))


def _word(name: str, **values: object) -> str:
    return wording().steps[name].format(**values)

"""Facts in Chinese: one line a fact, the same on the check page, in an echo, in an offer and for HR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.asking.casefile import flatten
from bot.asking.questionnaire import wording
from bot.telling.sentences import said
from rules import Notice
from rules.registry import FACTS, YES_NO, phrases


def number_words(value: Any) -> str:
    """Hours as they are said: 30, 45.5, 记不清."""
    return "记不清" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def years_words(years: Iterable[int]) -> str:
    """2023、2025年; three or more in a row as 2023至2025年."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    each = [f"{run[0]}至{run[-1]}" if len(run) > 2 else "、".join(map(str, run)) for run in runs]
    return "、".join(each) + "年"


def fact_name(path: str, notice: Notice) -> str:
    """What a fact is called."""
    parts = path.split(".")
    if parts[0] == "history":
        return f"{parts[1]}年{notice.short_names.get(parts[2], parts[2])}"
    root = {"said_age": "birth", "age": "age", "birth_year": "birth"}.get(parts[0], parts[0])
    return wording().questions[root].name if root in wording().questions else path


def value_words(path: str, value: Any) -> str:
    """A value as a person would say it."""
    root, _, rest = path.partition(".")
    if root == "history":
        return f"{number_words(value)}" + ("" if value is None else "学时")
    if root == "postdoc":
        return next(yes if value else no for part, yes, no in FACTS[root].parts if part == rest)
    if root == "said_age":
        return f"{value[0]}周岁"
    if root == "age":
        return f"{value}周岁"
    if root == "birth_year":
        return f"{value}年，月份待补"
    if root in ("birth", "transfer", "tenure_start", "review_date"):
        year, month, *day = str(value).split("-")
        return f"{year}年{int(month)}月" + (f"{int(day[0])}日" if day else "")
    if root in FACTS and FACTS[root].kind == "years":
        return "、".join(f"{year}年" for year in value) or FACTS[root].none
    if root in ("recognition_years",):
        return f"{value}年"
    if root == "review_year":
        return f"{value}年度"
    return wording().questions[root].label(value) if root in wording().questions else str(value)


# Values that name themselves: 副高 needs no 申报级别 before it in an echo.
_PLAIN = frozenset((
    "said_age", "birth_year", "review_year",
    *(fact.id for fact in FACTS.values() if fact.kind in ("one_of", "birth", "place") or fact.id == "age"),
    *(name for name in YES_NO if FACTS[name].label(True) != "是"),
))  # fmt: skip


def fact_lines(values: Iterable[tuple[str, Any]], notice: Notice, brief: bool = False) -> list[str]:
    """One line a fact; like years and a postdoc's answers stand on one line each. `brief`: without the names of what is plain."""
    lines: list[str] = []
    colon = "" if brief else "："
    years: dict[str, dict[str, Any]] = {}
    postdoc: list[str] = []
    for path, value in values:
        root, _, rest = path.partition(".")
        if root == "history":
            year, category = rest.split(".")
            years.setdefault(year, {})[category] = value
        elif root == "postdoc":
            postdoc.append(value_words(path, value))
        else:
            words = value_words(path, value)
            if brief and isinstance(value, bool) and root not in _PLAIN:
                lines.append(fact_name(path, notice) if value else f"不是{fact_name(path, notice)}")
            else:
                lines.append(words if brief and root in _PLAIN else f"{fact_name(path, notice)}{colon}{words}")
    if postdoc:
        lines.append(("" if brief else f"{fact_name('postdoc', notice)}：") + "，".join(postdoc))
    alike: dict[str, list[int]] = {}  # like years in one breath
    for year, row in sorted(years.items()):
        alike.setdefault(year_words(row, notice), []).append(int(year))
    for hours, each in alike.items():
        every = "每年" if len(each) > 1 and hours[-1:].isdigit() else ""
        lines.append(f"{years_words(each)}{colon}{every}{hours}")
    return lines


def year_words(row: Mapping[str, Any], notice: Notice) -> str:
    """公需30、专业60."""
    whole = len(row) == len(notice.categories)
    if whole and all(hours is None for hours in row.values()):
        return number_words(None)
    if whole and all(hours == 0 for hours in row.values()):
        return said("bars", "none_year")
    return "、".join(f"{short}{number_words(row[name])}" for name, short in notice.short_names.items() if name in row)


def short_words(short: Mapping[str, Mapping[str, Any]], notice: Notice) -> str:
    """2024年专业20；2025年公需30、专业60."""
    return "；".join(
        f"{year}年"
        + "、".join(
            f"{notice.short_names.get(name) or said('bars', 'any_category')}{number_words(each)}"
            for name, each in row.items()
        )
        for year, row in short.items()
    )


_UNSAID = ("id", "history", "estimate", "purpose")  # shown otherwise, or no circumstance of the person


def premise_lines(facts: Mapping[str, Any], notice: Notice) -> list[str]:
    """What a result was computed from, but for the hours: a line a fact, so that two sheets can be told apart."""
    told = flatten({name: value for name, value in facts.items() if name not in _UNSAID and value is not None})
    told |= {"region": notice.region_name} if "region" in told else {}
    told |= {"area": notice.area_name or phrases()["elsewhere"]} if "area" in told else {}
    lines = fact_lines(told.items(), notice)
    if "review_year" not in facts:
        lines.append(f"{fact_name('review_year', notice)}：{value_words('review_year', notice.review_year)}")
    return lines

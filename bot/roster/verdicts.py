"""From an assessment to the cells of the result: the verdict, what is missing, why, what next, whom to call."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.telling.bars import bar_lines, years_of
from bot.telling.facts_in_words import years_words
from bot.telling.result import day_words, parted
from rules.notice import kept
from rules.registry import FACTS

if TYPE_CHECKING:
    from rules import Library, Notice

Value = str | int | float | None
_READINGS_SHOWN = 2
_PARTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "says": lambda line: f"{line['says']}（{line['clause']}）",
    "clause": lambda line: str(line["clause"]),
    "phones": lambda line: f"{line['name']} {'、'.join(line['phones'])}",
}


@cache
def words() -> dict[str, dict[str, str]]:
    """`words.toml` as it stands."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def levels() -> dict[str, str]:
    """What the levels are called, `none` where none is told."""
    return dict(FACTS["title_level"].values) | words()["level"]


def short_years(pack: Notice, history_years: int = 0) -> list[int]:
    """The years that can be missing hours, the earliest first; `history_years` more than the ordinary look-back."""
    longest = max(max((rule.by_level or {"": rule.fixed}).values()) for rule in pack.years.values())
    return list(range(pack.review_year - max(longest, history_years) + 1, pack.review_year + 1))


def needed(fact: str) -> str:
    """What a fact that is asked for is called."""
    known = FACTS.get(fact)
    return words()["needs"].get(fact) or (known and (known.header or known.name)) or fact


def headers(years: Iterable[int], labels: Iterable[str]) -> list[str]:
    """The names of the result's columns; `labels`: what the notice calls its categories of hours."""
    named = words()["columns"]
    missing = [named["short"].format(year=year, category=label) for year in years for label in (*labels,)]
    return [
        named["status"],
        *missing,
        named["total"],
        *(named[name] for name in ("bars", "reliefs", "clauses", "next", "phones")),
    ]


class Results:
    """Writes the result of one person after another; what repeats is written once."""

    def __init__(self, packs: Library, pack: Notice, years: Sequence[int], today: date) -> None:
        self._packs, self._today = packs, today
        self._year_keys = [str(year) for year in years]
        self._joined: dict[Any, tuple[Sequence[dict[str, Any]], str]] = {}
        self._said: dict[Any, str] = {}
        self._drawn: dict[str, dict[Any, Any]] = {}  # by notice
        self._status = words()["status"]
        self._next = words()["next"]
        self._labels = {category.id: category.short for category in pack.categories}

    def cells(self, assessment: dict[str, Any], facts: dict[str, Any], why: Sequence[str]) -> list[Value]:
        """The cells in the order of `headers`. `why`: sentences on cells that were not read."""
        status = assessment["status"]
        short = assessment.get("short") or {}
        estimate = (assessment.get("policy") or {}).get("estimate_for")
        row: list[Value] = [self._status[status] + (self._next["estimate"] if estimate else "")]
        for year in self._year_keys:
            missing = short.get(year)
            row += [missing and missing.get(category) for category in self._labels]
        if status == "uncertain":
            bounds = assessment["bounds"]
            row.append(f"{bounds['at_least']}-{bounds['at_most']}")
        else:
            row.append(assessment.get("short_total"))
        row.append(self._bars(assessment, facts) if status in ("short", "uncertain") else None)
        row.append(self._join("says", assessment.get("reliefs", ())))
        row.append(self._join("clause", assessment.get("clauses", ())))
        row.append(self.advice(assessment, why))
        row.append(self._join("phones", assessment.get("contacts", ())))
        return row

    def _bars(self, assessment: dict[str, Any], facts: dict[str, Any]) -> str | None:
        """The bars as every drawing has them, a line each."""
        notice = self._packs.of(assessment)
        lines, _ = bar_lines(years_of(assessment, facts, notice, kept(self._drawn, notice.id, dict)))
        return "\n".join(lines) or None

    def _join(self, part: str, lines: Sequence[dict[str, Any]]) -> str | None:
        """One text out of lines. `rules` hands out the same list for people of one kind, so the list itself is the key."""
        if not lines:
            return None
        return kept(self._joined, (part, id(lines)), self._text, part, lines)[1]

    def _text(self, part: str, lines: Sequence[dict[str, Any]]) -> tuple[Sequence[dict[str, Any]], str]:
        """The lines kept with their text, so that their id stays their own."""
        return lines, "；、"[part == "clause"].join(map(_PARTS[part], lines))

    def advice(self, assessment: dict[str, Any], why: Sequence[str]) -> str:
        """What to do next, in one or a few clauses."""
        says = self._next
        status = assessment["status"]
        if status == "refused":
            return says["refused"].format(why="；".join(why) or assessment["message"])
        parts: list[str] = []
        if status in ("met", "waived", "not_covered"):
            estimate = status != "not_covered" and (assessment.get("policy") or {}).get("estimate_for")
            parts.append(says["estimated" if estimate else status])
        elif status == "short":
            parts += self._missing(assessment)
        elif status == "uncertain":
            bounds = assessment["bounds"]
            parts.append(says["uncertain"].format(**bounds))
        else:
            parts.append(says["needs"].format(names="、".join(map(needed, assessment["needs"]))))
        readings = assessment.get("readings") or ()
        if readings:
            shown = "；".join(one["reading"] for one in readings[:_READINGS_SHOWN])
            parts.append(says["reading"].format(says=shown))
        if status in ("short", "uncertain"):
            for change in assessment.get("changes", ()):
                if change["id"] != "window_closes":
                    day = date.fromisoformat(change["from"])
                    parts.append(says["change"].format(month=day.month, day=day.day, says=change["says"]))
        if why:
            parts.append(says["open_cells"].format(why="；".join(why)))
        parts.append(says["end"])
        return "；".join(parts)

    def _missing(self, assessment: dict[str, Any]) -> list[str]:
        """What can still be done first, then what only an office can settle."""
        now, past, closes = parted(assessment, self._packs.of(assessment), self._today)
        asked, day = assessment["requirement"], day_words(closes, self._today) if closes else ""
        parts = [self._year(year, row, "this_year" if day else "past", day) for year, row in now.items()]
        parts += [self._year(year, row, "past", "") for year, row in past.items()]
        if asked["mode"] != "every_year":
            best = next(iter(assessment["short"]))
            one_of = {"years": years_words(asked["years"]), "count": asked.get("count", 1), "year": best}
            parts.insert(0, self._next["any_year"].format(**one_of))
        return parts

    def _year(self, year: str, missing: dict[str, Any], how: str, day: str) -> str:
        return kept(self._said, (year, how, day, *missing.items()), self._say_year, year, missing, how, day)

    def _say_year(self, year: str, missing: dict[str, Any], how: str, day: str) -> str:
        hours = "、".join(f"{self._labels.get(one, self._next['any'])}{amount}" for one, amount in missing.items())
        return self._next[how].format(closes=day, year=year, hours=hours)

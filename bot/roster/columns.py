"""Which column of a roster is what: headers read by meaning, wherever they stand and however they are put."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bot.roster.result import words as _words

Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]
LOOK_AT = 60  # rows at the beginning of a sheet in which the header is looked for
_DEEPEST = 3  # rows a header may be made of


class UnknownColumn(ValueError):
    """A correction names a column that is not there."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column is: the fact it fills (`hours` with year and category), its own name, how its cells are read."""

    key: str
    name: str
    kind: str
    year: int = 0
    category: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One column of the roster: its place (0 is A), the header as it stands, what it was taken for (None: only kept), and
    what it looks like too where another column was taken for that."""

    index: int
    header: str
    meaning: Meaning | None
    weight: int = 0
    twin: Meaning | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands (rows counted in the sheet as read), and every column."""

    first: int
    last: int
    columns: tuple[Found, ...]
    warnings: tuple[str, ...] = field(default=())

    @property
    def known(self) -> dict[Meaning, Found]:
        """The columns that were recognised."""
        return {found.meaning: found for found in self.columns if found.meaning is not None}

    def place(self, key: str) -> int:
        """The index of the column that fills a fact, -1 where there is none."""
        return next((found.index for found in self.columns if found.meaning and found.meaning.key == key), -1)


# ---------------------------------------------------------------- the words


@dataclass(frozen=True, slots=True)
class _Rule:
    meaning: Meaning
    whole: frozenset[str]
    part: re.Pattern[str] | None
    never: re.Pattern[str] | None
    beside: re.Pattern[str] | None
    perhaps: frozenset[str]
    unsure: frozenset[str]

    def weigh(self, text: str, full: str) -> int:
        """How sure this header (`full` with what stands in brackets) is this column: 0 not at all, 3 word for word."""
        if self.beside is not None and self.beside.search(full):
            return 0
        if text in self.whole or full in self.whole:
            return 3
        if text in self.perhaps:
            return 1
        if self.part is None or (self.never is not None and self.never.search(text)):
            return 0
        return 2 if self.part.search(text) else 0


@cache
def document() -> dict[str, Any]:
    """`columns.toml` as it stands."""
    return tomllib.loads(Path(__file__).with_name("columns.toml").read_text(encoding="utf-8"))


@cache
def _rules() -> tuple[_Rule, ...]:
    def pattern(parts: list[str]) -> re.Pattern[str] | None:
        return re.compile("|".join(parts)) if parts else None

    return tuple(
        _Rule(
            Meaning(line["key"], line["name"], line["kind"]),
            frozenset(line["is"]),
            pattern(line.get("has", [])),
            pattern([line["never"]] if "never" in line else []),
            pattern([line["beside"]] if "beside" in line else []),
            frozenset(line.get("perhaps", [])),
            frozenset(line.get("unsure", [])),
        )
        for line in document()["column"]
    )


_BRACKETS = re.compile(r"[(\[【<〈《〔{][^()\[\]【】<>〈〉《》〔〕{}]*[)\]】>〉》〕}]")
_SIGNS = re.compile(r"[\s*#＊:;,.、。·•\-_/\\|()\[\]【】<>《》“”\"'!?]+")
_ARABIC = str.maketrans("〇零一二三四五六七八九", "00123456789")
_CHINESE_YEAR = re.compile(r"[〇零一二三四五六七八九]{4}(?=年|$|\D)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)|(?<!\d)(\d\d)年|(?<!\d)(2\d)(?=公需|专业)")


def plain(header: str) -> str:
    """A header without case, width, blanks and signs."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", header).lower())


def _without_brackets(header: str) -> str:
    return plain(_outside(header)) or plain(header)


def _outside(header: str) -> str:
    """A header without what stands in brackets, also in brackets within brackets."""
    text, before = unicodedata.normalize("NFKC", header), ""
    while text != before:
        text, before = _BRACKETS.sub("", text), text
    return text


def _said(header: str, aside: str) -> str:
    """A header without the brackets that only explain."""
    text = unicodedata.normalize("NFKC", header)
    return _BRACKETS.sub(lambda match: "" if re.search(aside, match[0]) else match[0], re.sub(r"〔(\d+)〕", "", text))


@cache
def _hours(header: str, review_year: int) -> Meaning | str | None:
    """The year and category a header names; a sentence where it names only half of it, or a year that cannot count yet."""
    words = document()["hours"]
    text = plain(_said(header, words["aside"]))
    for phrase in words["not_a_category"]:
        text = text.replace(phrase, "")
    categories = [name for name in ("general", "professional") if any(word in text for word in words[name])]
    if len(categories) != 1 or re.search(words["never"], text):
        return None
    text = _CHINESE_YEAR.sub(lambda match: match[0].translate(_ARABIC), text)
    years = {int(full or "20" + (short or bare)) for full, short, bare in _YEAR.findall(text)}
    for back, phrases in enumerate((words["this_year"], words["last_year"], words["year_before"])):
        if any(phrase in text for phrase in phrases):
            years.add(review_year - back)
    label = "公需" if categories[0] == "general" else "专业"
    if len(years) != 1:
        sure = "学时" in text or "课" in text or "科目" in text or text == "公需"
        return f"“{header}”没有写是哪一年的{label}学时，没有使用" if sure and not years else None
    year = years.pop()
    if year > review_year:
        return f"“{header}”是{review_year}年度以后的学时，没有使用"
    return Meaning("hours", f"{year}{label}", "hours", year, categories[0])


def hours_meaning(year: int, category: str) -> Meaning:
    """The column of one year's hours in one category."""
    return Meaning("hours", f"{year}{'公需' if category == 'general' else '专业'}", "hours", year, category)


def _weigh(header: str, review_year: int) -> list[tuple[int, Meaning]]:
    """Every meaning that a header may have, the surest first."""
    hours = _hours(header, review_year)
    if isinstance(hours, Meaning):
        return [(3, hours)]
    text = _without_brackets(header)
    full = plain(header)
    found = [(rule.weigh(text, full), rule.meaning) for rule in _rules()]
    return sorted(((weight, meaning) for weight, meaning in found if weight), key=lambda pair: -pair[0])


# ---------------------------------------------------------------- the header rows


def recognise(
    rows: Sequence[Sequence[Any]], merged: Merged, review_year: int, corrections: dict[str, str] | None = None
) -> Header | None:
    """The header among the first rows of a sheet, None where nothing looks like one.

    `merged` is in the coordinates of `rows`. `corrections` maps a column's own name (申报级别) to the header in the sheet
    (职称) or to its letter (F); an empty value leaves that column out.
    Raises: UnknownColumn.
    """
    filled = _fill([[_text(cell) for cell in row] for row in rows[:LOOK_AT]], merged)
    bounded = _covered(filled, merged)
    best: tuple[tuple[int, int], int, int, list[str]] | None = None
    for first, row in enumerate(filled):
        if len({text for text in row if text}) < 2:
            continue
        for last in range(first, min(first + _DEEPEST, len(filled))):
            labels = _labels(filled, bounded, first, last)
            columns, _ = _assign(labels, review_year)
            score = (sum(found.meaning is not None for found in columns), sum(found.weight for found in columns))
            if best is None or score > best[0] or (score == best[0] and first == best[1] and labels != best[3]):
                best = (score, first, last, labels)  # as good and deeper: 应学 and 实学 may stand below 公需
    if best is None or (best[0][0] < 2 and not corrections):
        return None
    _, first, last, labels = best
    columns, warnings = _assign(labels, review_year)
    if corrections:
        columns = _corrected(columns, corrections, review_year)
    return Header(first, last, tuple(columns), tuple(warnings))


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip() if cell is not None else ""


def _fill(rows: list[list[str]], merged: Merged) -> list[list[str]]:
    """The rows with a merged cell's text in each of the cells that it covers."""
    width = max((len(row) for row in rows), default=0)
    filled = [row + [""] * (width - len(row)) for row in rows]
    for (top, left), (bottom, right) in merged:
        if top >= len(filled) or left >= width:
            continue
        text = filled[top][left]
        for row in range(top, min(bottom + 1, len(filled))):
            for column in range(left, min(right + 1, width)):
                filled[row][column] = text
    return filled


def _covered(rows: list[list[str]], merged: Merged) -> list[set[int]]:
    """For each row the columns that a merged cell covers."""
    covered: list[set[int]] = [set() for _ in rows]
    for (top, left), (bottom, right) in merged:
        for row in range(top, min(bottom + 1, len(rows))):
            covered[row].update(range(left, min(right + 1, len(rows[row]))))
    return covered


def _labels(rows: list[list[str]], bounded: list[set[int]], first: int, last: int) -> list[str]:
    """One label a column out of one to three header rows; a year without merged cells reaches to the right."""
    labels = []
    for column in range(len(rows[first])):
        parts: list[str] = []
        for row in range(first, last + 1):
            text = rows[row][column]
            if not text and row < last and rows[last][column]:
                text = _reaching(rows[row], column, rows[last][column], bounded[row])
            if text and text not in parts:
                parts.append(text)
        labels.append("".join(parts))
    return labels


def _reaching(row: list[str], column: int, below: str, bounded: set[int]) -> str:
    """The year, or over a year the category, that stands to the left over an empty cell, as in a file that cannot merge cells.

    A merged cell, of which the columns are `bounded`, says itself how far it reaches; a year below needs none above.
    """
    words = document()["hours"]
    for left in range(column - 1, max(column - 4, -1), -1):
        if row[left]:
            if left in bounded:
                return ""
            text, dated = plain(row[left]), _YEAR.search(plain(below)) is not None
            category = any(word in text for word in (*words["general"], *words["professional"]))
            return row[left] if (category if dated else _YEAR.search(text)) else ""
    return ""


def _assign(labels: list[str], review_year: int) -> tuple[list[Found], list[str]]:
    """Each meaning to the surest column, the leftmost on a tie."""
    claims: list[tuple[int, int, Meaning]] = []
    for index, label in enumerate(labels):
        if label and len(_outside(label)) <= 60:
            claims += [(weight, index, meaning) for weight, meaning in _weigh(label, review_year)]
    taken: dict[int, tuple[Meaning, int]] = {}
    held: dict[Meaning, int] = {}
    twins: dict[int, Meaning] = {}
    warnings: list[str] = []
    for weight, index, meaning in sorted(claims, key=lambda claim: (-claim[0], claim[1])):
        if index in taken:
            continue
        if meaning in held:
            first = labels[held[meaning]]
            twins.setdefault(index, meaning)
            if meaning.key == "name" and labels[index] == first:
                warnings.insert(0, _words()["recognised"]["two_people"].format(header=first))
            else:
                warnings.append(f"“{labels[index]}”和“{first}”都像{meaning.name}，用的是“{first}”")
            continue
        taken[index] = (meaning, weight)
        held[meaning] = index
    for label in labels:
        half = _hours(label, review_year) if label else None
        if isinstance(half, str):
            warnings.append(half)
    warnings += _doubts(labels, {meaning.key for meaning in held}, taken)
    columns = []
    for index, label in enumerate(labels):
        known, sure = taken.get(index, (None, 0))
        columns.append(Found(index, label, known, sure, twins.get(index)))
    return columns, warnings


def _doubts(labels: list[str], held: set[str], taken: dict[int, tuple[Meaning, int]]) -> Iterator[str]:
    """What to say of columns that may be something else than they look like, or that decide and are not read."""
    for index, label in enumerate(labels):
        text, full = _without_brackets(label), plain(label)
        for rule in _rules():
            if text in rule.unsure and full not in rule.whole and rule.meaning.key not in held:
                yield _words()["recognised"]["unsure"].format(header=label, name=rule.meaning.name)
            elif text in rule.perhaps and taken.get(index, (None, 0))[0] == rule.meaning:
                yield _words()["recognised"]["perhaps"].format(header=label, name=rule.meaning.name)
        for line in document()["unread"] if label and index not in taken else ():
            if re.search(line["found"], text) and line.get("without", "") not in held:
                yield line["says"].format(header=label)


# ---------------------------------------------------------------- corrections


def read_corrections(texts: Iterable[str]) -> dict[str, str]:
    """Corrections as people write them: 申报级别=职称, several parted by commas or semicolons.

    Raises: UnknownColumn for what has no equals sign.
    """
    found = {}
    for part in re.split(r"[,;，；、\n]", ";".join(texts)):
        name, equals, header = part.replace("＝", "=").partition("=")
        if not part.strip():
            continue
        if not equals or not name.strip():
            raise UnknownColumn(f"“{part.strip()}”不是更正，应写成 申报级别=职称 这样")
        found[name.strip()] = header.strip()
    return found


def _corrected(columns: list[Found], corrections: dict[str, str], review_year: int) -> list[Found]:
    meanings = {found.index: found.meaning for found in columns}
    for one, other in corrections.items():
        meaning, header = _named(one, review_year), other
        if meaning is None:
            meaning, header = _named(other, review_year), one
        if meaning is None:
            raise UnknownColumn(f"不认识列名“{one}”，可用的列名：{'、'.join(names(review_year))}")
        for index, held in meanings.items():
            if held == meaning:
                meanings[index] = None
        if header.strip():
            meanings[_place(columns, header)] = meaning
    return [Found(found.index, found.header, meanings[found.index]) for found in columns]


def _named(name: str, review_year: int) -> Meaning | None:
    text = plain(name)
    for rule in _rules():
        if text in (plain(rule.meaning.name), rule.meaning.key):
            return rule.meaning
    hours = _hours(name, review_year)
    if isinstance(hours, Meaning) and text == plain(hours.name):
        return hours
    return None


def _place(columns: list[Found], header: str) -> int:
    text = plain(header)
    for found in columns:
        if found.header and plain(found.header) == text:
            return found.index
    if re.fullmatch(r"[a-z]{1,3}", text):
        index = letters_index(text)
        if index < len(columns):
            return index
    raise UnknownColumn(f"表里没有“{header}”这一列")


def names(review_year: int) -> Iterator[str]:
    """The names of all columns, as the template writes them."""
    yield from (rule.meaning.name for rule in _rules())
    yield from (f"{review_year}公需", f"{review_year}专业")


def letters_index(letters: str) -> int:
    """A spreadsheet's column letters as an index from 0: A is 0, AA is 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


@cache
def letters(index: int) -> str:
    """An index from 0 as a spreadsheet's column letters: 0 is A, 26 is AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text

"""Which column of a roster is what: one header read by its meaning, however it is put."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.reading.lexing.normalise import simplify
from bot.roster.verdicts import words as _words
from rules.registry import FACTS, Fact

if TYPE_CHECKING:
    from rules import Notice

RECORD = (
    "record_year", "record_date", "record_category", "record_hours", "record_source", "record_verified", "record_certificate",
    "record_approved", "record_course",
)  # fmt: skip
WHO = ("card", "id", "name")  # the columns that say whose a row is


_READ = ("one_of", "yes_no", "whole", "birth", "month", "day", "years")  # kinds of facts that one cell can tell
_BEFORE = "email"  # the column that those of circumstances without words of their own stand before


class HeaderTerms(NamedTuple):
    """What headers are read by: the review year, and the notice's categories of hours, each with its short name."""

    review_year: int
    labels: tuple[tuple[str, str], ...]

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories in the notice's order."""
        return tuple(name for name, _ in self.labels)

    def in_text(self, text: str) -> list[str]:
        """The categories that a text, plain as by `plain`, names."""
        said = document()["hours"]
        for phrase in said["not_a_category"]:
            text = text.replace(phrase, "")
        return [
            name for name, short in self.labels if any(word in text for word in (short, *said["words"].get(name, ())))
        ]

    def in_order(self, header: str) -> list[str]:
        """The categories in the order in which a header names them."""
        text = plain(header)
        return sorted(self.in_text(text), key=lambda name: text.find(dict(self.labels)[name]))


def terms_of(notice: Notice) -> HeaderTerms:
    """The terms of a notice."""
    return HeaderTerms(notice.review_year, tuple((category.id, category.short) for category in notice.categories))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column is: the fact it fills (`hours` with year, 0 for one told elsewhere, and category), its own name, how its cells
    are read. A category is one of the notice's, or `total`, `done` (a year's duty done or not), `deemed`."""

    key: str
    name: str
    kind: str
    year: int = 0
    category: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One column: its place in the sheet, the header as it stands, what it was taken for (None: only kept), and what it looks like
    too where another column was taken for that. `adds`: its hours are a part of those; or of the category that the row names."""

    index: int
    header: str
    meaning: Meaning | None
    weight: int = 0
    twin: Meaning | None = None
    adds: bool = False


@cache
def document() -> dict[str, Any]:
    """`columns.toml`, with what the registry says of the facts: each has its column there, also one that stands in no line here."""
    raw = tomllib.loads(Path(__file__).with_name("columns.toml").read_text(encoding="utf-8"))
    lines = [filled(line, FACTS[line["key"]]) if line["key"] in FACTS else line for line in raw["column"]]
    told = {line["key"] for line in lines}
    new = [
        filled({"key": fact.id}, fact)
        for fact in FACTS.values()
        if fact.header and fact.kind in _READ and fact.id not in told
    ]
    at = next(at for at, line in enumerate(lines) if line["key"] == _BEFORE)
    return raw | {"column": [*lines[:at], *new, *lines[at:]]}


def filled(line: dict[str, Any], fact: Fact) -> dict[str, Any]:
    """The line of a fact's column, where it says nothing else as the registry has it."""
    name = fact.header or fact.name
    own: dict[str, Any] = {
        "name": name, "kind": fact.id if fact.kind == "one_of" else fact.kind, "says": fact.api, "fill": bool(fact.header),
        "width": 10, "example": "",
    }  # fmt: skip
    bare = _SIGNS.sub("", name.lower())
    own["is"] = [bare, "是否" + bare, fact.id.replace("_", "")]
    if fact.kind == "one_of":
        own["choices"] = [label for _, label in fact.values]
    elif fact.kind == "yes_no":
        own["choices"] = list(_words()["yes_no"].values())
    return own | line | {"is": [*own["is"], *line.get("is", ())]}


class _Rule(NamedTuple):
    """A column of `columns.toml`: its meaning, its whole headers by how they are taken, its expressions by what they are for."""

    meaning: Meaning
    whole: Mapping[str, frozenset[str]]
    found: Mapping[str, re.Pattern[str]]

    def weigh(self, text: str, full: str) -> int:
        """How sure this header (`full` with what stands in brackets) is this column: 0 not at all, 3 word for word."""
        found = self.found
        if found["beside"].search(full):
            return 0
        if text in self.whole["is"] or full in self.whole["is"]:
            return 5 if found["first"].search(text) else 4 if found["then"].search(text) else 3
        if text in self.whole["perhaps"]:
            return 1
        return 2 if found["has"].search(text) and not found["never"].search(text) else 0


_NOTHING = "(?!)"


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            Meaning(line["key"], line["name"], line["kind"], 0, "total" if line["key"] == "record_hours" else ""),
            {name: frozenset(line.get(name, ())) for name in ("is", "perhaps", "unsure")},
            {"has": re.compile("|".join(line.get("has", ())) or _NOTHING)}
            | {name: re.compile(line.get(name, _NOTHING)) for name in ("never", "beside", "first", "then", "sure")},
        )
        for line in document()["column"]
    )


_BRACKETS = re.compile(r"[(\[【<〈《〔{][^()\[\]【】<>〈〉《》〔〕{}]*[)\]】>〉》〕}]")
_LATIN = re.compile(r"(?<=[^\x00-\x7f])\s+[A-Za-z][\x00-\x7f]*$")  # the same once more in English
_SIGNS = re.compile(r"[\s+*#＊:;,.、。·•\-_/\\|()\[\]【】<>《》“”\"'!?\u1800-\u18af]+")
_ARABIC = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_CHINESE_YEAR = re.compile(r"[〇○零一二三四五六七八九]{4}(?=年|$|\D)")
SPAN = re.compile(
    r"(?:19|20)\d\d年?度?[-~—–至到](?:(?:19|20)?\d\d)年?|近.年|(?<![〇零一二三四五六七八九])[三四五]年|历年|累计"
)


_ORDINAL = re.compile(
    r"^第[一二三四五六七八九十\d]{1,2}(?:项|次|门|条|组|期|个)?|(?<=\D)[一二三四五六七八九十\d]$"
)  # 学时1, 第二项年度


@lru_cache(20_000)
def plain(header: str) -> str:
    """A header without case, width, blanks and signs, in simplified characters."""
    return simplify(_SIGNS.sub("", unicodedata.normalize("NFKC", header).lower()))


def outside(header: str) -> str:
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
def _year_pattern(terms: HeaderTerms) -> re.Pattern[str]:
    shorts = "|".join(short for _, short in terms.labels)
    return re.compile(rf"(?<!\d)((?:19|20)\d\d)(?!\d)|(?<!\d)(\d\d)年|(?<!\d)(2\d)(?={shorts})")


def years_in(text: str, terms: HeaderTerms) -> set[int]:
    """The calendar years that a heading names, 今年 counted from the review year."""
    said, text = document()["hours"], plain(text)
    text = _CHINESE_YEAR.sub(lambda match: match[0].translate(_ARABIC), text)
    years = {int(full or "20" + (short or bare)) for full, short, bare in _year_pattern(terms).findall(text)}
    for back, phrases in enumerate((said["this_year"], said["last_year"], said["year_before"])):
        if any(phrase in text for phrase in phrases):
            years.add(terms.review_year - back)
    return years


@lru_cache(20_000)
def _hours(header: str, terms: HeaderTerms) -> Meaning | str | None:
    """The year (0: none) and category a header names; a sentence where it names several years, or one that cannot count yet."""
    said = document()["hours"]
    text = plain(_said(header, said["aside"]))
    for phrase in said["not_a_category"]:
        text = text.replace(phrase, "")
    categories = terms.in_text(text)
    years = years_in(_said(header, said["aside"]), terms)
    deemed, done = re.search(said["deemed"], text), re.search(said["done"], text)
    if deemed and len(years) == 1 and categories != [terms.categories[0]]:
        return Meaning("deemed", f"{min(years)}视同", "yes_no", min(years))
    if done and years and re.search(said["of_training"], text) and not re.search(said["not_of_training"], text):
        category = categories[0] if len(categories) == 1 else "done"
        rest = re.sub(f"{said['done']}|是否", "", text)
        if re.search(said["never"], rest) or _odd(rest, terms):  # 计划完成
            return str(said["odd"]).format(header=header)
        return Meaning("hours", f"{min(years)}完成", "hours", min(years), category) if len(years) == 1 else None
    if re.search(said["never"], text):
        return None
    if len(categories) == 1:
        label = dict(terms.labels)[categories[0]]
        sure = re.search(f"学时|课|科目|^{label}$", text)
        if SPAN.search(unicodedata.normalize("NFKC", header)) or len(years) > 1:
            return f"“{header}”不是一年的{label}学时，没有使用" if sure else None
        if not years and not sure:
            return None
        category = categories[0]
    elif years and (len(categories) > 1 or re.search(f"{said['total']}|{said['sums']}", text)):
        if SPAN.search(unicodedata.normalize("NFKC", header)) or len(years) > 1:
            return f"“{header}”不是一年的学时，没有使用"
        label, category = "学时", "total"
    else:
        return None
    if odd := _odd(text, terms):
        return said["odd"].format(header=header) if years and odd else None
    year = min(years, default=0)
    if year > terms.review_year:
        return f"“{header}”是{terms.review_year}年度以后的学时，没有使用"
    return Meaning("hours", f"{year or ''}{label}", "hours", year, category)


def _odd(text: str, terms: HeaderTerms) -> str:
    """What stands in a header of hours and may make them other hours than those that count: 进度, 学分, 分钟, 待审."""
    said = document()["hours"]
    named = (
        *(short for _, short in terms.labels),
        *(word for words in said["words"].values() for word in words),
        "专业技术",
    )
    text = re.sub("|".join(sorted(map(re.escape, named), key=len, reverse=True)), "", text)
    text = re.sub("|".join((*said["this_year"], *said["last_year"], *said["year_before"])), "", text)
    return re.sub(f"{said['beside']}|[〇零一二三四五六七八九]", "", text)


@lru_cache(20_000)
def weigh(header: str, terms: HeaderTerms) -> tuple[tuple[int, Meaning], ...]:
    """Every meaning that a header may have, the surest first."""
    header = _LATIN.sub("", header)
    if not header or len(outside(header)) > 60:
        return ()
    hours = _hours(header, terms)
    if isinstance(hours, Meaning):
        said = document()["hours"]
        sums = re.search(said["sums"], plain(header)) and hours.category != "total"
        found = [(4 if sums else 2 if re.search(said["part_alone"], header) else 3, hours)]
        if hours.year or hours.category != "total":
            return tuple(found)
    text, full = plain(outside(header)) or plain(header), plain(header)
    others = re.search(document()["others"]["found"], full) is not None
    of_several = _ORDINAL.sub("", text)
    weights = [
        (rule.weigh(of_several if rule.meaning.key in RECORD else text, full), rule.meaning)
        for rule in _rules()
        if not others or rule.meaning.key in RECORD or full in rule.whole["is"]
    ]
    return tuple(sorted(((weight, meaning) for weight, meaning in weights if weight), key=lambda pair: -pair[0]))


@cache
def who_words() -> frozenset[str]:
    """Headers as they are mostly written of the columns that say whose a row is, for a quick look at many rows."""
    lines = [line["is"] for line in document()["column"] if line["key"] in WHO]
    return frozenset(
        {word for line in lines for word in line}
        | {"姓 名", "姓  名", "姓　名", "姓   名", "工 号", "身份证\n号码", "ID"}
    )


def assign(
    labels: Sequence[str], terms: HeaderTerms, corrections: dict[str, str] | None = None
) -> tuple[list[Found], list[str]]:
    """Each meaning to the surest column, the leftmost on a tie; what to say of the rest.

    `corrections` maps a header, or a column's letter, to the name of what it is; "" leaves the column out, under its own name too.
    """
    claims: list[tuple[int, int, Meaning]] = []
    for index, label in enumerate(labels):
        told = _corrected(label, corrections or {}, terms)
        claims += [(weight, index, meaning) for weight, meaning in (weigh(label, terms) if told is None else told)]
        for rule in _rules():
            if plain(label) in rule.whole["unsure"] and any(map(rule.found["sure"].search, map(plain, labels))):
                claims.append((2, index, rule.meaning))
    taken: dict[int, tuple[Meaning, int]] = {}
    held: dict[Meaning, int] = {}
    twins: dict[int, Meaning] = {}
    parts: dict[Meaning, list[int]] = {}
    warnings: list[str] = []
    said = document()["hours"]
    for weight, index, meaning in sorted(claims, key=lambda claim: (-claim[0], claim[1])):
        if index in taken or (corrections or {}).get(plain(meaning.name)) == "":
            continue
        if meaning in held:
            first, hours = labels[held[meaning]], meaning.key == "hours"
            if hours and re.search(said["within"], labels[index]):
                continue
            if hours and re.search(said["part_alone"], labels[index]) and not re.search(said["part_alone"], first):
                continue
            if hours and all(re.search(said["parts"], one) for one in (labels[index], first)):
                parts.setdefault(meaning, [held[meaning]]).append(index)
                continue
            if taken[held[meaning]][1] < 4 or (
                meaning.key == "title_level" and weight > 2
            ):  # else the parts of what a column sums up
                twins.setdefault(index, meaning)
            warnings.append(f"“{labels[index]}”和“{first}”都像{meaning.name}，用的是“{first}”")
            continue
        taken[index] = (meaning, weight)
        held[meaning] = index
    for meaning, index in held.items():
        if meaning.key == "hours" and re.search(said["part_alone"], labels[index]):
            parts.setdefault(meaning, [index])
    for meaning, indexes in parts.items():
        if _are_all([plain(labels[index]) for index in indexes]):
            twins |= dict.fromkeys(indexes[1:], meaning)
        else:
            warnings.append(_words()["recognised"]["parted"].format(name=meaning.name))
            del taken[held.pop(meaning)]
    added = {index for indexes in parts.values() for index in indexes[1:]}
    warnings += [half for label in labels if label and isinstance(half := _hours(label, terms), str)]
    warnings += _doubts(labels, {meaning.key for meaning in held}, taken)
    columns = []
    for index, label in enumerate(labels):
        known, sure = taken.get(index, (None, 0))
        columns.append(Found(index, label, known, sure, twins.get(index), index in added))
    return columns, warnings


def _are_all(labels: Sequence[str]) -> bool:
    """Whether columns are parts of which there is no other, as 必修 and 选修, or four quarters."""
    for whole in document()["hours"]["wholes"]:
        found = [[at for at, part in enumerate(whole) if re.search(part, label)] for label in labels]
        if sorted(found) == [[at] for at in range(len(whole))]:
            return True
    return False


def _doubts(labels: Sequence[str], held: set[str], taken: dict[int, tuple[Meaning, int]]) -> Iterator[str]:
    """What to say of columns that may be something else than they look like, or that decide and are not read."""
    for index, label in enumerate(labels):
        text, full = plain(outside(label)) or plain(label), plain(label)
        for rule in _rules():
            if text in rule.whole["unsure"] and full not in rule.whole["is"] and rule.meaning.key not in held:
                yield _words()["recognised"]["unsure"].format(header=label, name=rule.meaning.name)
            elif (
                text in rule.whole["perhaps"]
                and rule.meaning.key == "title_level"
                and taken.get(index, (None, 0))[0] == rule.meaning
            ):
                yield _words()["recognised"]["perhaps"].format(header=label, name=rule.meaning.name)


def _corrected(label: str, corrections: dict[str, str], terms: HeaderTerms) -> tuple[tuple[int, Meaning], ...] | None:
    """What a header was said to be; None where nothing was said of it."""
    if not label or plain(label) not in corrections:
        return None
    name = corrections[plain(label)]
    meaning = named(name, terms) if name else None
    return ((5, meaning),) if meaning is not None else ()


def named(name: str, terms: HeaderTerms) -> Meaning | None:
    """The meaning of a column's own name, as 申报级别 or 2024公需."""
    text = plain(name)
    for rule in _rules():
        if text in (plain(rule.meaning.name), rule.meaning.key):
            return rule.meaning
    hours = _hours(name, terms)
    return hours if isinstance(hours, Meaning) and text == plain(hours.name) else None


def names(years: Sequence[int], terms: HeaderTerms) -> Iterator[str]:
    """The names of all columns, as the template writes them; the hours of so many years."""
    yield from (rule.meaning.name for rule in _rules() if rule.meaning.key != "record_hours")
    yield from (f"{year}{label}" for year in years for _, label in terms.labels)
    yield from (f"{year}学时" for year in years)


def hours_meaning(year: int, category: str, terms: HeaderTerms) -> Meaning:
    """The column of one year's hours in one category."""
    label = {"total": "学时", "done": "完成"}.get(category) or dict(terms.labels)[category]
    return Meaning("hours", f"{year}{label}", "hours", year, category)


def kind_of(key: str) -> str:
    """How the cells of a fact's column are read."""
    return next(str(line["kind"]) for line in document()["column"] if line["key"] == key)


def choices() -> dict[str, list[str]]:
    """What a cell may be in columns of closed lists, by the column's name."""
    return {line["name"]: line["choices"] for line in document()["column"] if "choices" in line}

"""`xueshi policy new`: a notice begun from another, in which all that must be looked up again is marked and refuses to load."""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bot.commands import DONE, Fault, library
from bot.policy.shelf import file_of, notice_of
from rules import Notice
from rules.loading import TO_DO

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<text>\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
    r"""|(?P<date>\d{4}-\d\d-\d\d)|(?P<number>(?<![\w-])\d+(?![\w.-]))|(?P<word>[\w-]+)|(?P<sign>[\s\S])""",
    re.DOTALL,
)
_NUMERAL = re.compile(r"\d|[一二三四五六七八九十两](?=[年个种条类])")
_SAID = frozenset(("says", "quote", "also", "missing", "asks", "chosen", "why", "for"))
_WHOLE = ("source", "clauses")  # every text of these is looked up again, and what each relief says
_PLACES = ("platform", "contact")  # elsewhere others are called, by other names
_OURS = ("id", "clause", "audience")  # what of these is no word of the notice
_KEPT = ("set",)  # how a point is read is no number of the notice
_ALWAYS = frozenset(("age", "hours", "minutes"))  # limits that are no policy


class Piece(NamedTuple):
    """A piece of the document: its kind, its words, the table and key that it is a value of (`key` empty: it is none)."""

    kind: str
    text: str
    table: str
    key: str


def tokens(text: str) -> Iterator[Piece]:
    """The document piece by piece; the pieces together are the document."""
    table, keys, depth, fresh = "", [""], 0, True
    found = list(_TOKEN.finditer(text))
    for place, match in enumerate(found):
        kind, words = str(match.lastgroup), match[0]
        follows = next((one[0] for one in found[place + 1 :] if one[0].strip(" \t")), "\n")
        if kind in ("text", "word", "number", "date") and follows == "=" and (fresh or depth):
            keys[-1] = words.strip("\"'")
            yield Piece("key", words, table, "")
        elif words == "[" and fresh:
            end = text.index("]", match.start())
            table = text[match.start() : end].strip("[] ").replace('"', "")
            keys, fresh = [""], False
            yield Piece("sign", words, table, "")
        else:
            keys += [""] if words == "{" else []
            within = ".".join(filter(None, keys))
            yield Piece(kind, words, table, "" if fresh else within)
            depth += (words in "{[") - (words in "}]") if kind == "sign" else 0
            keys = keys[:-1] if words == "}" and len(keys) > 1 else keys
        if words == "\n" and depth <= 0:
            fresh, depth, keys = True, 0, [""]
        elif words.strip() and kind != "comment":
            fresh = False


def to_be_looked_up(token: Piece, elsewhere: bool = False) -> bool:
    """Whether a value is one that next year's notice may say otherwise, or that of another place (`elsewhere`)."""
    head, path = token.table.split(".")[0], token.key.split(".")
    if head == "" or not token.key or head == "show" or any(part in _KEPT for part in path):
        return False
    if token.kind == "text" and elsewhere and head in _PLACES:
        return path[-1] not in _OURS
    if token.kind == "text":
        numbered = path[-1] in _SAID and (elsewhere or _NUMERAL.search(token.text))
        return head in _WHOLE or bool(numbered) or path[-1] == "phones" or (head == "relief" and path == ["says"])
    return token.kind in ("date", "number") and not (head == "limits" and path[0] in _ALWAYS)


def marked(text: str, years: int, elsewhere: bool = False) -> str:
    """The document so many years later, or of another place, every value that must be looked up again marked."""
    return "".join(_marked(token, years, elsewhere) for token in tokens(text))


def _marked(token: Piece, years: int, elsewhere: bool) -> str:
    words = token.text
    if token.kind == "date" and token.table != "source":
        words = f"{int(words[:4]) + years}{words[4:]}"
    elif token.kind == "number" and token.key.split(".")[-1] == "years":
        words = str(int(words) + years)
    if not to_be_looked_up(token, elsewhere):
        return words
    if token.kind != "text":
        return f'"{TO_DO} {words}"'
    signs = 3 if words.startswith(('"""', "'''")) else 1
    return f"{words[:signs]}{TO_DO} {words[signs:]}"


# ---------------------------------------------------------------- the command


class Name(NamedTuple):
    """The id of a notice taken apart."""

    region: str
    area: str
    year: int


def name_of(id: str) -> Name:
    """REGION/YEAR or REGION/AREA/YEAR. Raises: Fault."""
    match = re.fullmatch(r"([a-z0-9_-]+)((?:/[a-z0-9_-]+)?)/(\d{4})", id)
    if match is None:
        raise Fault(f"{id!r} is no id: REGION/YEAR or REGION/AREA/YEAR is, as neimenggu/2026")
    return Name(match[1], match[1] + match[2] if match[2] else "", int(match[3]))


def new_pack(options: argparse.Namespace) -> int:
    """Write the draft, and say where and what is to be done with it."""
    name, base = name_of(options.id), notice_of(options.base)
    if any(notice.id == options.id for notice in library().notices):
        raise Fault(f"{options.id}: there is such a notice")
    folder = Path(options.policies[-1]) if options.policies else Path()
    out = Path(options.out) if options.out else folder / f"{options.id}.toml"
    text = draft(name, options.id, base, file_of(base.id).read_text(encoding="utf-8"))
    tomllib.loads(text)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Fault(f"{out}: is there already") from None
    except OSError as wrong:
        raise Fault(f"{out}: {wrong.strerror}") from None
    print(f"{out}\t{text.count(TO_DO)} {TO_DO}")
    return DONE


def draft(name: Name, id: str, base: Notice, text: str) -> str:
    """The text of the draft."""
    if name.area and not base.area:
        return _LOCAL.format(
            id=id, region=base.region, area=name.area, extends=_of_year(base.id, base, name), year=name.year
        )
    elsewhere = (name.region, name.area) != (base.region, base.area)
    found = marked(text, name.year - base.review_year, elsewhere)
    heads = {"id": id, "region": name.region, "area": name.area}
    lines = []
    for line in found.splitlines(keepends=True):
        if line.startswith("["):
            break
        key = line.partition("=")[0].strip()
        if key in heads:
            line = f'{key} = "{heads[key]}"\n'
        elif key == "review_year":
            line = f"review_year = {name.year}\n"
        elif (key == "region_name" and name.region != base.region) or (key == "area_name" and name.area != base.area):
            line = line.replace('"', f'"{TO_DO} ', 1)
        elif key == "extends":
            line = f'extends = "{TO_DO} {_of_year(base.extends[0], base, name)}"\n'
        lines.append(line)
    return "".join(lines) + found[len("".join(found.splitlines(keepends=True)[: len(lines)])) :]


def _of_year(id: str, base: Notice, name: Name) -> str:
    return id.replace(str(base.review_year), str(name.year))


_LOCAL = """# A local notice over its region's: only what differs, each with a clause of its own. What is not here is as there.
id = "{id}"
region = "{region}"
area = "{area}"
area_name = "TODO 盟市的名字"
extends = "{extends}"
review_year = {year}

[source]
title = "TODO 文件标题"
number = "TODO 文号"
date = "TODO {year}-01-01"
sha256 = "TODO 原文（UTF-8 文本）的 SHA-256；没有原文的删去这一行，写 second_hand = true"

[clauses."TODO 条款名"]
says = "TODO 用自己的话写这一条"
quote = "TODO 原文里的关键词句，一字不差；没有原文的删去这一行"

[window] # as the region's: take this table away
clause = "TODO 条款名"
opens = "TODO {year}-01-01"
closes = "TODO {year}-12-31"
"""

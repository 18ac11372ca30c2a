"""WeChat's XML, read by a parser that knows no document types or entities, and written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat

DEEPEST = 8
MOST_ELEMENTS = 300
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def fields(body: bytes) -> dict[str, str]:
    """The texts of the elements right below `<xml>`; of nested ones nothing is kept.

    Raises: ValueError for everything else: no XML, another encoding than UTF-8, a document type, an element twice.
    """
    found: dict[str, str] = {}
    path: list[str] = []
    words: list[str] = []
    count = 0

    def refuse(*_: object) -> None:
        raise ValueError("a document type or an entity")

    def begin(name: str, _: Mapping[str, str]) -> None:
        nonlocal count
        count += 1
        if len(path) >= DEEPEST or count > MOST_ELEMENTS:
            raise ValueError("too deep or too many elements")
        if not path and name != "xml":
            raise ValueError("not an <xml> element")
        path.append(name)
        words.clear()
        if len(path) == 2 and name in found:
            raise ValueError("an element twice")
        if len(path) == 2:
            found[name] = ""

    def end(name: str) -> None:
        if len(path) == 2:
            found[name] = "".join(words)
        path.pop()
        words.clear()

    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, words.append
    try:
        body.decode()  # the parser would follow the mark of another encoding, whatever it is told
        parser.Parse(body, True)
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8") from error
    except expat.ExpatError as error:
        raise ValueError("not XML") from error
    return found


def document(values: Mapping[str, str | int]) -> bytes:
    """An `<xml>` element with these below it; texts stand in CDATA, characters that XML cannot hold are left out."""
    return "".join(
        ["<xml>", *(f"<{name}>{_value(value)}</{name}>" for name, value in values.items()), "</xml>"]
    ).encode()


def _value(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return "<![CDATA[" + _NOT_XML.sub("", value).replace("]]>", "]]]]><![CDATA[>") + "]]>"

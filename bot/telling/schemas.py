"""What the interface takes, as schemas: every fact and every key of a record, from the registry and the notices that are loaded."""

from __future__ import annotations

from typing import Any

from bot.asking.questionnaire import filled
from rules import Library, Notice
from rules.registry import FACTS, REGISTRY, Fact
from rules.training import EXAM

Schema = dict[str, Any]
_MONTH, _DAY = r"^\d{4}-\d{2}$", r"^\d{4}-\d{2}(-\d{2})?$"


def written_into(document: dict[str, Any], library: Library) -> None:
    """The document with its `Facts` and `Record` as the registry and these notices have them."""
    schemas, notice = document["components"]["schemas"], max(library.notices, key=lambda each: each.review_year)
    for path in ("/api/chat", "/api/assess"):
        content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        for example in content["examples"].values():
            _exemplified(example["value"], notice)
    facts = {"id": {"type": "string", "description": "原样返回"}}
    facts |= {fact.id: _fact(fact, library) for fact in FACTS.values() if fact.kind != "part"}
    schemas["Facts"] = _object(facts, schemas["Facts"]["description"])
    schemas["Record"] = {**_object(_record(library), schemas["Record"]["description"]), "required": ["year", "source"]}
    hours = {name: {"type": "number", "description": says} for name, says in _categories(library).items()}
    hours["any"] = {"type": "number", "description": "哪一科都行"}
    answer = schemas["Assessment"]["properties"]
    for missing in (answer["short"], answer["readings"]["items"]["properties"]["short"]):
        missing["additionalProperties"] = {"type": "object", "properties": hours}


def _exemplified(value: dict[str, Any], notice: Notice) -> None:
    """An example in this notice's years and hours."""
    if "text" in value:
        value["text"] = filled(value["text"], notice)
    if "history" in value:
        years = notice.review_years(value["title_level"])
        value["history"] = {str(year): dict(notice.requirement) for year in years}


def _object(properties: Schema, says: str) -> Schema:
    return {"type": "object", "description": says, "properties": properties, "additionalProperties": False}


def _categories(library: Library) -> dict[str, str]:
    own = {one.id: one.name for notice in library.notices for one in notice.categories}
    return {**{name: says for name, (says, _) in REGISTRY.categories.items()}, **own}


def _bounds(library: Library, limit: str) -> Schema:
    """The widest that any notice takes."""
    found = [notice.limits[limit] for notice in library.notices if limit in notice.limits]
    return {"minimum": min(low for low, _ in found), "maximum": max(high for _, high in found)} if found else {}


def _fact(fact: Fact, library: Library) -> Schema:
    schema = _kind(fact, library)
    labels = "、".join(label for _, label in fact.values) if fact.kind == "one_of" else ""
    return {**schema, "description": f"{fact.api or fact.name}{f'（{labels}）' if labels else ''}"}


def _kind(fact: Fact, library: Library) -> Schema:
    if fact.kind == "one_of":
        return {"type": "string", "enum": [value for value, _ in fact.values]}
    if fact.kind in ("yes_no", "switch"):
        return {"type": "boolean"}
    if fact.kind == "whole":
        return {"type": "integer", **_bounds(library, fact.limit)}
    if fact.kind == "years":
        return {"type": "array", "items": {"type": "integer", **_bounds(library, fact.limit)}}
    if fact.kind == "flags":
        parts = {part: {"type": "boolean", "description": says} for part, says, _ in fact.parts}
        return {"type": "object", "properties": parts, "additionalProperties": False}
    if fact.kind == "history":
        return _history(library)
    if fact.kind == "place":
        places = library.regions if fact.id == "region" else [a for r in library.regions for a in library.areas(r)]
        return {"type": ["string", "null"], "examples": list(places)}
    others: dict[str, Schema] = {
        "birth": {"type": "string", "pattern": _DAY, "examples": ["1975-06", "1975-06-08"]},
        "month": {"type": "string", "pattern": _MONTH, "examples": ["2009-09"]},
        "day": {"type": "string", "format": "date"},
    }
    return others[fact.kind]


def _history(library: Library) -> Schema:
    limits = _bounds(library, "hours")
    hours = {
        name: {"type": ["number", "null"], "description": f"{says}学时；null 表示记不清", **limits}
        for name, says in _categories(library).items()
    }
    table = {"type": "object", "additionalProperties": {**_object(hours, "一个年度"), "type": ["object", "null"]}}
    records = {"type": "array", "items": {"$ref": "#/components/schemas/Record"}, "description": "培训记录"}
    return {"oneOf": [records, table]}


def _record(library: Library) -> Schema:
    sources = dict.fromkeys((*REGISTRY.sources, *(name for notice in library.notices for name in notice.sources)))
    flags: Schema = {name: {"type": "boolean", "description": says} for name, says in REGISTRY.flags.items()}
    flags["verified"]["default"] = True
    return {
        "year": {"type": "integer", "description": f"年度；{EXAM} 为证书上印的年份"},
        "category": {"type": "string", "enum": list(_categories(library)), "description": "科目"},
        "hours": {
            "type": ["number", "null"],
            "description": "学时；不写或 null 表示记不清",
            **_bounds(library, "hours"),
        },
        "minutes": {
            "type": ["number", "null"],
            "description": "分钟；给了 hours 就不看",
            **_bounds(library, "minutes"),
        },
        "source": {"type": "string", "enum": list(sources), "description": "培训来源"},
        **flags,
        "record": {"type": "string", "description": "记录编号；同一编号只算一次"},
    }

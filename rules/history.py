"""The training somebody hands in, checked: records or a table of hours by year, of the contract's shape and within limits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rules.facts import CATEGORIES, FLAGS, SOURCES, Refused
from rules.policy import Limits

RECORD_KEYS = frozenset(("year", "category", "hours", "minutes", "source", "record", *FLAGS))
_PLAIN_KEYS = frozenset(("year", "category", "hours", "source"))
_CATEGORY_SET = frozenset(CATEGORIES)
_SOURCE_SET = frozenset(SOURCES)


def check_history(history: Any, last_year: int, limits: Limits) -> None:
    """Refuse a history of another shape, or of years after `last_year`.

    Raises: Refused.
    """
    if type(history) is dict:
        _check_table(history, last_year, limits)
    elif type(history) is list:
        _check_records(history, last_year, limits)
    else:
        raise Refused("invalid_type", "history")


def _check_amount(value: Any, field: str, bounds: tuple[int, int], kind: str) -> None:
    if type(value) is not int and type(value) is not float and type(value) is not Decimal:
        raise Refused("invalid_type", field, kind)
    if not bounds[0] <= value <= bounds[1]:
        raise Refused("invalid_hours", field, kind)


def _check_table(history: dict[str, Any], last_year: int, limits: Limits) -> None:
    for year, row in history.items():
        if len(year) != 4 or not (year.isascii() and year.isdigit()):
            raise Refused("invalid_value", f"history.{year}", "year")
        if int(year) > last_year:
            raise Refused("history_in_future", f"history.{year}")
        if row is None:
            continue
        if type(row) is not dict:
            raise Refused("invalid_type", f"history.{year}", "history")
        for category, hours in row.items():
            if category not in _CATEGORY_SET:
                raise Refused("unknown_field", f"history.{year}.{category}")
            if hours is not None:
                _check_amount(hours, f"history.{year}.{category}", limits.hours, "hours")


def _check_records(history: list[dict[str, Any]], last_year: int, limits: Limits) -> None:
    low, high = limits.hours
    named: dict[str, dict[str, Any]] = {}
    for number, record in enumerate(history):
        if type(record) is not dict:
            raise Refused("invalid_type", f"history[{number}]", "history")
        get = record.get
        year, source, category, hours = get("year"), get("source"), get("category"), get("hours")
        if type(year) is not int:
            raise Refused("invalid_value" if year is None else "invalid_type", f"history[{number}].year", "year")
        if year > last_year:
            raise Refused("history_in_future", f"history[{number}].year")
        if type(source) is not str or source not in _SOURCE_SET:
            code = "invalid_value" if source is None or type(source) is str else "invalid_type"
            raise Refused(code, f"history[{number}].source", "source")
        if type(category) is not str or category not in _CATEGORY_SET:
            if category is not None and type(category) is not str:
                raise Refused("invalid_type", f"history[{number}].category", "category")
            if category is not None or source != "qualification_exam":
                raise Refused("invalid_value", f"history[{number}].category", "category")
        if hours is not None and not (type(hours) is int and low <= hours <= high):
            _check_amount(hours, f"history[{number}].hours", limits.hours, "hours")
        if not record.keys() <= _PLAIN_KEYS:
            _check_extras(record, number, limits, named)


def _check_extras(record: dict[str, Any], number: int, limits: Limits, named: dict[str, dict[str, Any]]) -> None:
    for key, value in record.items():
        if key not in RECORD_KEYS:
            raise Refused("unknown_field", f"history[{number}].{key}")
        if value is None or key in _PLAIN_KEYS:
            continue
        if key == "minutes":
            _check_amount(value, f"history[{number}].minutes", limits.minutes, "minutes")
        elif key == "record":
            if type(value) is not str:
                raise Refused("invalid_type", f"history[{number}].record", "record")
            first = named.setdefault(value, record)
            if first is not record and _stated(first) != _stated(record):
                raise Refused("invalid_value", f"history[{number}].record", "record_twice")
        elif type(value) is not bool:
            raise Refused("invalid_type", f"history[{number}].{key}", "flag")


def _stated(record: dict[str, Any]) -> dict[str, Any]:
    """The record without what is null: null says no more than leaving it out."""
    return {key: value for key, value in record.items() if value is not None}

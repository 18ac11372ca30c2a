"""A migration as the SQL that stands beside it: what is done, and behind `-- downgrade` what takes it back, for both databases."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from alembic import op

TYPES: Final = {
    "sqlite": {
        "{bytes}": "BLOB",
        "{serial}": "INTEGER NOT NULL",
    },  # SQLite numbers rows by itself only in an INTEGER key
    "postgresql": {"{bytes}": "BYTEA", "{serial}": "BIGSERIAL NOT NULL"},
}
"""What each calls the two types that have no common name."""


def statements(migration: str) -> tuple[Callable[[], None], Callable[[], None]]:
    """`upgrade` and `downgrade` of the migration in this file, out of the SQL of the same name."""
    up, _, down = Path(migration).with_suffix(".sql").read_text(encoding="utf-8").partition("-- downgrade\n")
    return partial(_run, up), partial(_run, down)


def _run(script: str) -> None:
    for name, kind in TYPES[op.get_bind().dialect.name].items():
        script = script.replace(name, kind)
    for statement in filter(str.strip, re.sub(r"--.*", "", script).split(";")):
        op.execute(statement)

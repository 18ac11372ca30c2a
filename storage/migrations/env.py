"""Alembic's entry: runs the migrations on the connection it is handed, inside the caller's transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from storage.sealing import Sealed
from storage.tables import Moment, metadata


def _plain(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Moments and sealed bytes are written into a migration as what the database sees: it must read the same when the code has changed."""
    if kind == "type" and isinstance(item, Sealed):
        return "sa.LargeBinary()"
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=_plain,
    render_as_batch=True,  # SQLite changes a column only by copying the table
)
context.run_migrations()

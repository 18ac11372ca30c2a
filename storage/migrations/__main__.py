"""Drafts the next migration from what has changed in the tables: `python -m storage.migrations "what changes"`."""

from __future__ import annotations

import sys
from pathlib import Path

from storage.schema import SCRIPTS, newest


def draft(what: str, scripts: Path = SCRIPTS) -> None:
    """Writes the migration, to be read and mended by hand, under the next number."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    with create_engine("sqlite://").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        command.revision(config, what, autogenerate=True, rev_id=f"{int(newest()) + 1:04}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('usage: python -m storage.migrations "what changes"')
    draft(sys.argv[1])

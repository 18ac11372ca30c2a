"""Rosters and their people in the database: files sealed, one run that stands, people known from month to month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hr_roster", sa.Column("state", sa.Text(), server_default="{}", nullable=False))
    op.add_column("hr_roster", sa.Column("run", sa.Integer(), server_default="0", nullable=False))
    op.add_column("hr_roster", sa.Column("removed", sa.BigInteger(), nullable=True))
    op.create_table(
        "hr_roster_file",
        sa.Column("roster", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("roster", "kind", "part", name="pk_hr_roster_file"),
    )
    op.create_table(
        "hr_person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hr_person"),
    )
    op.create_index("ix_hr_person_seen", "hr_person", ["seen"])
    op.create_table(
        "hr_person_key",
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "digest", name="pk_hr_person_key"),
    )
    op.create_index("ix_hr_person_key_person", "hr_person_key", ["person"])
    op.create_table(
        "hr_roster_person",
        sa.Column("roster", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("person", "ident", "name", "unit", "level", "status")
        ),
        sa.Column("short_total", sa.Float(), nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("roster", "run", "at", name="pk_hr_roster_person"),
    )
    op.create_index("ix_hr_roster_person_roster_run_status", "hr_roster_person", ["roster", "run", "status"])
    op.create_index("ix_hr_roster_person_roster_run_unit", "hr_roster_person", ["roster", "run", "unit"])
    op.create_index("ix_hr_roster_person_person", "hr_roster_person", ["person"])


def downgrade() -> None:
    for table in ("hr_roster_person", "hr_person_key", "hr_person", "hr_roster_file"):
        op.drop_table(table)
    for column in ("removed", "run", "state"):
        op.drop_column("hr_roster", column)

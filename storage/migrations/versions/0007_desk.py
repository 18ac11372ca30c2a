"""What was said of files by their form, links to one unit, and marks of people who left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hr_form",
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("mapping", sa.LargeBinary(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "shape", name="pk_hr_form"),
    )
    op.create_table(
        "hr_share",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("digest", "roster", "unit", "made_by")),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_hr_share"),
    )
    op.create_index("ix_hr_share_roster", "hr_share", ["roster"])
    op.add_column("hr_person", sa.Column("mark", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("hr_person", "mark")
    op.drop_table("hr_share")
    op.drop_table("hr_form")

"""Who is left out has a line of the report too, and a campaign may be made from the report of another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BEFORE = "state IN ('waiting', 'sending', 'told', 'not_told', 'in_doubt')"
AFTER = "state IN ('waiting', 'sending', 'told', 'not_told', 'in_doubt', 'left_out')"


def _states(allowed: str) -> None:
    [held] = sa.inspect(op.get_bind()).get_check_constraints("notice")
    with op.batch_alter_table("notice") as batch:
        batch.drop_constraint(op.f(str(held["name"])), type_="check")
        batch.create_check_constraint("state", allowed)


def upgrade() -> None:
    _states(AFTER)
    op.add_column("campaign", sa.Column("follows", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.drop_column("campaign", "left_out")


def downgrade() -> None:
    op.execute("DELETE FROM notice WHERE state = 'left_out'")
    _states(BEFORE)
    op.drop_column("campaign", "follows")
    op.add_column("campaign", sa.Column("left_out", sa.LargeBinary(), server_default=sa.text("'{}'"), nullable=False))

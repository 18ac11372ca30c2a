"""Talk's parts and notices are letters of one outbox; campaigns know whose they are and when they begin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('waiting', 'sending')")
NOTICES = sa.text("rank = 1")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def upgrade() -> None:
    op.add_column("outbox", sa.Column("not_after", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("rank", sa.Integer(), server_default="0", nullable=False))
    op.add_column("outbox", sa.Column("line", sa.BigInteger(), nullable=True))
    op.create_index("ix_outbox_notice", "outbox", ["person", "settled"], sqlite_where=NOTICES, postgresql_where=NOTICES)
    for name in ("owner", "wording", "series"):
        op.add_column("campaign", _text(name))
    op.add_column("campaign", sa.Column("not_before", sa.BigInteger(), nullable=True))
    op.add_column("notice", _text("unit"))
    # What was on its way while the service stood still for this: nobody knows whether it arrived.
    op.execute("UPDATE notice SET state = 'in_doubt', reason = 'sender_died' WHERE state = 'sending'")
    op.drop_index("ix_notice_open", "notice")
    for name in ("holder", "claimed"):
        op.drop_column("notice", name)
    op.create_index("ix_notice_open", "notice", ["campaign", "channel", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    for table in ("sender", "pace"):
        op.drop_table(table)


def downgrade() -> None:
    op.create_table(
        "pace", sa.Column("account", sa.Text(), nullable=False), sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_pace"),
    )  # fmt: skip
    op.create_table(
        "sender", sa.Column("id", sa.Text(), nullable=False), sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sender"),
    )  # fmt: skip
    op.drop_index("ix_notice_open", "notice")
    op.add_column("notice", _text("holder"))
    op.add_column("notice", sa.Column("claimed", sa.BigInteger(), nullable=True))
    op.create_index("ix_notice_open", "notice", ["campaign", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_column("notice", "unit")
    for name in ("not_before", "series", "wording", "owner"):
        op.drop_column("campaign", name)
    op.execute("DELETE FROM outbox WHERE rank = 1")
    op.drop_index("ix_outbox_notice", "outbox")
    for name in ("line", "rank", "not_after"):
        op.drop_column("outbox", name)

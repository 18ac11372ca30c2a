"""What keeps a service of years quick and careful: indexes of what grows old, and what the database has seen of the clock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TALKED = sa.text("session IS NOT NULL")
EXPIRED = sa.text("expired IS NOT NULL")


def upgrade() -> None:
    op.add_column("reply", sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index("ix_session_at", "session", ["at"], sqlite_where=TALKED, postgresql_where=TALKED)
    op.create_index("ix_session_expired", "session", ["expired"], sqlite_where=EXPIRED, postgresql_where=EXPIRED)
    seen = op.create_table(
        "seen",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("what", name="pk_seen"),
    )
    last = op.get_bind().scalar(sa.text("SELECT max(at) FROM session"))
    if last is not None:  # people were talked with before: that much of time has passed for certain
        op.bulk_insert(seen, [{"what": "clock", "at": last}])
    op.execute("ANALYZE")


def downgrade() -> None:
    op.drop_table("seen")
    op.drop_index("ix_session_expired", "session")
    op.drop_index("ix_session_at", "session")
    op.drop_column("reply", "revision")

"""What the HR pages keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hr_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("role IN ('staff', 'manager')", name=op.f("ck_hr_account_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_account")),
        sa.UniqueConstraint("name", name=op.f("uq_hr_account_name")),
    )
    op.create_table(
        "hr_code",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_hr_code")),
    )
    op.create_table(
        "hr_session",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_hr_session")),
    )
    op.create_table(
        "hr_roster",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_roster")),
    )
    op.create_index(op.f("ix_hr_roster_created"), "hr_roster", ["created"], unique=False)
    op.create_table(
        "hr_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_log")),
    )
    op.create_index(op.f("ix_hr_log_at"), "hr_log", ["at"], unique=False)


def downgrade() -> None:
    for table in ("hr_log", "hr_roster", "hr_session", "hr_code", "hr_account"):
        op.drop_table(table)

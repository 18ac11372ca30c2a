"""Campaigns, their notices, bound accounts, and who wants none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('waiting', 'sending')")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        _text("source"),
        _text("digest"),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        _text("why"),
        sa.Column("left_out", sa.LargeBinary(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'sending', 'paused', 'done', 'cancelled', 'expired')", name="ck_campaign_state"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        _text("email"),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        _text("reason"),
        _text("channel"),
        _text("address"),
        _text("tried"),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        _text("holder"),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        _text("platform_id"),
        sa.Column("claimed", sa.BigInteger(), nullable=True),
        sa.Column("settled", sa.BigInteger(), nullable=True),
        sa.Column("opened", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'sending', 'told', 'not_told', 'in_doubt')", name="ck_notice_state"),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.id"], name="fk_notice_campaign_campaign", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.UniqueConstraint("campaign", "subject", name="uq_notice_campaign_subject"),
    )
    op.create_index("ix_notice_channel_address", "notice", ["channel", "address"], unique=False)
    op.create_index(
        "ix_notice_open", "notice", ["campaign", "id"], unique=False, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "binding",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "channel", name="pk_binding"),
    )
    op.create_index("ix_binding_person", "binding", ["person"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        _text("person"),
        sa.PrimaryKeyConstraint("code", name="pk_invitation"),
    )
    op.create_table(
        "silence",
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("who", name="pk_silence"),
    )
    op.create_table(
        "sender",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sender"),
    )
    op.create_table(
        "pace",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_pace"),
    )


def downgrade() -> None:
    for table in ("pace", "sender", "silence", "invitation", "binding", "notice", "campaign"):
        op.drop_table(table)

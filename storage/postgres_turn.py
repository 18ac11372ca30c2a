"""PostgreSQL's statements: a batch of turns written, or of people loaded, in one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import TypeEngine

from .tables import answer, inbox, outbox, reply, session


def _rows(name: str, **columns: TypeEngine[Any]) -> Any:
    """A table made of one array a column, each a parameter of the column's name."""
    return (
        sa.func.unnest(
            *(
                sa.cast(sa.bindparam(f"{name}_{one}", type_=sa.ARRAY(kind)), sa.ARRAY(kind))
                for one, kind in columns.items()
            )
        )
        .table_valued(*(sa.column(one, kind) for one, kind in columns.items()), name=name)
        .render_derived()
    )


_turns = _rows(
    "turn",
    person=sa.Text(),
    expected=sa.BigInteger(),
    revision=sa.BigInteger(),
    session=sa.LargeBinary(),
    message_id=sa.Text(),
    digest=sa.Text(),
    answer=sa.LargeBinary(),
    reply=sa.LargeBinary(),
    at=sa.BigInteger(),
    horizon=sa.BigInteger(),
    inbox=sa.BigInteger(),
    channel=sa.Text(),
)
_parts = _rows("part", person=sa.Text(), ordinal=sa.Integer(), body=sa.LargeBinary())
_wanted = _rows("wanted", number=sa.Integer(), person=sa.Text(), message_id=sa.Text(), horizon=sa.BigInteger())


def _commit_statement() -> Any:
    turn = sa.select(_turns).cte("given")
    t = turn.c
    taken = sa.exists().where(reply.c.person == t.person, reply.c.message_id == t.message_id, reply.c.at >= t.horizon)
    # Another process that moves the session on meanwhile makes the condition on `revision` false: PostgreSQL looks at
    # the row again after having waited for it.
    moved = (
        session.update()
        .where(session.c.person == t.person, session.c.revision == t.expected, t.expected != 0, sa.not_(taken))
        .values(revision=t.revision, session=t.session, at=t.at, expired=sa.null())
        .returning(session.c.person)
        .cte("moved")
    )
    begun = (
        insert(session)
        .from_select(
            ["person", "revision", "session", "at"],
            sa.select(t.person, t.revision, t.session, t.at).where(t.expected == 0, sa.not_(taken)),
        )
        .on_conflict_do_nothing()
        .returning(session.c.person)
        .cte("begun")
    )
    kept = sa.union_all(sa.select(moved.c.person), sa.select(begun.c.person)).cte("kept")
    of_kept = turn.join(kept, kept.c.person == t.person)
    replies = insert(reply).from_select(
        ["person", "message_id", "digest", "reply", "at", "revision"],
        sa.select(t.person, t.message_id, t.digest, t.reply, t.at, t.revision).select_from(of_kept),
    )
    replied = replies.on_conflict_do_update(
        index_elements=["person", "message_id"],
        set_={name: replies.excluded[name] for name in ("digest", "reply", "at", "revision")},
    ).cte("replied")
    answered = (
        insert(answer)
        .from_select(
            ["person", "revision", "answer", "at"],
            sa.select(t.person, t.revision, t.answer, t.at).select_from(of_kept).where(t.answer.is_not(None)),
        )
        .cte("answered")
    )
    settled = (
        inbox.update()
        .where(inbox.c.id == t.inbox, t.person == kept.c.person)
        .values(state="done", body=b"", settled=t.at)
        .cte("settled")
    )
    queued = (
        insert(outbox)
        .from_select(
            ["channel", "person", "revision", "ordinal", "body", "at"],
            sa.select(t.channel, _parts.c.person, t.revision, _parts.c.ordinal, _parts.c.body, t.at)
            .select_from(_parts.join(turn, t.person == _parts.c.person).join(kept, kept.c.person == _parts.c.person))
            .order_by(
                _parts.c.person, _parts.c.ordinal
            ),  # the rows are numbered as they come, whatever the join's plan
        )
        .cte("queued")
    )
    return sa.select(kept.c.person).add_cte(replied, answered, settled, queued)


TURN = tuple(_turns.c.keys())
PART = tuple(_parts.c.keys())
COMMIT = _commit_statement()
LOAD = (
    sa.select(
        _wanted.c.number,
        session.c.revision,
        session.c.session,
        sa.cast(session.c.expired, sa.BigInteger),
        reply.c.digest,
        reply.c.reply,
    )
    .select_from(_wanted)
    .join(session, session.c.person == _wanted.c.person)
    .join(
        reply,
        sa.and_(
            reply.c.person == _wanted.c.person,
            reply.c.message_id == _wanted.c.message_id,
            reply.c.at >= _wanted.c.horizon,
        ),
        isouter=True,
    )
)

"""What is kept for the HR pages, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection

from storage import Store, hr, rosters

NOW = datetime(2025, 11, 25, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
Result = TypeVar("Result")


async def do(store: Store, work: Callable[..., Result], **values: Any) -> Result:
    def run(connection: Connection) -> Result:
        return work(connection, **values)

    return await store.database.write(run)


async def invited(store: Store, name: str = "甲", digest: str = "d", role: str = "staff") -> hr.Account:
    return await do(store, hr.invite, name=name, role=role, digest=digest, expires=LATER, now=NOW)


async def redeemed(store: Store, digest: str = "d", token: str = "t", now: datetime = NOW) -> hr.Account | None:
    return await do(store, hr.redeem, digest=digest, token=token, csrf="c", expires=now + timedelta(days=9), now=now)


async def test_a_code_opens_one_session_once(store: Store) -> None:
    account = await invited(store)
    assert await redeemed(store) == account
    assert await redeemed(store, token="other") is None
    found = await do(store, hr.signed_in, token="t", idle_since=NOW - timedelta(hours=1), now=NOW)
    assert found == hr.SignedIn(account, "c", NOW)


async def test_a_code_that_is_too_old_opens_nothing_and_is_gone(store: Store) -> None:
    await invited(store)
    assert await redeemed(store, now=LATER) is None
    assert await redeemed(store, now=NOW) is None


async def test_inviting_again_gives_another_role_and_makes_the_first_code_void(store: Store) -> None:
    first = await invited(store)
    second = await invited(store, digest="new", role="manager")
    assert (second.id, second.role) == (first.id, "manager")
    assert await redeemed(store) is None
    assert await redeemed(store, "new") == second


async def test_a_revoked_account_loses_its_sessions_and_codes_at_once(store: Store) -> None:
    account = await invited(store)
    await redeemed(store)
    await invited(store, digest="spare")
    assert await do(store, hr.revoke, id=account.id, now=NOW)
    assert not await do(store, hr.revoke, id=account.id, now=NOW)
    assert await do(store, hr.signed_in, token="t", idle_since=NOW - timedelta(hours=1), now=NOW) is None
    assert await redeemed(store, "spare") is None
    assert [one.revoked for one in await do(store, hr.accounts)] == [NOW]


async def test_a_session_ends_when_it_is_idle_or_old(store: Store) -> None:
    await invited(store)
    await redeemed(store)
    assert await do(store, hr.signed_in, token="t", idle_since=NOW, now=NOW) is None
    assert await do(store, hr.signed_in, token="t", idle_since=NOW - timedelta(1), now=NOW + timedelta(days=9)) is None
    await do(store, hr.touch, token="t", now=LATER)
    assert await do(store, hr.signed_in, token="t", idle_since=NOW, now=LATER) is not None


async def test_rosters_and_the_log_are_deleted_after_their_time(store: Store) -> None:
    for id, owner, at in (("old", 1, NOW), ("new", 1, LATER), ("other", 2, LATER)):
        await do(store, hr.keep_roster, id=id, owner=owner, name=id, now=at, state="{}")
        await do(store, hr.note, who="甲", action="upload", subject=id, now=at)
    assert {one.id for one in await do(store, hr.rosters, owner=1)} == {"old", "new"}
    await do(store, rosters.keep_file, roster="old", kind="source", part=0, content=b"x")
    assert await store.purge(LATER) == 3
    assert await do(store, rosters.piece, roster="old", kind="source", part=0) is None
    assert {one.id for one in await do(store, hr.rosters)} == {"new", "other"}
    assert [line.subject for line in await do(store, hr.looked, limit=9)] == ["other", "new"]

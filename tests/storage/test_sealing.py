"""What people said is on no disk in the clear; keys change while people talk; what was forgotten is in no file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from storage import Arrived, Inbox, Outbox, Store, Unavailable
from storage.sealing import KEYRING

from .turns import turn

OLD, NEW = "o" * 40, "n" * 40
WORDS = ["秘密的话".encode(), b"secret answer", b"secret reply", b"secret part", b"secret update"]


@pytest.fixture(autouse=True)
def keys() -> Iterator[None]:
    yield
    KEYRING.use([])


async def talk(store: Store, person: str = "anna", revision: int = 0, id: str = "1") -> int:
    await Inbox(store).put(Arrived("telegram", "a", f"{person}{id}", person, b"secret update"))
    return await store.commit(
        turn(person, revision, id, session={"said": "秘密的话"}, answer={"is": "secret answer"}, reply=b"secret reply",
             channel="telegram", parts=(b"secret part",))
    )  # fmt: skip


async def bytes_of(url: str) -> bytes:
    """Everything that is on the disk: the files of SQLite, the rows of PostgreSQL."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite":
        folder = Path(str(place.database)).parent
        return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())
    import asyncpg

    connection = await asyncpg.connect(place.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        rows = [
            await connection.fetch(f"SELECT * FROM {name}")
            for name in ("session", "reply", "answer", "inbox", "outbox")
        ]
        return b"".join(
            v if isinstance(v, bytes) else str(v).encode() for table in rows for row in table for v in row.values()
        )
    finally:
        await connection.close()


def found_in(content: bytes) -> list[bytes]:
    return [word for word in WORDS if word in content]


async def everything(store: Store) -> list[bytes]:
    loaded = await store.load("anna", "1")
    assert loaded.session == {"said": "秘密的话"}
    assert loaded.earlier is not None
    first = await Inbox(store).first("anna")
    parts = await Outbox(store).claim("telegram", "me")
    assert first is not None
    return [loaded.earlier.reply, *await store.recent("anna", 5), first.body, *(part.body for part in parts)]


async def test_without_a_key_it_is_kept_as_it_is_and_with_one_it_is_in_no_file(url: str) -> None:
    store = await Store.open(url)
    await talk(store)
    assert found_in(await bytes_of(url)) == WORDS
    await store.forget("anna")
    KEYRING.use([NEW])
    await talk(store)
    await store.close()
    assert found_in(await bytes_of(url)) == []
    again = await Store.open(url)
    assert await everything(again) == [b"secret reply", b"secret reply", b"secret update", b"secret part"]
    await again.close()


@pytest.mark.parametrize("before", [[], [OLD]], ids=["no key", "an old key"])
async def test_a_key_is_changed_while_people_talk_and_the_old_one_may_go(url: str, before: list[str]) -> None:
    KEYRING.use(before)
    store = await Store.open(url)
    await talk(store)
    for number in range(450):
        await talk(store, f"p{number}")
    KEYRING.use([NEW, *before])
    revision = 0
    changing = asyncio.create_task(store.reseal())
    while not changing.done():
        revision = await talk(store, "berta", revision, str(revision))
    assert await changing > 450 * 4
    assert await store.reseal() == 0
    await store.close()
    KEYRING.use([NEW])
    again = await Store.open(url)
    assert (await again.load("p7")).session == {"said": "秘密的话"}
    assert len(await everything(again)) >= 4
    await again.close()
    assert found_in(await bytes_of(url)) == []


async def test_without_its_key_the_store_does_not_open_and_names_the_setting(url: str) -> None:
    KEYRING.use([OLD])
    store = await Store.open(url)
    await talk(store)
    await store.close()
    for keys in ([], [NEW]):
        KEYRING.use(keys)
        with pytest.raises(Unavailable, match="XUESHI_ENCRYPTION_KEY"):
            await Store.open(url)


def test_what_was_changed_on_the_disk_is_not_believed() -> None:
    KEYRING.use([NEW])
    kept = bytearray(KEYRING.seal(b"{}", b"session"))
    assert KEYRING.open(bytes(kept), b"session") == b"{}"
    with pytest.raises(Unavailable):
        KEYRING.open(bytes(kept), b"reply")
    kept[-1] ^= 1
    with pytest.raises(Unavailable):
        KEYRING.open(bytes(kept), b"session")


async def test_what_somebody_wanted_deleted_is_in_no_file_any_more(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/xueshi.db"
    store, other = await Store.open(url), await Store.open(url)
    for number in range(30):
        await store.commit(turn("berta", (await store.load("berta")).revision, str(number)))
    revision = 0
    for number in range(20):
        revision = await store.commit(
            turn(
                "anna", revision, str(number), session={"said": f"秘密的话{number}" * 200}, reply=b"secret reply" * 500
            )
        )
    assert found_in(await bytes_of(url)) != []
    await other.load("anna")  # somebody else has just read
    await store.forget("anna")
    assert found_in(await bytes_of(url)) == []
    assert (await store.load("berta")).session is not None
    await store.close()
    await other.close()


async def test_dead_rows_are_given_back_by_a_server(new_postgres: str) -> None:
    import asyncpg

    store = await Store.open(new_postgres)
    await talk(store)
    await store.forget("anna")
    await store.purge(store.clock())  # the hourly look does it
    await store.close()
    place = make_url(new_postgres).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(place)
    try:
        for _ in range(100):
            if await connection.fetchval("SELECT min(vacuum_count) FROM pg_stat_user_tables WHERE relname = 'session'"):
                return
            await asyncio.sleep(0.05)
        pytest.fail("nothing was vacuumed")
    finally:
        await connection.close()

"""A copy of everything: taken beside the talk, sealed with a key, refused when it is not whole, and put back on another day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.upkeep.backup import BackupFault, backup, restore
from storage import Arrived, Inbox, Store, Unavailable, hr
from storage.sealing import KEYRING
from tests.storage.turns import turn
from tests.upkeep.conftest import running, xueshi

pytestmark = pytest.mark.slow

KEY = "k" * 40


@pytest.fixture(autouse=True)
def keys() -> Iterator[None]:
    yield
    KEYRING.use([])


@pytest.fixture
def other_url(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> str:
    """An empty database of the other kind."""
    if url.startswith("sqlite"):
        return str(request.getfixturevalue("new_postgres"))
    return f"sqlite:///{tmp_path}/restored/xueshi.db"


async def filled(url: str, data_dir: Path) -> Store:
    store = await Store.open(url)
    for number in range(700):
        person = f"p{number}"
        await store.commit(turn(person, 0, "1", channel="telegram", parts=(b"one", b"two\xff")))
    await Inbox(store).put(Arrived("telegram", "a", "7", "p1", b"waits\x00"))
    await store.database.write(
        lambda connection: hr.keep_roster(
            connection, id="r1", owner=1, name="花名册.xlsx", state="{}", now=store.clock()
        )
    )
    (data_dir / "rosters" / "r1").mkdir(parents=True)
    (data_dir / "rosters" / "r1" / "source.xlsx").write_bytes(b"PK roster" * 300_000)
    (data_dir / "secret.key").write_text("0123456789abcdef" * 4)
    return store


@pytest.mark.parametrize("keyed", [False, True])
async def test_everything_comes_back_in_a_database_of_either_kind(
    url: str, other_url: str, tmp_path: Path, keyed: bool
) -> None:
    KEYRING.use([KEY] if keyed else [])
    here, there, copy = tmp_path / "here", tmp_path / "there", tmp_path / "copy"
    store = await filled(url, here)
    await backup(store, here, copy)
    assert copy.stat().st_mode & 0o077 == 0
    assert (b"secret.key" in copy.read_bytes()) is False  # packed, and sealed where a key is set
    assert await restore(copy, other_url, there) > 700 * 5
    again = await Store.open(other_url)
    for number in (0, 1, 699):
        before, after = await store.load(f"p{number}", "1"), await again.load(f"p{number}", "1")
        assert after == before
    first = await Inbox(again).first("p1")
    assert first is not None
    assert first.body == b"waits\x00"
    assert (
        await Inbox(again).put(Arrived("telegram", "a", "8", "p2", b"new")) is not None
    )  # numbered behind what was there
    [roster] = await again.database.read(hr.rosters)
    assert roster.name == "花名册.xlsx"
    for name in ("secret.key", "rosters/r1/source.xlsx"):
        assert (there / name).read_bytes() == (here / name).read_bytes()
    await store.close()
    await again.close()


async def test_a_database_that_holds_something_is_not_written_over(url: str, tmp_path: Path) -> None:
    store = await filled(url, tmp_path / "here")
    await backup(store, tmp_path / "here", tmp_path / "copy")
    await store.close()
    with pytest.raises(BackupFault, match="已经有内容"):
        await restore(tmp_path / "copy", url, tmp_path / "there")


@pytest.mark.parametrize("keyed", [False, True])
async def test_a_copy_cut_short_or_changed_is_refused_before_anything_is_touched(tmp_path: Path, keyed: bool) -> None:
    KEYRING.use([KEY] if keyed else [])
    url, copy, wrong = f"sqlite:///{tmp_path}/a.db", tmp_path / "copy", tmp_path / "wrong"
    store = await filled(url, tmp_path / "here")
    await backup(store, tmp_path / "here", copy)
    await store.close()
    whole = copy.read_bytes()
    for spoilt in (
        b"",
        whole[:20],
        whole[: len(whole) // 2],
        whole[:-1],
        whole + b"more",
        whole[:3000] + b"?" + whole[3001:],
    ):
        wrong.write_bytes(spoilt)
        with pytest.raises((BackupFault, Unavailable)):
            await restore(wrong, f"sqlite:///{tmp_path}/b.db", tmp_path / "there")
    assert not (tmp_path / "b.db").exists()
    if keyed:
        KEYRING.use([])
        with pytest.raises(Unavailable, match="XUESHI_ENCRYPTION_KEY"):
            await restore(copy, f"sqlite:///{tmp_path}/b.db", tmp_path / "there")


def test_a_conversation_goes_on_after_a_restore_and_a_restart(folder: Path, tmp_path: Path, new_postgres: str) -> None:
    copy, key = tmp_path / "copy", {"XUESHI_ENCRYPTION_KEY": KEY}
    with running(folder, **key) as service:
        body = {"session": None, "message_id": "1", "text": "我52，女，副高"}
        session = httpx.post(f"{service.address}/api/chat", json=body).json()["session"]
        done = xueshi(folder, "backup", str(copy), **key)
        assert (done.returncode, done.stderr) == (0, "")
        assert " sealed" in done.stdout
    restored = folder.with_name("restored")
    done = xueshi(restored, "restore", str(copy), XUESHI_DATABASE_URL=new_postgres, **key)
    assert (done.returncode, done.stderr) == (0, "")
    with running(restored, XUESHI_DATABASE_URL=new_postgres, **key) as service:
        body = {"session": session, "message_id": "2", "text": "事业单位"}
        facts = httpx.post(f"{service.address}/api/chat", json=body).json()["facts"]
    assert (facts["sex"], facts["title_level"], facts["sector"]) == ("female", "deputy_senior", "public_institution")


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_file_that_cannot_be_is_one_sentence(folder: Path, command: str) -> None:
    done = xueshi(folder, command, "/nowhere/at/all")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1

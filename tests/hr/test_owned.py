"""Work on a roster is somebody's while they say so: who dies in the midst of it leaves it, and nothing in the clear, to the next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.hr import Rosters, Who
from bot.hr.scratch import scratch, sweep
from storage import hr, rosters
from tests.hr.conftest import House, _today

WHO = Who(1, "小李", "staff", "c")


async def taken(owner: Rosters, roster: Path) -> str:
    content = [b"", roster.read_bytes()]

    async def read() -> bytes:
        return content.pop()

    return (await owner.take(WHO, "", roster.name, read))[0]


async def done(house: House, owner: Rosters, id: str) -> dict[str, object]:
    for _ in range(600):
        found = await owner.one(WHO, id)
        assert found is not None
        if found[1]["state"] in ("done", "failed"):
            return found[1]
        await asyncio.sleep(0.1)
    raise AssertionError("it is under way for ever")


@pytest.fixture
async def other(house: House) -> AsyncIterator[Rosters]:
    """The service as it is started again."""
    made = Rosters(house.store, house.directory / "hr", _today, house.clock)
    yield made
    await made.close()


async def killed(owner: Rosters, id: str) -> None:
    """As by kill -9: nothing is said, nothing put right."""
    owner._tasks[id].cancel()
    await asyncio.gather(owner._tasks[id], return_exceptions=True)


async def test_what_a_process_left_that_died_is_worked_on_by_the_next(
    house: House, other: Rosters, roster: Path
) -> None:
    id = await taken(house.rosters, roster)
    await killed(house.rosters, id)
    [before] = await house.store.database.read(partial(hr.rosters, id=id))
    line = {"keys": ["r1"], "at": 2, "ident": "1", "name": "半", "unit": "", "level": "", "status": "met", "short_total": 0.0,
            "low": 0, "line": b"{}"}  # fmt: skip
    half = partial(rosters.put, id=id, owner=1, run=before.run + 1, now=house.clock(), lines=[line])
    await house.store.database.write(half)  # it had begun to keep what it made
    await other.look()
    assert other._tasks == {}  # it may still be at it
    house.clock.pass_by(seconds=121)
    await other.look()
    assert (await done(house, other, id))["state"] == "done"
    [stands] = await house.store.database.read(partial(hr.rosters, id=id))
    assert stands.run == 1


async def test_a_service_that_is_stopped_leaves_its_work_to_be_taken_up_at_once(
    house: House, other: Rosters, roster: Path
) -> None:
    id = await taken(house.rosters, roster)
    await house.rosters.close()
    await other.look()
    assert (await done(house, other, id))["state"] == "done"


async def test_work_that_goes_on_is_nobody_elses_however_long_it_takes(
    house: House, other: Rosters, roster: Path
) -> None:
    id = await taken(house.rosters, roster)
    for _ in range(4):
        house.clock.pass_by(seconds=60)
        await house.rosters.look()  # as every minute
        await other.look()
        assert other._tasks == {}
    assert (await done(house, house.rosters, id))["state"] == "done"


async def test_a_file_that_kills_whoever_works_on_it_is_told_as_such_in_the_end(
    house: House, other: Rosters, roster: Path
) -> None:
    id = await taken(house.rosters, roster)
    await killed(house.rosters, id)
    for _ in range(4):
        house.clock.pass_by(seconds=121)
        await other.look()
        if id in other._tasks:
            await killed(other, id)
    house.clock.pass_by(seconds=121)
    assert id not in other._tasks
    assert (await done(house, other, id))["state"] == "failed"


def test_what_a_killed_process_left_in_the_clear_is_swept_up_and_nothing_that_is_worked_on(tmp_path: Path) -> None:
    left = tmp_path / "coming-left"
    left.mkdir()
    (left / "source.csv").write_text("姓名,其其格")
    with scratch(tmp_path) as mine:
        (mine / "source.csv").write_text("姓名,乌云")
        sweep(tmp_path)
        assert list(tmp_path.iterdir()) == [mine]
        assert (mine / "source.csv").exists()
    assert list(tmp_path.iterdir()) == []

"""Histories, and what must be true after each."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.messages import Message, Turn
from storage import Addressee, Campaign, Campaigns, Unavailable
from storage.seen import Clock
from tests.simulation.platform import CHANNEL, parts_of
from tests.simulation.world import OWN, PEOPLE, RETENTION, SAID, START, Loop, Process, World, shown

MOODS = ("fine", "slow", "away", "locked", "full")
TURNS = 3
SHORT = {"sex": "female", "age": 40, "title_level": "middle", "sector": "public_institution", "history": {}}
OPEN = (
    "SELECT count(*) FROM inbox WHERE state = 'waiting'",
    "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending')",
    "SELECT count(*) FROM campaign WHERE state = 'sending'",
)


async def talk(world: World, person: str, turns: int) -> None:
    """Somebody who says one thing after another, sometimes two at once, sometimes the same twice."""
    under_way: list[asyncio.Task[None]] = []
    channel = CHANNEL if world.posting[person] else "web"
    for number in range(turns):
        text = world.chance.choice(SAID).format(own=OWN[person])
        message = Message(channel, "", person, f"{person}{number}", text=text)
        world.note(f"{person} {message.id}: {text}")
        for _ in range(world.chance.choice((1, 1, 1, 2))):
            under_way += [asyncio.ensure_future(world.deliver(message))]
        if (
            world.chance.random() < 0.8 or world.posting[person]
        ):  # a platform delivers what one person says in its order
            await asyncio.gather(*under_way)
            under_way = []
        await asyncio.sleep(world.chance.random() / 2)
    await asyncio.gather(*under_way)


async def nature(world: World) -> None:
    """What happens to everybody: processes die and are started again, the store has moods, clocks jump, old things are deleted."""
    while True:
        await asyncio.sleep(world.chance.random() * 2)
        act = world.chance.choice(("die", "mood", "mood", "clock", "purge", "time"))
        world.note(act)
        if act == "die":
            world.kill(world.chance.randrange(len(world.processes)))
        elif act == "mood":
            world.disk.mood = world.chance.choice(MOODS)
        elif act == "clock":
            world.skew = world.chance.choice((timedelta(0), timedelta(days=400)))
            for number in range(len(world.processes)):
                world.kill(number)
        elif act == "time":
            world.passed += timedelta(minutes=world.chance.randrange(90))
        else:
            world.spawn(purge(world, world.chance.choice(world.processes)))


async def purge(world: World, process: Process) -> None:
    """The hourly look, as the service has it."""
    try:
        await process.start()
        if await Clock(process.store, RETENTION).look() or process.trusting:
            await process.store.purge(world.clock() - RETENTION)
    except Unavailable:
        return


async def until_done(world: World, act: Callable[[Campaigns], Awaitable[object]]) -> None:
    """HR, who tries again until it is told that it is done, at whichever process."""
    while True:
        try:
            async with asyncio.timeout(3):
                process = await world.chance.choice(world.processes).start()
                await act(Campaigns(process.store))
            return
        except (Unavailable, TimeoutError):
            await asyncio.sleep(world.chance.random() * 2)


async def office(world: World) -> None:
    """HR sends a notice to everybody, and sometimes holds it back for a while or for good."""
    made = Campaign("n1", "t", "roster", "", "", START + timedelta(days=30), START)
    people = [Addressee(f"{CHANNEL}::{person}", SHORT | {"id": person}) for person in PEOPLE]

    async def create(campaigns: Campaigns) -> None:
        if await campaigns.get(made.id) is None:
            await campaigns.create(made, people)

    await until_done(world, create)
    for state, out_of in (
        ("sending", "draft"),
        *world.chance.choice(((), (), (("paused", "sending"), ("sending", "paused")))),
    ):
        await until_done(
            world, lambda campaigns, state=state, out_of=out_of: campaigns.move(made.id, state, out_of=[out_of])
        )
        world.note(state)
        await asyncio.sleep(world.chance.random() * 2)
    if world.chance.random() < 0.2:
        await until_done(world, lambda campaigns: campaigns.move(made.id, "cancelled", out_of=["sending"]))
        world.note("cancelled")
        on_its_way = {line for (line,) in world.disk.of("SELECT id FROM notice WHERE state = 'sending'")}
        world.platform.may_still_come = on_its_way | {line for line, _ in world.platform.noticed}


async def history(world: World) -> None:
    await world.processes[0].start()  # a new database believes the first clock that it sees
    world.disk.lossy = 0.003
    around = asyncio.ensure_future(nature(world))
    talks = [talk(world, person, TURNS) for person in PEOPLE]
    await asyncio.gather(*talks, *([office(world)] if world.noticed else []))
    around.cancel()
    world.disk.mood, world.disk.lossy, world.skew = "fine", 0.0, timedelta(0)
    await settled(world)
    await check_talk(world)
    check_post(world)


async def settled(world: World) -> None:
    """Everything that was begun comes to its end, once nothing is in its way."""
    if not (world.by_post or world.noticed):
        return
    for process in world.processes:
        await process.start()
    for _ in range(45):
        if not any(world.disk.of(query)[0][0] for query in OPEN):
            return
        await asyncio.sleep(1)
    columns = "id, person, rank, state, tries, not_before, claimed, settled, line"
    raise AssertionError(f"something waits for ever: {world.disk.of(f'SELECT {columns} FROM outbox ORDER BY id')}")


async def check_talk(world: World) -> None:
    """Acknowledged is kept; nothing twice; nobody sees another's facts; the last thing said to somebody is what they see."""
    last, again = Process(world), World(world.seed)
    await Clock(last.store, RETENTION).look()
    assert len(set(world.disk.committed)) == len(world.disk.committed), "a message was taken twice"
    alone: dict[tuple[str, str], Turn] = {}
    for key in world.disk.committed:
        turn = alone[key] = await again.processes[0].talks.take(world.said[key])
        for other, hours in OWN.items():
            assert key[0].endswith(other) or str(hours) not in str(turn), f"{key[1]} shows what {other} said"
    for key, told in world.acknowledged.items():
        assert key in alone, f"{key[1]} was acknowledged and is not kept"
        assert told is None or shown(told) == shown(alone[key]), f"{key[1]} was answered with what is not its own"
        assert shown(await last.talks.take(world.said[key])) == shown(alone[key]), f"{key[1]} is answered otherwise now"
    newest = {person: turn for (person, _), turn in alone.items()}
    for person, turn in newest.items():
        now, then = await last.store.load(person), await again.processes[0].store.load(person)
        assert now.session is not None, f"what {person} said is gone"
        assert then.session is not None
        assert now.session["cases"] == then.session["cases"], f"{person}'s case is not what one after another gives"
        seen = (await last.talks.recent(person))[-1]
        assert seen.replies == turn.replies, f"{person} does not see the pending question"
        if person.startswith(CHANNEL):
            said = [part for key, turn in alone.items() if key[0] == person for part in parts_of(world.said[key], turn)]
            reached = [body for whose, body in world.platform.arrived if whose == person]
            assert list(dict.fromkeys(reached)) == said, f"{person} was not told everything in its order"
    again.disk.give_back()


def check_post(world: World) -> None:
    """Repeated is only what nobody could know to have arrived, and no notice ever; what is written down of a notice is what became of it."""
    for letter, times in world.platform.times.items():
        assert times <= 1 + world.platform.doubtful[letter], "a bubble came twice"
    lines = [line for line, _ in world.platform.noticed]
    assert len(set(lines)) == len(lines), "a notice came twice"
    whose = dict(world.disk.of("SELECT id, subject FROM notice"))
    assert all(whose[line] == account for line, account in world.platform.noticed), "somebody has another's notice"
    for line, state in world.disk.of("SELECT id, state FROM notice"):
        if state == "in_doubt":
            assert line in world.platform.lines_in_doubt, "a notice is in doubt, and need not be"
        else:
            assert (state == "told") == (line in lines), f"a notice is {state}, and was not"
    late = set(lines) - world.platform.may_still_come if world.platform.may_still_come is not None else set()
    assert not late, "a notice left after it was cancelled"


def live(seed: int, plant: Callable[[Process], None] = lambda process: None, share: float = 0.06) -> None:
    """One history by its seed. Raises: AssertionError with the seed and all that happened."""
    loop, world = Loop(random.Random(seed)), World(seed, plant, share)
    asyncio.set_event_loop(loop)
    logging.disable()  # what the service says of each fault, a hundred times over
    try:
        loop.run_until_complete(history(world))
    except AssertionError as wrong:
        raise AssertionError("\n".join([f"seed {seed}: {wrong}", *world.told])) from wrong
    finally:
        world.over = True
        while left := asyncio.all_tasks(loop):  # of processes that died, which would wait for ever
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        asyncio.set_event_loop(None)
        logging.disable(logging.NOTSET)
        loop.close()
        world.disk.give_back()

"""Histories, and what must be true after each."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta

from bot.messages import Message
from storage import Unavailable
from storage.seen import Clock
from tests.simulation.world import OWN, PEOPLE, RETENTION, SAID, Loop, Process, World, shown

MOODS = ("fine", "slow", "away", "locked", "full")
TURNS = 4


async def talk(world: World, person: str, turns: int) -> None:
    """Somebody who says one thing after another, sometimes two at once, sometimes the same twice."""
    under_way: list[asyncio.Task[None]] = []
    for number in range(turns):
        text = world.chance.choice(SAID).format(own=OWN[person])
        message = Message("web", "", person, f"{person}{number}", text=text)
        world.told.append(f"{world.now:%H:%M:%S} {person} {message.id}: {text}")
        for _ in range(world.chance.choice((1, 1, 1, 2))):
            under_way += [asyncio.ensure_future(world.deliver(message))]
        if world.chance.random() < 0.8:
            await asyncio.gather(*under_way)
            under_way = []
        await asyncio.sleep(world.chance.random())
    await asyncio.gather(*under_way)


async def nature(world: World) -> None:
    """What happens to everybody: processes die and are started again, the store has moods, clocks jump, old things are deleted."""
    while True:
        await asyncio.sleep(world.chance.random() * 3)
        act = world.chance.choice(("die", "mood", "mood", "clock", "purge", "time"))
        world.told.append(f"{world.now:%H:%M:%S} {act}")
        if act == "die":
            world.kill(world.chance.randrange(len(world.processes)))
        elif act == "mood":
            world.disk.mood = world.chance.choice(MOODS)
        elif act == "clock":
            world.skew = world.chance.choice((timedelta(0), timedelta(days=400)))
            for number in range(len(world.processes)):
                world.kill(number)
        elif act == "time":
            world.now += timedelta(minutes=world.chance.randrange(90))
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


async def history(world: World) -> None:
    await world.processes[0].start()
    around = asyncio.ensure_future(nature(world))
    await asyncio.gather(*(talk(world, person, TURNS) for person in PEOPLE))
    around.cancel()
    world.disk.mood, world.skew = "fine", timedelta(0)
    await check(world)


async def check(world: World) -> None:
    """Acknowledged is kept; nothing twice; nobody sees another's facts; the last thing said to somebody is what they see."""
    last = await Process(world).start()
    again = World(world.seed)
    assert len(set(world.disk.committed)) == len(world.disk.committed), "a message was taken twice"
    answers: dict[tuple[str, str], bytes] = {}
    for person, id in world.disk.committed:
        message, _ = world.acknowledged[person, id]
        answers[person, id] = shown(await again.processes[0].talks.take(message))
    for (person, id), (message, turn) in world.acknowledged.items():
        assert (person, id) in answers, f"{id} was acknowledged and is not kept"
        assert shown(await last.talks.take(message)) == shown(turn), f"{id} is answered otherwise now"
        for other, hours in OWN.items():
            if not person.endswith(other):
                assert str(hours) not in shown(turn).decode(), f"{id} shows what {other} said"
    for person in {person for person, _ in world.disk.committed}:
        after, alone = await last.store.load(person), await again.processes[0].store.load(person)
        assert after.session is not None, f"what {person} said is gone"
        assert alone.session is not None
        assert after.session["cases"] == alone.session["cases"], f"{person}'s case is not what one after another gives"
        newest = [id for whose, id in world.disk.committed if whose == person][-1]
        seen = (await last.talks.recent(person))[-1]
        assert [reply.text for reply in seen.replies] == [
            reply.text for reply in world.acknowledged[person, newest][1].replies
        ], f"{person} does not see the pending question"


def live(seed: int, plant: Callable[[Process], None] = lambda process: None) -> None:
    """One history by its seed. Raises: AssertionError with the seed and all that happened."""
    loop, world = Loop(random.Random(seed)), World(seed, plant)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(history(world))
    except AssertionError as wrong:
        raise AssertionError("\n".join([f"seed {seed}: {wrong}", *world.told])) from wrong
    finally:
        left = asyncio.all_tasks(loop)  # of processes that died, which would wait for ever
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        asyncio.set_event_loop(None)
        loop.close()
        world.disk.engine.dispose()

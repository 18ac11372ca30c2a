"""Another process on the same database: writes turns and prints each only after it was acknowledged.

    python -m tests.storage.process URL NAME PEOPLE TURNS

Each of PEOPLE is talked to at once, TURNS times each (0: for ever). A line is `person message_id`. In conflict it loads
again, as a conversation does.
"""

from __future__ import annotations

import asyncio
import sys

from storage import Conflict, Store

from .turns import turn


async def talk(store: Store, name: str, person: str, turns: int) -> None:
    number = 0
    while number < turns or not turns:
        message_id = f"{name}-{number}"
        loaded = await store.load(person, message_id)
        if loaded.earlier is None:
            said = [*(loaded.session or {"said": []})["said"], message_id][-50:]
            count = (loaded.session or {"count": 0})["count"] + 1
            try:
                await store.commit(
                    turn(
                        person,
                        loaded,
                        message_id,
                        session={"said": said, "count": count},
                        answer={"count": count},
                        channel="telegram",
                        parts=(b"one", b"two"),
                    )
                )
            except Conflict:
                continue
        print(person, message_id, flush=True)
        number += 1


async def main(url: str, name: str, people: str, turns: str) -> None:
    store = await Store.open(url)
    print("ready", flush=True)
    await asyncio.gather(*(talk(store, name, f"p{n}", int(turns)) for n in range(int(people))))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

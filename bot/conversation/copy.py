"""Everything that is kept of somebody, given to them: asked for in the talk, or fetched as a file from the page."""

from __future__ import annotations

from typing import Any

import orjson

from bot.messages import Link, Message, Reply
from storage import Store

ASKED = ("导出我的数据", "导出数据", "导出我的全部数据", "下载我的数据")
HEAD = "这里存着的、与您有关的全部内容都在下面，没有别的；说“删除我的数据”马上全部删掉。"
PLACE = "/mydata.json"
PIECE = 1_500  # characters in a bubble: every platform takes it whole


def asked(message: Message) -> bool:
    """Whether somebody asks for all that is kept of them; never where others look on."""
    return not message.group and message.text.strip("。！! \n") in ASKED


async def everything(store: Store, person: str) -> dict[str, Any]:
    """All that is kept, but for earlier copies of the same. Raises: storage.Unavailable."""
    found = await store.everything(person)
    return {name: kept for name, rows in found.items() if (kept := [row for row in rows if HEAD not in str(row)])}


async def replies(store: Store, message: Message) -> tuple[Reply, ...]:
    """What is kept, in the talk: a link on the page, in so many bubbles elsewhere. Raises: storage.Unavailable."""
    if message.channel == "web":
        return (Reply(HEAD, links=(Link("下载我的全部数据", PLACE),)),)
    text = orjson.dumps(await everything(store, message.person), option=orjson.OPT_INDENT_2).decode()
    pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    return (Reply(HEAD), *(Reply(piece) for piece in pieces))

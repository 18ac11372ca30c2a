"""`xueshi notices …`: each command in a few lines over the office."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from bot.cli import DONE, FAILED, USAGE, Fault, settings
from bot.notices.audience import Audience, Listed, choose, read_roster
from bot.notices.campaigns import CampaignFault, Office, Preview
from bot.notices.setup import bot_name, office, worker
from bot.notices.words import words
from bot.settings import Settings
from storage import Unavailable

Act = Callable[[argparse.Namespace, Settings, Office], Coroutine[Any, Any, int]]


def command(name: str) -> Callable[[argparse.Namespace], int]:
    """The command of that name, run on an open store."""
    act = ACTS[name]

    def run(options: argparse.Namespace) -> int:
        from bot.roster import UnreadableRoster
        from rules import PolicyError

        chosen = settings()

        async def go() -> int:
            async with office(chosen) as at:
                return await act(options, chosen, at)

        try:
            with asyncio.Runner(loop_factory=_loop()) as runner:
                return runner.run(go())
        except Unavailable as wrong:
            raise Fault(str(wrong), FAILED) from None
        except (CampaignFault, UnreadableRoster, PolicyError) as wrong:
            raise Fault(str(wrong), USAGE) from None
        except OSError as wrong:
            raise Fault(f"{wrong.filename or ''}: {wrong.strerror or wrong}".strip(": "), FAILED) from None

    return run


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not made for this platform
        return None
    return uvloop.new_event_loop


# ---------------------------------------------------------------- before


async def _people(options: argparse.Namespace, chosen: Settings, at: Office) -> list[Listed]:
    if options.asked == bool(options.roster):
        raise Fault("give a ROSTER, or --asked for those who asked to be reminded")
    if options.asked:
        return await at.asked(chosen.today())
    return read_roster(Path(options.roster), at.packs, chosen.today())


async def invite(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """A binding code, link and QR picture for each person."""
    from bot.notices import invite as book
    from bot.notices.bindings import Bindings
    from bot.notices.secrets import service_key

    out = _workbook(options.out)
    people: dict[str, Listed] = {}
    for one in read_roster(Path(options.roster), at.packs, chosen.today()):
        people.setdefault(one.subject, one)
    name = await bot_name(chosen)
    bindings = Bindings(at.accounts, service_key(chosen.secret_key, chosen.data_dir))
    codes = await bindings.invite(list(people))
    links = [book.link_of(code, public_url=chosen.public_url, bot=name) for code in codes]
    book.write(out, list(people.values()), codes, links)
    print(f"{len(people)} 人的绑定码已写入 {out}", file=sys.stderr)
    return DONE


async def preview(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """How many, who not and why, three real messages."""
    people = await _people(options, chosen, at)
    print(preview_words(await at.preview(people, options.title, chosen.today())))
    return DONE


def preview_words(seen: Preview) -> str:
    """A preview as HR reads it."""
    said = words()
    lines = [f"要告知 {seen.count} 人"]
    lines += [f"  {said['channels'].get(name, name)}：{number} 人" for name, number in seen.by_channel.items()]
    if seen.left_out:
        lines.append(f"不告知 {sum(map(len, seen.left_out.values()))} 人")
        lines += [f"  {said['left_out'].get(name, name)}：{len(who)} 人" for name, who in seen.left_out.items()]
    for number, (channel, text) in enumerate(seen.messages, 1):
        lines += ["", f"—— 样例{number}（{said['channels'].get(channel, channel)}）——", text]
    return "\n".join(lines)


async def create(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """A campaign; prints its id alone."""
    today = chosen.today()
    try:
        not_after = date.fromisoformat(options.not_after) if options.not_after else None
    except ValueError:
        raise Fault(f"--not-after: {options.not_after!r} is no day, YYYY-MM-DD is") from None
    audience: Audience = choose(await _people(options, chosen, at), at.packs, today)
    source = Path(options.roster) if options.roster else None
    made = await at.create(audience, options.title, today, source=source, not_after=not_after)
    print(made.id)
    return DONE


# ---------------------------------------------------------------- while it goes


async def send(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """Sends until all that may go out has gone."""
    found = await at.get(options.id)
    if found.state in ("draft", "sending", "paused") and (said := await at.reread(found, chosen.today())):
        print(f"xueshi: {said}", file=sys.stderr)
    if options.in_doubt == "resend":
        print(f"xueshi: 存疑的 {await at.resend_doubt(found.id)} 条重发", file=sys.stderr)
    found = await at.start(found.id)
    if found.state == "paused":
        print(f"xueshi: 通知已暂停{'：' + found.why if found.why else ''}；先 resume 再发", file=sys.stderr)
        return FAILED if found.why else DONE
    if found.state == "sending":
        async with worker(chosen, at, [found.id]) as working:
            _on_signals(working.stop)
            watching = asyncio.create_task(_watch(at, found.id))
            try:
                await working.run()
            finally:
                watching.cancel()
    after = await at.status(found.id)
    if after["state"] == "sending" and after["waiting"]:
        print(f"xueshi: 还有 {after['waiting']} 条没发（静默时段或被停下），之后再运行一次 send", file=sys.stderr)
    if after["state"] == "paused" and after.get("why"):
        print(f"xueshi: 通知自己暂停了：{after['why']}", file=sys.stderr)
        return FAILED
    return DONE


async def _watch(at: Office, id: str) -> None:
    """A progress line on a terminal."""
    while sys.stderr.isatty():
        now = await at.status(id)
        done = now["total"] - now["waiting"]
        width = 30 * done // max(1, now["total"])
        bar = "█" * width + "░" * (30 - width)
        print(
            f"\r{bar} {done}/{now['total']} 已告知{now['told']} 未告知{now['not_told']} 存疑{now['in_doubt']} ",
            end="",
            file=sys.stderr,
        )
        await asyncio.sleep(1)


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


async def serve(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """Every campaign that is being sent, until it is stopped: what `xueshi run` starts beside itself."""
    from bot.logs import begin

    begin(chosen.log_level, chosen.log_format)
    async with worker(chosen, at) as working:
        _on_signals(working.stop)
        if options.beside:
            _with_parent(working.stop)
        await working.run()
    return DONE


def _with_parent(stop: Callable[[], None]) -> None:
    """Nothing is sent once the service that started us is gone, however and whenever it went: the pipe it holds ends with it."""
    loop, pipe = asyncio.get_running_loop(), sys.stdin.fileno()

    def ended() -> None:
        loop.remove_reader(pipe)
        stop()

    try:
        loop.add_reader(pipe, ended)
    except PermissionError:  # a file, which has ended already
        stop()


async def status(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """One object."""
    print(orjson.dumps(await at.status(options.id)).decode())
    return DONE


async def pause(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    await at.pause(options.id)
    return DONE


async def resume(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    await at.resume(options.id)
    return DONE


async def cancel(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    await at.cancel(options.id)
    return DONE


async def report(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """A workbook: who was told when and how, who not and why, who opened, who has caught up."""
    from bot.notices import report as book

    out = _workbook(options.out)
    found = await at.get(options.id)
    names, now = await at.as_it_stands(found, chosen.today())
    rows = await at.campaigns.rows(found.id)
    book.write(out, book.Content(found, rows, names, now, at.packs, at.wordings, chosen.today()))
    return DONE


def _workbook(name: str) -> Path:
    out = Path(name)
    if out.suffix.lower() != ".xlsx":
        raise Fault(f"-o: {out.name} is no .xlsx")
    if not out.parent.is_dir():
        raise Fault(f"-o: there is no folder {out.parent}")
    return out


ACTS: dict[str, Act] = {
    "invite": invite, "preview": preview, "create": create, "send": send, "worker": serve, "status": status, "pause": pause,
    "resume": resume, "cancel": cancel, "report": report,
}  # fmt: skip

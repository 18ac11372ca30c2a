"""`xueshi notices …`: each command in a few lines over the office."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from bot.commands import DONE, FAILED, USAGE, Fault, fast_loop, plainly, settings
from bot.post.audience import CampaignFault, sifted
from bot.post.campaigns import Draft, Office, read_officers
from bot.post.quiet import ZONE
from bot.post.setup import links, office, try_out, worker
from bot.post.words import reason_words, words
from bot.settings import Settings
from bot.telling import templates
from storage import Addressee

Act = Callable[[argparse.Namespace, Settings, Office], Coroutine[Any, Any, int]]


def run(options: argparse.Namespace) -> int:
    """Runs the command on an open store."""
    from bot.roster import UnreadableRoster

    chosen = settings()

    async def go() -> int:
        async with office(chosen) as at:
            return await ACTS[options.act](options, chosen, at)

    try:
        with plainly(), asyncio.Runner(loop_factory=fast_loop()) as runner:
            return runner.run(go())
    except (CampaignFault, UnreadableRoster) as wrong:
        raise Fault(str(wrong), USAGE) from None


# ---------------------------------------------------------------- before


async def _people(options: argparse.Namespace, chosen: Settings, at: Office) -> tuple[list[Addressee], Draft]:
    """Everybody that is asked about, and what a campaign of theirs would be made with. Raises: Fault, CampaignFault, OSError."""
    asked, name = getattr(options, "asked", False), options.roster
    if asked == bool(name):
        raise Fault("give a ROSTER, or --asked for those who asked to be reminded")
    source, office = Path(name) if name else None, await at.office_of(options.office)
    people = await at.people(source, office, chosen.today()) if source else await at.asked(chosen.today())
    not_after, wording = getattr(options, "not_after", None), getattr(options, "wording", None)
    try:
        last = date.fromisoformat(not_after) if not_after else None
        words_ = Path(wording).read_text(encoding="utf-8") if wording else ""
    except UnicodeDecodeError:
        raise Fault(f"--wording: {wording} is no UTF-8") from None
    except ValueError:
        raise Fault(f"--not-after: {not_after!r} is no day, YYYY-MM-DD is") from None
    days = [_moment(day) for day in getattr(options, "at", None) or ()]
    return people, Draft(getattr(options, "title", ""), office, source, last, days, words_)


async def invite(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """A binding code, link and QR picture for each person."""
    from bot.post.bindings import Bindings
    from bot.post.books import write_codes

    out = _workbook(options.out)
    people = [one for one in (await _people(options, chosen, at))[0] if one.out != "unreadable"]
    codes = await Bindings(at.book, at.wordings.key).invite([one.subject for one in people])
    write_codes(out, people, codes, await links(chosen, codes))
    print(f"{len(people)} 人的绑定码已写入 {out}", file=sys.stderr)
    return DONE


async def preview(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """How many, who not and why, three real messages."""
    people, plan = await _people(options, chosen, at)
    seen = await at.preview(people, plan, chosen.today())
    says = templates().get_template("notice/preview.j2")
    print(says.render(seen=seen, names=words()["channels"], why=reason_words).rstrip())
    return DONE


def _moment(text: str) -> datetime:
    """`2025-12-01 09:00` in Inner Mongolia; a day alone begins at nine. Raises: Fault."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Fault(f"--at: {text!r} is no moment, YYYY-MM-DD HH:MM is") from None
    return (at.replace(hour=9) if len(text) == len("YYYY-MM-DD") else at).replace(tzinfo=ZONE)


def _mind_links(at: Office) -> None:
    if not at.wordings.public_url:
        _mind(words()["warnings"]["no_links"])


def _mind(*warnings: str) -> None:
    for warning in warnings:
        print(f"xueshi: 注意：{warning}", file=sys.stderr)


async def create(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """A campaign, or one for each moment given; prints the ids alone."""
    today = chosen.today()
    people, plan = await _people(options, chosen, at)
    warnings = await at.warnings([one for one in sifted(people, at.packs, today) if not one.out], plan, today)
    made = await at.create(people, plan, today)
    _mind(*warnings)
    for one in made:
        print(one.id)
    return DONE


async def test(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """One real message, to oneself: what the first who is short would read."""
    people, plan = await _people(options, chosen, at)
    said = await try_out(chosen, at, people, plan, options.to)
    print(f"xueshi: {said}", file=sys.stderr)
    return DONE if said == words()["test"]["sent"] else FAILED


async def follow(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """A campaign made from the report of another: to who has not opened, or to each unit's officer; prints its id."""
    officers = None
    if options.officers:
        officers = read_officers(Path(options.officers).read_text(encoding="utf-8-sig"))
    begins = _moment(options.at) if options.at else None
    made = await at.follow(options.id, chosen.today(), begins, officers, options.days)
    print(made.id)
    return DONE


async def reword(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """Other words for who has not been told yet."""
    await at.reword(options.id, Path(options.wording).read_text(encoding="utf-8").strip(), chosen.today())
    return DONE


# ---------------------------------------------------------------- while it goes


async def send(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """Sends until all that may go out has gone."""
    found = await at.get(options.id)
    if found.state in ("draft", "sending", "paused") and (said := await at.reread(found, chosen.today())):
        print(f"xueshi: {said}", file=sys.stderr)
    if options.in_doubt == "resend":
        print(f"xueshi: 存疑的 {await at.again(found.id, 'in_doubt')} 条重发", file=sys.stderr)
    if options.not_told:
        print(f"xueshi: 未告知的 {await at.again(found.id, 'not_told')} 人再发一次", file=sys.stderr)
    found = await at.start(found.id)
    if found.state == "paused":
        print(f"xueshi: 通知已暂停{'：' + found.why if found.why else ''}；先 resume 再发", file=sys.stderr)
        return FAILED if found.why else DONE
    if found.state == "sending":
        _mind_links(at)
        async with worker(chosen, at, [found.id]) as working:
            _on_signals(working.stop)
            watching = asyncio.create_task(_watch(at, found.id))
            try:
                await working.run()
            finally:
                watching.cancel()
    after = await at.status(found.id)
    if after["state"] == "sending" and after["waiting"]:
        print(words()["still_waiting"].format(after["waiting"]), file=sys.stderr)
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
        print("\r" + words()["progress"].format(bar=bar, done=done, **now), end="", file=sys.stderr)
        await asyncio.sleep(1)


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


async def serve(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """Every campaign that is being sent, until it is stopped: what `xueshi run` starts beside itself."""
    from bot.settings.logs import begin

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


def _moves(to: str) -> Act:
    async def move(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
        await at.move(options.id, to)
        return DONE

    return move


async def cancel(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """Ends it; asks first where somebody is there to answer."""
    now = await at.status(options.id)
    if sys.stdin.isatty() and now["state"] in ("draft", "sending", "paused"):
        print(words()["really"].format(**now), end="", file=sys.stderr)
        if (await asyncio.to_thread(sys.stdin.readline)).strip().lower() not in ("y", "yes", "是"):
            return DONE
    await at.move(options.id, "cancelled")
    return DONE


async def skip(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """One person hears no more of it."""
    if not await at.stop_for(options.id, await at.line_of(options.id, options.who)):
        raise Fault(f"没有等着发给“{options.who}”的", FAILED)
    return DONE


async def report(options: argparse.Namespace, chosen: Settings, at: Office) -> int:
    """A workbook: who was told when and how, who not and why, who opened, who has caught up."""
    from bot.post import books

    out = _workbook(options.out)
    books.write(out, await at.findings(await at.get(options.id), chosen.today()), at.wordings)
    _mind_links(at)
    return DONE


def _workbook(name: str) -> Path:
    out = Path(name)
    if out.suffix.lower() != ".xlsx":
        raise Fault(f"-o: {out.name} is no .xlsx")
    if not out.parent.is_dir():
        raise Fault(f"-o: there is no folder {out.parent}")
    return out


ACTS: dict[str, Act] = {
    "invite": invite, "preview": preview, "create": create, "send": send, "worker": serve, "status": status, "pause": _moves("paused"),
    "resume": _moves("sending"), "cancel": cancel, "report": report, "test": test, "skip": skip, "follow": follow, "reword": reword,
}  # fmt: skip

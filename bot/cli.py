"""The commands. Heavy imports stand inside the command that needs them, so that `--help` stays instant."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from bot.commands import DONE, FAILED, USAGE, Fault, day, fast_loop, library, plainly, settings
from bot.commands.parser import parser

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.settings import Settings
    from storage import Store


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code is 0 done, 1 the work found a failure, 2 wrong usage or settings."""
    options = parser().parse_args(argv)
    try:
        if getattr(options, "policies", None):
            _beside(options.policies)
        code: int = options.run(options)
        return code
    except Fault as fault:
        print(f"xueshi: {fault}", file=sys.stderr)
        return fault.code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever read us has gone: nothing more to flush
        return FAILED
    except KeyboardInterrupt:
        return 130


# ---------------------------------------------------------------- what the commands share


def _beside(folders: Sequence[str]) -> None:
    """Adds folders of the command line to those of the settings, for us and for every process that we start. Raises: Fault."""
    if torn := [folder for folder in folders if ":" in folder]:
        raise Fault(f"--policies: {torn[0]}: a colon stands between two folders and can be in no name")
    os.environ["XUESHI_POLICIES"] = ":".join([*map(str, settings().policies), *folders])


def _source(name: str | None) -> int:
    """A file descriptor to read from. Raises: Fault."""
    if name is None or name == "-":
        if sys.stdin is None:
            raise Fault("standard input: is closed")
        return 0
    try:
        if os.path.isdir(name):
            raise IsADirectoryError(21, "Is a directory")
        return os.open(name, os.O_RDONLY)
    except OSError as wrong:
        raise Fault(f"{name}: {wrong.strerror}") from None


def assess_lines(options: argparse.Namespace) -> int:
    """`xueshi assess`: constant memory, output as the input arrives."""
    import gc

    from bot.lines import stream

    today, packs = day(options.today), library()
    source = _source(options.file)
    gc.freeze()
    gc.disable()  # a line leaves no cycles behind; looking for them costs a tenth
    try:
        stream(lambda size: os.read(source, size), sys.stdout.buffer, packs, today)
    except BrokenPipeError:
        raise
    except OSError as wrong:
        raise Fault(f"standard output: {wrong.strerror}", FAILED) from None
    return DONE


def read_lines(options: argparse.Namespace) -> int:
    """`xueshi read`."""
    from bot.answering import Answers
    from bot.asking.claims import read
    from bot.reading.read_command import run

    today, packs = day(options.today), library()
    source = _source(options.file)
    answers = Answers(packs).of(packs.on(today))
    with os.fdopen(source, "rb", closefd=source != 0) as lines:
        run(lines, sys.stdout.write, lambda text: read(text, today, packs.on(today)), topic=answers.topic_of)
    sys.stdout.flush()
    return DONE


def roster(options: argparse.Namespace) -> int:
    """`xueshi roster`."""
    from bot.roster.command import RosterFailed
    from bot.roster.command import roster as run

    try:
        return run(options, library(), day(None))
    except RosterFailed as wrong:
        raise Fault(str(wrong), USAGE if wrong.usage else FAILED) from None


def chat(options: argparse.Namespace) -> int:
    """`xueshi chat`."""
    import asyncio
    import getpass

    from bot.app import conversation
    from bot.channels.terminal import talk

    chosen = settings()

    async def go() -> None:
        # A transcript piped through is somebody new each time; whoever sits at a terminal is known again.
        _source(None)  # a terminal without an input has nobody in it
        person = getpass.getuser() if sys.stdin.isatty() else os.urandom(16).hex()
        async with conversation(chosen) as talks:
            await talk(talks, sys.stdin, sys.stdout, person)

    with plainly():
        asyncio.run(go())
    return DONE


def run_service(options: argparse.Namespace) -> int:
    """`xueshi run`."""
    import asyncio

    from bot.app import listen, run
    from bot.settings.logs import begin

    chosen = settings()
    os.umask(0o077)  # of what people tell us, nobody else on this machine reads anything
    begin(chosen.log_level, chosen.log_format)
    with plainly():
        chosen, listening = listen(chosen)
        sys.setswitchinterval(0.001)  # a long message is read, or a long list assessed, beside the talk
        with listening, asyncio.Runner(loop_factory=fast_loop()) as runner:
            runner.run(run(chosen, listening))
    return DONE


def upgrade_database(options: argparse.Namespace) -> int:
    """`xueshi db upgrade`."""
    from bot.app import make_room
    from storage import migrate

    chosen = settings()
    with plainly():
        make_room(chosen)
        migrate(chosen.database_url)
    return DONE


def on_store(work: Callable[[Store, Settings], Awaitable[int]]) -> int:
    """Works on the open store."""
    import asyncio

    from bot.app import opened

    chosen = settings()

    async def go() -> int:
        async with opened(chosen) as store:
            return await work(store, chosen)

    with plainly():
        return asyncio.run(go())


def hr(options: argparse.Namespace) -> int:
    """`xueshi hr`."""
    from bot.hr.hr_commands import ACTS

    try:
        return on_store(lambda store, chosen: ACTS[options.act](options, store, chosen.public_url))
    except ValueError as wrong:
        raise Fault(str(wrong)) from None


def trust_clock(options: argparse.Namespace) -> int:
    """`xueshi db trust-clock`."""
    from datetime import timedelta

    from storage import Clock

    async def trust(store: Store, chosen: Settings) -> int:
        clock = Clock(store, timedelta(days=chosen.retention_days))
        last = await clock.last()
        await clock.believe()
        print(f"last seen {last:%Y-%m-%d}, " if last else "", end="")
        print(f"believed from now on: {store.clock():%Y-%m-%d}")
        return DONE

    return on_store(trust)


def kept(options: argparse.Namespace) -> int:
    """`xueshi db retention`."""
    from bot.upkeep.retention import report

    async def tell(store: Store, chosen: Settings) -> int:
        lines, late = await report(store, chosen.retention_days)
        print("\n".join(lines))
        return FAILED if late else DONE

    return on_store(tell)


def rotate_key(options: argparse.Namespace) -> int:
    """`xueshi db rotate-key`."""

    async def rotate(store: Store, _: Settings) -> int:
        print(f"{await store.reseal()} rows sealed anew")
        return DONE

    return on_store(rotate)


def back_up(options: argparse.Namespace) -> int:
    """`xueshi backup`."""
    from pathlib import Path

    from bot.upkeep.backup import backup

    async def copy(store: Store, chosen: Settings) -> int:
        size = await backup(store, chosen.data_dir, Path(options.file))
        print(f"{options.file}: {size} bytes, {'sealed' if chosen.encryption_key else 'not sealed'}")
        return DONE

    return on_store(copy)


def restore(options: argparse.Namespace) -> int:
    """`xueshi restore`."""
    import asyncio
    from pathlib import Path

    from bot.app import make_room
    from bot.upkeep.backup import BackupFault, restore

    chosen = settings()
    with plainly():
        make_room(chosen)
        try:
            rows = asyncio.run(restore(Path(options.file), chosen.database_url, chosen.data_dir))
        except BackupFault as wrong:
            raise Fault(f"{options.file}: {wrong}", FAILED) from None
    print(f"{rows} rows restored")
    return DONE


def examine(options: argparse.Namespace) -> int:
    """`xueshi doctor`."""
    import asyncio

    from bot.settings import SettingsError, read_settings
    from bot.upkeep.doctor import Finding, examine

    try:
        read_settings()
    except SettingsError as wrong:
        for fault in wrong.faults:
            print(Finding("act", "设置", fault))
        return USAGE
    findings = asyncio.run(examine(settings()))
    for finding in findings:
        print(finding)
    return FAILED if any(finding.state == "act" for finding in findings) else DONE

"""The commands. Heavy imports stand inside the command that needs them, so that `--help` stays instant."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from bot.commands import DONE, FAILED, USAGE, Fault, day, library, plainly, settings

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code is 0 done, 1 the work found a failure, 2 wrong usage or settings."""
    options = _parser().parse_args(argv)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xueshi", description="内蒙古专业技术人员继续教育学时：还差多少，为什么，打哪个电话"
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, says: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=says, description=says)
        one.set_defaults(run=run)
        return one

    def reads_notices(one: argparse.ArgumentParser) -> None:
        says = "a folder with notices beside those of the product and of XUESHI_POLICIES; again for more"
        one.add_argument("--policies", metavar="FOLDER", action="append", help=says)

    one = command("run", run_service, "the service: web chat and pages, and every channel whose settings are present")
    reads_notices(one)
    reads_notices(command("chat", chat, "the conversation in the terminal"))
    one = command("assess", assess_lines, "JSON Lines of facts in, JSON Lines of assessments out")
    one.add_argument("file", nargs="?", help="default: standard input")
    one.add_argument("--today", metavar="YYYY-MM-DD", help="the day that is taken for today")
    reads_notices(one)
    one = command("read", read_lines, "what people wrote, one message a line, in; what was understood, JSON Lines, out")
    one.add_argument("file", nargs="?", help="default: standard input")
    one.add_argument("--today", metavar="YYYY-MM-DD", help="the day that 今年 is counted from")
    reads_notices(one)
    one = command("roster", roster, "a whole 花名册 in, a workbook with each person's result out")
    one.add_argument("source", nargs="?", metavar="IN", help="a workbook, a CSV, HTML or XML file")
    one.add_argument("-o", "--out", metavar="OUT", help="the workbook, or .jsonl for the assessment objects")
    one.add_argument("--template", metavar="OUT", help="write an empty roster with drop-downs instead")
    one.add_argument(
        "--columns", nargs="+", metavar="COLUMN=HEADER", help="correct what a column was taken for: 申报级别=职称"
    )
    one.add_argument("--mapping", metavar="FILE", help="a TOML file that says what columns and values are")
    one.add_argument("--year", type=int, metavar="YEAR", help="the review year of rows without 申报年度")
    reads_notices(one)
    _hr(command("hr", _usage, "HR accounts of the pages under /hr: invite, list, revoke"))
    _policy(command("policy", _usage, "the notices: list, show, check, explain, new, diff"), reads_notices)
    _notices(command("notices", _usage, "batch notices: everyone who is short is told, nobody twice"))
    one = command(
        "backup",
        back_up,
        "a copy of everything in one file, beside the service; sealed where XUESHI_ENCRYPTION_KEY is set",
    )
    one.add_argument("file", metavar="FILE")
    one = command("restore", restore, "a copy put into an empty database and the folder of data")
    one.add_argument("file", metavar="FILE")
    command("doctor", examine, "looks at settings, store, disk, keys, clock, packs and channels; each with what to do")
    database = command("db", _usage, "the database").add_subparsers(required=True, metavar="WHAT")
    upgrade = database.add_parser("upgrade", help="run migrations")
    upgrade.set_defaults(run=upgrade_database)
    rotate = database.add_parser(
        "rotate-key", help="seal everything under the first key of XUESHI_ENCRYPTION_KEY, beside the service"
    )
    rotate.set_defaults(run=rotate_key)
    trust = database.add_parser(
        "trust-clock", help="say that the clock is right after a jump, so that what is too old may be deleted"
    )
    trust.set_defaults(run=trust_clock)
    database.add_parser(
        "retention", help="what is kept for how long, and what should be gone: for who answers for the data"
    ).set_defaults(run=kept)
    return parser


def _hr(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(required=True, metavar="WHAT")
    one = what.add_parser("invite", help="a one-time code for somebody in HR")
    one.add_argument("name", help="who it is for, as the log will show it")
    one.add_argument("--role", choices=("staff", "manager"), default="staff")
    one.set_defaults(run=_hr_command("invite"))
    what.add_parser("list", help="everybody who was invited").set_defaults(run=_hr_command("everybody"))
    one = what.add_parser("revoke", help="shut an account and end its sessions")
    one.add_argument("who", help="the number or the name that `list` shows")
    one.set_defaults(run=_hr_command("revoke"))


def _hr_command(name: str) -> object:
    def run(options: argparse.Namespace) -> int:
        import asyncio

        from bot.app import opened
        from bot.hr import commands

        chosen = settings()

        async def go() -> int:
            async with opened(chosen) as store:
                code: int = await getattr(commands, name)(options, store, chosen.public_url)
                return code

        try:
            with plainly():
                return asyncio.run(go())
        except ValueError as wrong:
            raise Fault(str(wrong)) from None
        return FAILED

    return run


def _policy(parser: argparse.ArgumentParser, reads_notices: Callable[[argparse.ArgumentParser], None]) -> None:
    what = parser.add_subparsers(required=True, metavar="WHAT")

    def one(name: str, run: str, says: str) -> argparse.ArgumentParser:
        made = what.add_parser(name, help=says, description=says)
        made.set_defaults(run=_deferred(run))
        reads_notices(made)
        return made

    one("list", "commands.list_packs", "every notice that is loaded")
    one("show", "commands.show_pack", "one notice in words").add_argument("id", metavar="ID")
    check = one("check", "commands.check_packs", "validate notices: values, sentences, quotations, cases")
    check.add_argument("folder", nargs="?", metavar="FOLDER", help="default: every notice that is loaded")
    says = "a notice's text, in which each quotation must stand exactly once; again for more"
    check.add_argument("--notice", metavar="FILE", action="append", help=says)
    check.add_argument("--cases", metavar="DIR", help="case files, ID.toml (default: tests/cases, where present)")
    explain = one(
        "explain", "commands.explain_clause", "a clause: our sentence, the quotation, every case that rests on it"
    )
    explain.add_argument("clause", metavar="CLAUSE")
    explain.add_argument("id", metavar="ID", nargs="?", help="of this notice alone")
    explain.add_argument("--cases", metavar="DIR", help="case files, ID.toml (default: tests/cases, where present)")
    new = one("new", "drafting.new_pack", "a draft of a notice: all that must be looked up again is marked TODO")
    new.add_argument("id", metavar="ID", help="REGION/YEAR or REGION/AREA/YEAR, as neimenggu/2026")
    new.add_argument("--from", dest="base", metavar="ID", required=True, help="the notice to start from")
    new.add_argument(
        "-o", "--out", metavar="FILE", help="default: ID.toml, in the folder of --policies where one is given"
    )
    diff = one("diff", "differing.diff_packs", "what changes from one notice to another, and for whom")
    diff.add_argument("old", metavar="ID")
    diff.add_argument("new", metavar="ID")
    diff.add_argument("--roster", metavar="FILE", help="a 花名册: who of ours it changes")


def _notices(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(required=True, metavar="WHAT")

    def one(name: str, says: str) -> argparse.ArgumentParser:
        made = what.add_parser(name, help=says, description=says)
        made.set_defaults(run=_notice_command(name))
        return made

    invite = one("invite", "a binding code, link and QR picture for each person on a roster")
    invite.add_argument("roster", metavar="ROSTER")
    invite.add_argument("-o", "--out", metavar="OUT", required=True, help="the workbook to write")
    preview = one("preview", "who would be told, who not and why, three real messages")
    create = one("create", "a campaign that waits to be sent; prints its id")
    preview.add_argument("--title", metavar="T", default="继续教育学时", help="what stands over each message")
    create.add_argument("--title", metavar="T", required=True, help="what stands over each message")
    create.add_argument("--not-after", metavar="YYYY-MM-DD", help="the last day on which it may go out")
    test = one("test", "one real message to yourself")
    test.add_argument(
        "--to", metavar="ADDRESS", required=True, help="an e-mail address, or CHANNEL:ACCOUNT:ID as you are bound"
    )
    for command in (invite, test, preview, create):
        command.add_argument("--office", metavar="NAME", default="", help="whose people they are: an HR account's name")
    for command in (test, preview, create):
        command.add_argument("roster", metavar="ROSTER", nargs="?")
        command.add_argument("--asked", action="store_true", help="instead: those who asked to be reminded")
        command.add_argument(
            "--wording", metavar="FILE", help="your own words; {学时} {明细} {截止} {电话} {链接} are put in"
        )
    test.add_argument("--title", metavar="T", default="继续教育学时", help="what stands over each message")
    create.add_argument(
        "--at",
        metavar="MOMENT",
        action="append",
        help="not before 'YYYY-MM-DD HH:MM'; again for a series, each assessed anew",
    )
    send = one("send", "send until all that may go out has gone; again: nothing twice, but who can be reached since")
    send.add_argument("id", metavar="ID")
    send.add_argument("--not-told", action="store_true", help="try once more everybody who was not told")
    send.add_argument("--in-doubt", choices=("keep", "resend"), default="keep", help="repeat what is in doubt")
    for name, says in (
        ("status", "how it stands, one JSON object"),
        ("pause", "nothing more goes out until it is resumed"),
        ("resume", "go on"),
        ("cancel", "end it: who waits is not told"),
    ):
        one(name, says).add_argument("id", metavar="ID")
    skip = one("skip", "one person hears no more of it")
    skip.add_argument("id", metavar="ID")
    skip.add_argument("who", metavar="WHO", help="工号 as the report has it, or 工号@单位 where several have it")
    follow = one(
        "follow", "a campaign from the report of another: by another channel to who has not opened; prints its id"
    )
    follow.add_argument("id", metavar="ID")
    follow.add_argument(
        "--officers",
        metavar="FILE",
        help="instead: to each unit's officer who is short still; 单位 邮箱 a line",
    )
    follow.add_argument(
        "--days", metavar="N", type=int, default=0, help="who has had so many days to open it, each counted from when they were told"
    )  # fmt: skip
    follow.add_argument("--at", metavar="MOMENT", help="not before 'YYYY-MM-DD HH:MM'; everybody is assessed anew then")
    reword = one("reword", "other words for who has not been told yet")
    reword.add_argument("id", metavar="ID")
    reword.add_argument("--wording", metavar="FILE", required=True, help="your own words; an empty file for ours")
    report = one("report", "a workbook: who was told when and how, who not and why")
    report.add_argument("id", metavar="ID")
    report.add_argument("-o", "--out", metavar="OUT", required=True, help="the workbook to write")
    worker = one("worker", "send every campaign that is being sent, until stopped (`run` starts one)")
    worker.add_argument(
        "--beside",
        action="store_true",
        help="stop when standard input ends, as with whoever started it",
    )


def _notice_command(name: str) -> object:
    def run(options: argparse.Namespace) -> int:
        from bot.post import commands

        return commands.command(name)(options)

    return run


def _deferred(name: str) -> object:
    module, _, name = name.partition(".")

    def run(options: argparse.Namespace) -> int:
        from importlib import import_module

        code: int = getattr(import_module(f"bot.policy.{module}"), name)(options)
        return code

    return run


def _usage(options: argparse.Namespace) -> int:
    raise Fault("see --help")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(version("xueshi"))
        except PackageNotFoundError:
            print("0 (not installed)")
        parser.exit()


# ---------------------------------------------------------------- what the commands share


def _beside(folders: Sequence[str]) -> None:
    """Adds folders of the command line to those of the settings, for us and for every process that we start. Raises: Fault."""
    if torn := [folder for folder in folders if ":" in folder]:
        raise Fault(f"--policies: {torn[0]}: a colon stands between two folders and can be in no name")
    os.environ["XUESHI_POLICIES"] = ":".join([*map(str, settings().policies), *folders])


def _source(name: str | None) -> int:
    """A file descriptor to read from. Raises: Fault."""
    if name is None or name == "-":
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
    from bot.reading.command import run

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
        with listening, asyncio.Runner(loop_factory=_fast_loop()) as runner:
            runner.run(run(chosen, listening))
    return DONE


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not made for this platform
        return None
    return uvloop.new_event_loop


def upgrade_database(options: argparse.Namespace) -> int:
    """`xueshi db upgrade`."""
    from bot.app import make_room
    from storage import migrate

    chosen = settings()
    with plainly():
        make_room(chosen)
        migrate(chosen.database_url)
    return DONE


def trust_clock(options: argparse.Namespace) -> int:
    """`xueshi db trust-clock`."""
    import asyncio
    from datetime import timedelta

    from bot.app import opened
    from storage import Clock

    chosen = settings()

    async def go() -> None:
        async with opened(chosen) as store:
            clock = Clock(store, timedelta(days=chosen.retention_days))
            last = await clock.last()
            await clock.believe()
            print(f"last seen {last:%Y-%m-%d}, " if last else "", end="")
            print(f"believed from now on: {store.clock():%Y-%m-%d}")

    with plainly():
        asyncio.run(go())
    return DONE


def kept(options: argparse.Namespace) -> int:
    """`xueshi db retention`."""
    import asyncio

    from bot.app import opened
    from bot.upkeep.retention import report

    chosen = settings()

    async def go() -> int:
        async with opened(chosen) as store:
            lines, late = await report(store, chosen.retention_days)
            print("\n".join(lines))
            return FAILED if late else DONE

    with plainly():
        return asyncio.run(go())


def rotate_key(options: argparse.Namespace) -> int:
    """`xueshi db rotate-key`."""
    import asyncio

    from bot.app import opened

    chosen = settings()

    async def go() -> None:
        async with opened(chosen) as store:
            print(f"{await store.reseal()} rows sealed anew")

    with plainly():
        asyncio.run(go())
    return DONE


def back_up(options: argparse.Namespace) -> int:
    """`xueshi backup`."""
    import asyncio
    from pathlib import Path

    from bot.app import opened
    from bot.upkeep.backup import backup

    chosen = settings()

    async def go() -> int:
        async with opened(chosen) as store:
            return await backup(store, chosen.data_dir, Path(options.file))

    with plainly():
        print(f"{options.file}: {asyncio.run(go())} bytes, {'sealed' if chosen.encryption_key else 'not sealed'}")
    return DONE


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

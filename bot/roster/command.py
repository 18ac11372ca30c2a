"""`xueshi roster`: what was recognised first, then a progress bar, then the counts."""

from __future__ import annotations

import contextlib
import signal
import sys
from argparse import Namespace
from datetime import date
from pathlib import Path
from types import FrameType
from typing import TextIO

from bot.roster import Summary, UnknownColumn, UnreadableRoster, run, said_of, write_template
from bot.roster.mapping import MappingFile, read_corrections, read_toml
from bot.roster.verdicts import words
from bot.roster.work import STOPS
from rules import Library

_WIDTH = 30


class RosterFailed(Exception):
    """The command cannot do what was asked: one plain sentence; `usage` where another call would have worked."""

    def __init__(self, sentence: str, *, usage: bool) -> None:
        super().__init__(sentence)
        self.usage = usage


def roster(options: Namespace, packs: Library, today: date, said: TextIO = sys.stderr) -> int:
    """Run `xueshi roster`; 0 once the result is written, as `xueshi assess` does: rows that could not be read are in it; 1 where
    there are rows and none of them is anybody's.

    `options`: `source` (a path or None), `out` (a path or None), `template` (a path or None), `columns` (a list of 申报级别=职称).
    Raises: Failed.
    """
    try:
        if options.template:
            write_template(Path(options.template), packs.on(today))
            return 0
        if not options.source:
            raise RosterFailed("要给一份花名册（.xlsx、.csv），或者 --template OUT", usage=True)
        for number in STOPS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup and a shell's background leave them
                signal.signal(number, _stop)
        source = Path(options.source)
        out = Path(options.out) if options.out else source.with_name(source.stem + "-结果.xlsx")
        if source.is_file() and out.exists() and out.samefile(source):
            raise RosterFailed("结果不能写到花名册自己上面，请用 -o 换一个文件名", usage=True)
        bar = _Bar(said) if said.isatty() else None
        summary = run(
            source, out, packs, today, mapping=_mapping(options), progress=bar, year=getattr(options, "year", None),
            on_header=lambda text: print(text, file=said, flush=True),
        )  # fmt: skip
    except UnknownColumn as wrong:
        raise RosterFailed(str(wrong), usage=True) from None
    except UnreadableRoster as wrong:
        raise RosterFailed(str(wrong), usage=False) from None
    except KeyboardInterrupt:
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # all is taken away: a late stop must not change how it ends
        with contextlib.suppress(OSError):  # the terminal may be gone
            print("xueshi: 已停止，没有留下半份结果", file=said, flush=True)
        raise
    except OSError as wrong:
        raise RosterFailed(f"{wrong.filename or ''}: {wrong.strerror}", usage=False) from None
    if bar:
        bar.end()
    print("\n".join(counts(summary, out)), file=said)
    return int(summary.nobody)


def _mapping(options: Namespace) -> MappingFile:
    """What was said of the file, in a mapping file and on the command line.

    Raises: UnknownColumn, OSError.
    """
    told = (
        read_toml(Path(options.mapping).read_text(encoding="utf-8"))
        if getattr(options, "mapping", None)
        else MappingFile()
    )
    told.columns.update(read_corrections(options.columns or ()))
    return told


def counts(summary: Summary, out: Path) -> list[str]:
    """What came out, in a few lines."""
    tally, said = summary.tally, words()
    found = "，".join(
        f"{tally.named(status)} {tally.by_status[status]}" for status in said["status"] if tally.by_status[status]
    )
    lines = [f"{tally.people} 人：{found or '没有人'}"]
    lines += said_of(summary)
    if tally.faults:
        lines.append(said["recognised"]["faults"].format(n=len(tally.faults) + tally.more_faults))
        lines += [f"  {fault.cell} {fault.header}：{fault.why}" for fault in tally.faults[:5]]
    return [*lines, f"结果：{out}"]


def _stopping(number: int, frame: FrameType | None) -> None:
    """Another stop on the way out."""


def _stop(number: int, frame: FrameType | None) -> None:
    """End as after Ctrl-C: what was begun is taken away, and another stop does not disturb that."""
    for each in STOPS:
        signal.signal(each, _stopping)  # not SIG_IGN, of which the interpreter complains when one is on its way already
    raise KeyboardInterrupt


class _Bar:
    """A progress bar on a terminal."""

    def __init__(self, said: TextIO) -> None:
        self._said, self._last = said, -1

    def __call__(self, done: int, total: int) -> None:
        full = _WIDTH * done // max(total, 1)
        if full != self._last:
            self._last = full
            print(f"\r[{'█' * full}{'·' * (_WIDTH - full)}] {done}/{total}", end="", file=self._said, flush=True)

    def end(self) -> None:
        """Leave the line."""
        print(file=self._said)

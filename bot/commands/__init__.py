"""What every command shares: how it ends, and the settings, the day and the notices that it works with."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator
    from datetime import date

    from bot.settings import Settings
    from rules import Library, PolicyError

DONE, FAILED, USAGE = 0, 1, 2


class Fault(Exception):
    """What ends a command: one plain sentence for the operator, and the exit code."""

    def __init__(self, sentence: str, code: int = USAGE) -> None:
        super().__init__(sentence)
        self.code = code


def settings() -> Settings:
    """The settings. Raises: Fault naming every setting that is wrong."""
    from bot.settings import SettingsError, read_settings

    try:
        chosen = read_settings()
    except SettingsError as wrong:
        raise Fault("settings: " + "; ".join(wrong.faults)) from None
    if chosen.encryption_key:
        from storage.sealing import KEYRING

        KEYRING.use(chosen.encryption_key)
    return chosen


def day(text: str | None) -> date:
    """The day given, or the one the settings take for today. Raises: Fault."""
    from argparse import ArgumentTypeError

    from bot.commands import kinds

    try:
        return settings().today() if text is None else kinds.day(text)
    except ArgumentTypeError as wrong:
        raise Fault(f"--today: {wrong}") from None


def library() -> Library:
    """Every notice that the settings name. Raises: Fault."""
    from rules import PolicyError

    try:
        return settings().library()
    except PolicyError as wrong:
        raise Fault(_of_notices(wrong)) from None
    except OSError as wrong:
        raise Fault(f"XUESHI_POLICIES: {wrong.filename}: {wrong.strerror}") from None


def _of_notices(wrong: PolicyError) -> str:
    """What is wrong with a notice, or with the setting that names folders of them."""
    return f"XUESHI_POLICIES: {wrong}" if wrong.line == "folder" else str(wrong)


@contextmanager
def plainly() -> Iterator[None]:
    """What can go wrong in the work, as one sentence for the operator and an exit code."""
    from bot.settings import SettingsError
    from rules import PolicyError
    from storage import Unavailable

    try:
        yield
    except* (Unavailable, PolicyError, SettingsError, OSError) as group:
        wrong: BaseException = group
        while isinstance(wrong, BaseExceptionGroup):
            wrong = wrong.exceptions[0]
        if isinstance(wrong, PolicyError):
            raise Fault(_of_notices(wrong), USAGE) from None
        says = f"{wrong.filename}: {wrong.strerror}" if isinstance(wrong, OSError) and wrong.filename else str(wrong)
        raise Fault(says, USAGE if isinstance(wrong, SettingsError) else FAILED) from None


def fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop that serves many, where it is made for this platform."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


# ---------------------------------------------------------------- commands

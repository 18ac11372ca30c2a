"""The command line out of `commands.toml`: what can be typed, and which function runs it. Nothing else is loaded before it runs."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from bot.commands.kinds import KINDS


def parser() -> argparse.ArgumentParser:
    """Options with `run`, the function of the command, and `act`, its name."""
    told = tomllib.loads(Path(__file__).with_name("commands.toml").read_text(encoding="utf-8"))
    made = argparse.ArgumentParser(prog="xueshi", description=told["says"])
    made.add_argument("--version", action=_Version, nargs=0, help="print the version")
    _add(made, "COMMAND", told["command"], told["shared"])
    return made


def _add(to: argparse.ArgumentParser, what: str, commands: Sequence[Any], shared: Mapping[str, Any]) -> None:
    among = to.add_subparsers(required=True, metavar=what)
    for one in commands:
        made = among.add_parser(one["name"], help=one["says"], description=one["says"])
        if "command" in one:
            _add(made, "WHAT", one["command"], shared)
            continue
        made.set_defaults(run=_deferred(one["run"]), act=one["name"])
        for argument in (*(shared[name] for name in one.get("with", ())), *one.get("arguments", ())):
            kind = {"type": KINDS[argument["type"]]} if "type" in argument else {}
            made.add_argument(*argument["names"], **{k: v for k, v in argument.items() if k != "names"} | kind)


def _deferred(path: str) -> Callable[[argparse.Namespace], int]:
    module, _, name = path.rpartition(".")

    def run(options: argparse.Namespace) -> int:
        code: int = getattr(import_module(module), name)(options)
        return code

    return run


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(version("xueshi"))
        except PackageNotFoundError:
            print("0 (not installed)")
        parser.exit()

"""`xueshi …` as a process of its own, forked in a moment from one that has imported everything: a start from nothing takes a second.

It is as separate as any other: it has its own environment, folder and pipes, is killed like one, and shares nothing with the tests.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import random
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import httpx
import pytest

import bot

ROOT = Path(__file__).parents[1]
TUNED = "XUESHI_TEST_TUNED"
"""The setting under which a process finds the waits that a test has shortened: `{"bot.channels.web.serving.SILENT": 1}`, in seconds."""
_PORTS = range(
    20_000, 32_000
)  # below those that a system gives to outgoing connections, or one of them may sit on ours
_dice = random.SystemRandom()  # two test runs beside each other must not ask for the same


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    while True:
        port = _dice.choice(_PORTS)
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port


class Xueshi(subprocess.Popen[Any]):
    """A `Popen` of `xueshi` with these words, and all else that a `Popen` takes but `preexec_fn`.

    How a process is begun and how its end is heard of are not public in the standard library; all the rest of it is used as it stands.
    """

    def _execute_child(
        self, args: Sequence[str], _executable: Any, _preexec: Any, _close: Any, _pass: Any, cwd: Any, env: Any, _info: Any,
        _flags: Any, _shell: Any, p2cread: int, p2cwrite: int, c2pread: int, c2pwrite: int, errread: int, errwrite: int,
        _restore: Any, _gid: Any, _gids: Any, _uid: Any, _umask: Any, session: bool, *_: Any,
    ) -> None:  # fmt: skip
        self._ended, tells = os.pipe()
        theirs = [given if given != -1 else own for own, given in enumerate((p2cread, c2pwrite, errwrite))]
        asked = {
            "words": [*map(str, args)],
            "cwd": str(cwd or Path.cwd()),
            "env": dict(env or os.environ),
            "session": session,
        }
        self.pid = _nursery().fork(json.dumps(asked).encode(), [*theirs, tells])
        self._child_created = True
        os.close(tells)
        self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)

    def _wait_for(self, pid: int, flags: int) -> tuple[int, int]:
        if flags & os.WNOHANG and not select.select([self._ended], [], [], 0)[0]:
            return 0, 0
        status = os.read(self._ended, 16)
        os.close(self._ended)
        return pid, int(status or 0)

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        return self._wait_for(self.pid, wait_flags)

    def _internal_poll(self, _deadstate: int | None = None) -> int | None:
        return super()._internal_poll(_deadstate, _waitpid=self._wait_for)


def environment(**settings: str) -> dict[str, str]:
    """That of the tests, with these settings and no others."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("XUESHI_")}
    return own | {"XUESHI_TODAY": "2025-09-01"} | settings


def run(*words: str, given: bytes = b"", cwd: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[bytes]:
    """A command, run to its end."""
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with Xueshi(words, cwd=cwd, env=environment(**settings), **pipes) as process:
        out, errors = process.communicate(given, timeout=90)
    return subprocess.CompletedProcess(words, process.returncode, out, errors)


def ready(process: subprocess.Popen[Any], port: int | str) -> str:
    """The address of a service, once it answers there."""
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        with suppress(httpx.TransportError):
            httpx.get(f"{address}/healthz", timeout=20)
            return address
        time.sleep(0.02)
    pytest.fail(f"the service does not answer; it ended with {process.returncode}")


class _Nursery:
    """The process from which others are forked; it ends with this one."""

    def __init__(self) -> None:
        self._line, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._one_at_a_time = threading.Lock()
        command = [sys.executable, "-m", "tests.processes", str(other.fileno())]
        process = subprocess.Popen(command, cwd=ROOT, pass_fds=[other.fileno()], stdin=subprocess.DEVNULL)
        other.close()
        atexit.register(process.wait)
        atexit.register(self._line.close)

    def fork(self, asked: bytes, fds: list[int]) -> int:
        with self._one_at_a_time:
            socket.send_fds(self._line, [asked], fds)
            return int(self._line.recv(16))


@cache
def _nursery() -> _Nursery:
    return _Nursery()


def main(line: socket.socket) -> int:
    """Forks a process for each request, and tells whoever asked how it ended."""
    for module in walk_packages(bot.__path__, "bot."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for name in ("alembic.command", "uvicorn", "uvloop"):  # which commands import when they need them
        import_module(name)
    gc.freeze()
    while True:
        asked, fds, _, _ = socket.recv_fds(line, 1 << 20, 4)
        if not asked:
            return 0
        child = os.fork()
        if not child:
            line.detach()
            return _become(json.loads(asked), fds)
        line.send(str(child).encode())
        threading.Thread(target=_tell, args=(child, fds.pop()), daemon=True).start()
        for fd in fds:
            os.close(fd)


def _tell(child: int, fd: int) -> None:
    _, status = os.waitpid(child, 0)
    with suppress(BrokenPipeError):  # nobody waits for it any more
        os.write(fd, str(status).encode())
    os.close(fd)


def _become(asked: dict[str, Any], fds: list[int]) -> int:
    from bot.cli import main as command

    for own, given in enumerate(fds[:3]):
        os.dup2(given, own)
    os.closerange(3, 1024)
    if asked["session"]:
        os.setsid()
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    for place, value in json.loads(os.environ.get(TUNED, "{}")).items():
        module, _, name = place.rpartition(".")
        setattr(import_module(module), name, value)
    sys.argv = ["xueshi", *asked["words"]]
    return command()


if __name__ == "__main__":
    sys.exit(main(socket.socket(fileno=int(sys.argv[1]))))

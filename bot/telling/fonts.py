"""A font that has Chinese, found on the machine when it is first wanted; we ship none.

Debian's fonts-noto-cjk is what is meant; any other font that fontconfig knows for Chinese will do. Without one there is no
picture, and the page to print stands in for it.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger("xueshi")
WANTED = "apt-get install fonts-noto-cjk"
_PREFERRED = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi", "Microsoft YaHei", "PingFang SC")
_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "C:/Windows/Fonts")
_FILES = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansSC-Regular.otf",
    "wqy-zenhei.ttc",
    "wqy-microhei.ttc",
    "PingFang.ttc",
    "msyh.ttc",
)


class Face(NamedTuple):
    """A file and which of the fonts in it."""

    file: str
    number: int = 0


class Faces(NamedTuple):
    """The plain and the bold face; the same where there is no bold one."""

    plain: Face
    bold: Face


@cache
def faces() -> Faces | None:
    """The faces to write Chinese with; None, said once in the log, where this machine has none."""
    found = _by_fontconfig() or _by_name()
    if found is None:
        log.warning(
            "no Chinese font on this machine: results are given as pages, not as pictures; %s brings one", WANTED
        )
    return found


def _by_fontconfig() -> Faces | None:
    program = shutil.which("fc-list")
    if program is None:
        return None
    try:
        listed = subprocess.run(
            [program, ":lang=zh-cn", "--format", "%{family}\t%{style}\t%{file}\t%{index}\n"],
            capture_output=True, timeout=20, check=True, encoding="utf-8", errors="replace",
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    rows = [line.split("\t") for line in sorted(listed.splitlines()) if line.count("\t") == 3]
    if not rows:
        return None
    family = next((name for name in _PREFERRED if any(name in row[0] for row in rows)), rows[0][0])
    mine = [row for row in rows if family in row[0]]

    def face(style: str) -> Face | None:
        return next((Face(row[2], int(row[3])) for row in mine if style in row[1].split(",")), None)

    plain = face("Regular") or Face(mine[0][2], int(mine[0][3]))
    return Faces(plain, face("Bold") or plain)


def _by_name() -> Faces | None:
    for folder in map(Path, _FOLDERS):
        for name in _FILES:
            for path in folder.rglob(name) if folder.is_dir() else ():
                return Faces(Face(str(path)), Face(str(path)))
    return None

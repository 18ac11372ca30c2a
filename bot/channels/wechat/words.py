"""The words of this channel alone, read once from `words.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

_RAW: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))

SAYS: Final[dict[str, str]] = _RAW["says"]
TAPS: Final[dict[str, str]] = _RAW["taps"]
MENU: Final[dict[str, str]] = _RAW["menu"]
EMOTICONS: Final = frozenset(str(_RAW["emoticons"]["names"]).split())

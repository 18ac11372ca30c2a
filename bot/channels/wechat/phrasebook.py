"""The words of this channel alone."""

from __future__ import annotations

from typing import Final

from bot.settings.wordbook import words_beside

_RAW: Final = words_beside(__file__)
SAYS: Final[dict[str, str]] = _RAW["says"]
TAPS: Final[dict[str, str]] = _RAW["taps"]
MENU: Final[dict[str, str]] = _RAW["menu"]
EMOTICONS: Final = frozenset(str(_RAW["emoticons"]["names"]).split())

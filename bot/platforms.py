"""Which learning platform a message names: several bear nearly the same name, and a wrong number helps nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from bot.language.syllables import syllable

# What several platforms call themselves, and everybody calls all of them: names nobody in particular.
_GENERIC = re.compile(
    r"(?:内蒙古|内蒙|自治区)*(?:专业技术人员|专技人员|专技)?(?:继续教育|继教|培训|学习)*(?:平台|网站|网|中心)?"
)
_BLANK = re.compile(r"[^\w.]+|_+")
_COUNTS = re.compile(r"学时|公需|专业(?!技术)|学[了过完]")
_ADDRESS = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|net|org|top|vip|cc)(?![a-z])")
_DOT = re.compile(r"(?:点|[。,、·\s])\s*(?=(?:com|cn)(?![a-z]))")


class Platform(Protocol):
    """What is needed of a platform of the policy pack."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def aliases(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Named:
    """`ids`: the platforms that a text may name, in the pack's order (none: none, or only by words that fit all; several:
    its words fit each). `alone`: it says hardly anything else. `elsewhere`: it gives an address that is not listed."""

    ids: tuple[str, ...] = ()
    alone: bool = False
    elsewhere: bool = False


class Naming:
    """Recognises the platforms of a pack by address, name, app and sound."""

    def __init__(self, platforms: Iterable[Platform], others: Iterable[str] = ()) -> None:
        """`others`: addresses of the notice that are no learning platforms."""
        self._platforms = tuple(platforms)
        self._others = tuple(name for url in others if (name := (urlsplit(url).hostname or "").removeprefix("www.")))
        self._hosts = {platform.id: urlsplit(platform.url).hostname or "" for platform in self._platforms}
        self._roots: dict[str, list[str]] = {}
        for id, host in self._hosts.items():
            for label in _telling(host):
                self._roots.setdefault(label, []).append(id)
        self._names = self._spoken()

    def named(self, text: str) -> Named:
        """What the text (normalised, lower case) says of platforms."""
        compact = _BLANK.sub("", _DOT.sub(".", text))
        found, words = self._by_address(compact)
        if not found:
            found, words = self._by_name(compact)
        if not found:
            return Named(elsewhere=self._elsewhere(text))
        rest = len(compact) - words
        ids = tuple(platform.id for platform in self._platforms if platform.id in found)
        return Named(ids, alone=rest <= 6 and not _COUNTS.search(compact))

    def _elsewhere(self, text: str) -> bool:
        addresses = _ADDRESS.findall(_DOT.sub(".", text))
        return any(not any(other in address for other in self._others) for address in addresses)

    def _by_address(self, compact: str) -> tuple[set[str], int]:
        found: set[str] = set()
        words = 0
        for label, ids in self._roots.items():
            if label not in compact:
                continue
            ends = set(re.findall(re.escape(label) + r"\.?(com|cn)(?![a-z])", compact))
            fitting = {id for id in ids if self._hosts[id].rpartition(".")[2] in ends}
            found |= fitting or set(ids)
            words += max(len(self._hosts[id]) for id in ids)
        return found, words

    def _by_name(self, compact: str) -> tuple[set[str], int]:
        sounds = " ".join(map(syllable, compact))
        found = {name: id for name, id in self._names.items() if self._said(name, compact) or self._heard(name, sounds)}
        # 人才培训网 within another platform's longer name is not a second platform.
        whole = {name: id for name, id in found.items() if not any(name != other and name in other for other in found)}
        return set(whole.values()), sum(map(len, whole))

    @staticmethod
    def _said(name: str, compact: str) -> bool:
        """Whether the name stands there, not as the beginning of an ordinary word (在线学习网站)."""
        at = compact.find(name)
        return at >= 0 and not (
            name.endswith("网") and compact[at + len(name) :].startswith(("站", "址", "页", "课", "络"))
        )

    @staticmethod
    def _heard(name: str, sounds: str) -> bool:
        """Whether something sounds like the name; two syllables alone sound like too much (融学, 溶血)."""
        spoken = " ".join(map(syllable, name))
        if len(name) == 2:
            return any(
                f" {spoken} {' '.join(map(syllable, what))}" in f" {sounds} "
                for what in ("app", "软件", "平台", "小程序")
            )
        return f" {spoken} " in f" {sounds} "

    def _spoken(self) -> Mapping[str, str]:
        """Every name that tells one platform from the others."""
        names: dict[str, str] = {}
        for platform in self._platforms:
            full = _BLANK.sub("", platform.name).lower()
            for name in (full, full.removeprefix("内蒙古自治区").removeprefix("内蒙古"), *platform.aliases):
                said = _BLANK.sub("", name).lower()
                if not said.isascii() and (said == full or not _GENERIC.fullmatch(said)):
                    names[said] = platform.id
            names.setdefault(full, platform.id)
        return names


def _telling(host: str) -> list[str]:
    """The labels of a host that are somebody's name: neither an ending nor the short prefixes that several share."""
    return [label for label in host.split(".")[:-1] if len(label) > 3]

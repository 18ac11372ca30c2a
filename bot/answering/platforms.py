"""Which learning platform a message names: several bear nearly the same name, and a wrong number helps nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from bot.answering.evidence import SOUNDS

# What several platforms call themselves, and everybody calls all of them: names nobody in particular.
_GENERIC = re.compile(
    r"(?:内蒙古|内蒙|自治区)*(?:专业技术人员|专技人员|专技)?(?:继续教育|继教|培训|学习)*(?:平台|网站|网|中心)?"
)
_APART = re.compile(r"(?<=[a-z0-9])[^\w.]+(?=[a-z0-9])")  # "chinahrt.com app", "chinahrt.com/index": two words
_BLANK = re.compile(r"[^\w. ]+|_+|(?<![a-z0-9]) | (?![a-z0-9])")
_APPS = ("app", "软件", "平台", "小程序")  # after two syllables that sound like a name: alone they sound like much else
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[a-z]{5,}")
_COUNTS = re.compile(r"学时|公需|专业(?!技术)|学[了过完]")
_END = r"(?<![a-z])(com|cn)(?![a-z])"
_ADDRESS = re.compile(r"(?<![@a-z0-9.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|net|org|top|vip|cc)(?![a-z])")
_SLIP = re.compile(r"(?<=\.)(?:con|cmo|ocm)(?![a-z])")
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
    @property
    def phones(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Named:
    """`ids`: the platforms that a text may name (none: none, or only by words that fit all; several: its words fit each, the
    nearest first). `rest`: what else it says. `alone`: that is hardly anything. `counts`: it speaks of hours.
    `elsewhere`: an address that it gives and that is not listed."""

    ids: tuple[str, ...] = ()
    rest: str = ""
    alone: bool = False
    counts: bool = False
    elsewhere: str = ""


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
        self._heard = tuple((name, _pattern(name), name.translate(SOUNDS)) for name in self._names)
        # A landline is told without its area code, "(0471)", as often as with it.
        self._numbers = {
            re.sub(r"\D", "", phone.rpartition(")")[2]): platform.id
            for platform in self._platforms
            for phone in platform.phones
        }

    def named(self, text: str) -> Named:
        """What the text (normalised, lower case) says of platforms."""
        compact = _BLANK.sub("", _APART.sub(" ", _SLIP.sub("com", _DOT.sub(".", text))))
        counts = bool(_COUNTS.search(text))
        ids, rest = self._by_address(self._corrected(compact))
        if not ids and (elsewhere := self._elsewhere(text)):
            return Named(rest=compact, counts=counts, elsewhere=elsewhere)
        if not ids:
            ids, rest = self._by_name(compact)
        if not ids:
            ids, rest = self._by_number(text)
        alone = bool(ids) and len(_CHINESE.findall(rest)) <= 6 and not _COUNTS.search(rest)
        return Named(tuple(ids), rest if ids else compact, alone, counts)

    def _elsewhere(self, text: str) -> str:
        addresses = (address for address in _ADDRESS.findall(_DOT.sub(".", text)))
        return next((address for address in addresses if not any(other in address for other in self._others)), "")

    def _by_address(self, compact: str) -> tuple[list[str], str]:
        found: dict[str, None] = {}
        rest = compact
        for label, ids in self._roots.items():
            if label not in compact:
                continue
            # Of an operator with two addresses every ending said counts, wherever it stands: "chinahrt, 后面是com的".
            ends = re.findall(_END, compact) if len(ids) > 1 else []
            fitting = [id for id in ids if self._hosts[id].rpartition(".")[2] in ends]
            found |= dict.fromkeys(fitting or ids)
            rest = re.sub(r"[a-z0-9.-]*" + re.escape(label) + r"[a-z0-9.-]*", "", rest)
        return [platform.id for platform in self._platforms if platform.id in found], rest

    def _corrected(self, compact: str) -> str:
        """The text with slips in the operators' names mended: chianhrt → chinahrt."""
        strange = [word for word in set(_LATIN.findall(compact)) if word not in self._roots]
        if strange:
            from rapidfuzz.distance import OSA  # only a Latin word nobody knows needs it

            for word in strange:
                for label in self._roots:
                    if OSA.distance(word, label, score_cutoff=1) <= 1:
                        compact = compact.replace(word, label)
        return compact

    def _by_number(self, text: str) -> tuple[list[str], str]:
        """Somebody asks whose number it is, or cannot get through."""
        digits = re.sub(r"(?<=\d)[ ()-]+(?=\d)", "", text)
        found = {id: number for number, id in self._numbers.items() if number in digits}
        for number in found.values():
            digits = digits.replace(number, "")
        return [platform.id for platform in self._platforms if platform.id in found], digits

    def _by_name(self, compact: str) -> tuple[list[str], str]:
        sounds = compact.translate(SOUNDS)
        places = {name: _place(name, pattern, compact, spoken, sounds) for name, pattern, spoken in self._heard}
        found = [name for name, place in places.items() if place >= 0]
        if not found:
            return [], compact
        # 人才培训网 within another platform's longer name is not a second platform.
        whole = [name for name in found if not any(name != other and name in other for other in found)]
        taken = {at for name in whole for at in range(places[name], places[name] + len(name))}
        rest = "".join(character for at, character in enumerate(compact) if at not in taken)
        return list(dict.fromkeys(id for name in whole for id in self._names[name])), rest

    def _spoken(self) -> dict[str, tuple[str, ...]]:
        """Every name that tells one platform from the others, or from all but a few.

        A name that a word more turns into another platform's (继续教育平台, 继续教育培训平台) names both, since people drop words.
        """
        full = {platform.id: _BLANK.sub("", platform.name).lower() for platform in self._platforms}
        names: dict[str, tuple[str, ...]] = {}
        for platform in self._platforms:
            short = full[platform.id].removeprefix("内蒙古自治区").removeprefix("内蒙古")
            aliases = (_BLANK.sub("", alias).lower() for alias in platform.aliases)
            for name in (full[platform.id], short, *(alias for alias in aliases if not _GENERIC.fullmatch(alias))):
                alike = [id for id, other in full.items() if id != platform.id and _within(name, other)]
                if not name.isascii():
                    names[name] = names[name.replace("e", "一")] = (platform.id, *alike)  # E学 is heard as 一学
        return names


def _pattern(name: str) -> re.Pattern[str]:
    """The name, but not as part of an ordinary word: 金融学, 优培训, 在线学习网站, 国家…继续教育平台."""
    if len(name) == 2:
        return re.compile(f"(?<![金最择良]){name}(?![训养育院校])")
    behind = "(?![站址页络])" if name.endswith("网") else ""
    return re.compile(f"(?<!国家)(?<!全国)(?<!中国)(?<![省市]){re.escape(name)}{behind}")


def _place(name: str, pattern: re.Pattern[str], compact: str, spoken: str, sounds: str) -> int:
    """Where the name stands, as written or by its sound; -1 where it does not."""
    if name in compact:
        match = pattern.search(compact)
        return match.start() if match else -1
    at = sounds.find(spoken)
    while at >= 0 and len(spoken) == 2 and not compact.startswith(_APPS, at + 2):
        at = sounds.find(spoken, at + 1)
    return at


def _within(name: str, other: str) -> bool:
    """Whether leaving words out of `other` gives `name`."""
    letters = iter(other)
    return all(letter in letters for letter in name)


def _telling(host: str) -> list[str]:
    """The labels of a host that are somebody's name: neither an ending nor the short prefixes that several share."""
    return [label for label in host.split(".")[:-1] if len(label) > 3]

"""Messages that command rather than tell: a closed vocabulary, also recognised by sound."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.reading.lexing.lexicon import load
from bot.reading.lexing.normalise import normalise
from bot.reading.lexing.numbers import parse
from bot.reading.lexing.sounds import syllables

_DRESSING = re.compile(r"[\s,。.!?;:、~…'\"()\-—]+")
_POLITE_HEAD = re.compile(load("commands.toml")["grammar"]["polite_head"])
_POLITE_TAIL = re.compile(load("commands.toml")["grammar"]["polite_tail"])
_OPTION = re.compile(load("commands.toml")["grammar"]["option"])
_MARKS = re.compile("[ ,。.!;、~\n]+")
_LONGEST_WITHIN = 16
_LONGEST = 32  # with all the polite words around it


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[dict[str, str], list[tuple[str, str]], dict[tuple[str, ...], str]]:
    table = load("commands.toml")
    whole: dict[str, str] = {}
    within: list[tuple[str, str]] = []
    for command, row in table.items():
        if command == "grammar":
            continue
        for phrase in row["whole"]:
            whole[_DRESSING.sub("", phrase)] = command
        within += [(phrase, command) for phrase in row.get("within", ())]
    sound = {_sound(p): c for p, c in whole.items() if len(p) >= 3 and not p.isascii()}
    return whole, within, sound


@lru_cache(maxsize=1)
def _denial() -> tuple[re.Pattern[str], ...]:
    """A whole no, one that is of everything, somebody who is nothing special, and what else might be."""
    table = load("commands.toml")["grammar"]
    lists = {name: words for name, words in table.items() if isinstance(words, list)}
    any_of = {name: "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")" for name, words in lists.items()}
    once = "{filler}*{of}*{filler}*{no}{particle}*{of}*{particle}*".format(**any_of)
    return (
        re.compile(f"(?:{once})+"),
        re.compile("|".join((*table["of"], *table["every"]))),
        re.compile("{filler}*{plain}(?:{who}|{particle})*".format(**any_of)),
        re.compile(any_of["besides"]),
    )


def _denied(bare: str) -> str | None:
    """ "no" or "none" where the whole message denies, in whatever words; None where it does not."""
    whole, wide, plain, _ = _denial()
    if len(bare) <= _LONGEST_WITHIN and plain.fullmatch(bare):
        return "none"
    if len(bare) > _LONGEST_WITHIN or not whole.fullmatch(bare):
        return None
    return "none" if wide.search(bare) else "no"


def nothing_special(text: str) -> list[str]:
    """Where somebody says, among other things, that no special circumstance applies, or none besides: 以上都没有, 别的没有."""
    whole, _, _, besides = _denial()
    parts = re.split(_MARKS, normalise(text))
    return [
        part
        for part in parts
        if len(part) <= _LONGEST  # there are a thousand ways to read a longer one, and it denies no better
        and besides.search(part)
        and (whole.fullmatch(part) or _vocabulary()[0].get(part) == "none")
    ]


def _sound(phrase: str) -> tuple[str, ...]:
    return tuple((syllables(c) or (c,))[0] for c in phrase)


def command(normal: str) -> str | None:
    """The command that a whole normalised message gives, or None. Bare numbers are no command here, see `option`."""
    whole, within, sound = _vocabulary()
    bare = _DRESSING.sub("", normal).lower()
    if not bare or len(bare) > _LONGEST:
        return None
    tried = bare
    for _ in range(4):  # "那就帮我重新开始吧": a few polite words at either end
        if tried in whole:
            return whole[tried]
        shorter = _POLITE_TAIL.sub("", tried) or tried
        if shorter == tried:
            shorter = _POLITE_HEAD.sub("", tried) or tried
        if shorter == tried:
            break
        tried = shorter
    if (denial := _denied(bare)) is not None:
        return denial
    if len(bare) <= _LONGEST_WITHIN:
        for phrase, name in within:
            if phrase in bare:
                return name
        if 3 <= len(bare) <= 8:
            return sound.get(_sound(bare))
    return None


_EDITED = re.compile(load("commands.toml")["grammar"]["editing"])


def edited(normal: str) -> str | None:
    """The fact that "改性别" wants to change, or None."""
    match = _EDITED.fullmatch(_DRESSING.sub("", normal))
    return load("commands.toml")["grammar"]["edited"].get(match.group(1)) if match else None


def option(normal: str) -> int | None:
    """The number of an option chosen by a message that is nothing but that number, or None."""
    match = _OPTION.match(_DRESSING.sub("", normal))
    if not match:
        return None
    value = parse(match.group(1))
    return int(value) if value is not None and value >= 1 else None

"""Machine-made ways of writing the same message: none of them may change what is read."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import lru_cache

from opencc import OpenCC

_FULL = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
_HOMOPHONES = {
    "公需": ("供需", "工需", "公须", "公虚", "宫需"),
    "专业": ("专页", "专夜", "砖业", "转业"),
    "副高": ("付高", "负高"),
    "学时": ("学识",),
}
_HOURS = re.compile(r"(?<=公需)(\d{1,2})(?=[ ,，;；。]|专业|$)|(?<=专业)(\d{1,2})(?=[ ,，;；。]|公需|$)")
_DIGITS = "零一二三四五六七八九"


def variations() -> dict[str, Callable[[str], str]]:
    """Name → a function from a message to the same message written otherwise."""
    return {
        "full width": lambda t: t.translate(_FULL),
        "traditional": _traditional,
        "zero-width characters": lambda t: "\u200b".join(t),
        "no break spaces": lambda t: t.replace(" ", "\u00a0"),
        "commas for spaces": lambda t: t if re.search(r"\d \d|\n", t) else t.replace(" ", "，"),
        "spaces for commas": lambda t: t if re.search(r"\d[,，]\d", t) else t.replace("，", " ").replace(",", " "),
        "polite ends": lambda t: "您好，" + t + "，谢谢" if len(t) > 12 and "好" not in t else t,
        "homophones": _misheard,
        "Chinese numerals": _numerals,
        "full stop": lambda t: t if t.endswith(("?", "？", "。")) or re.search(r"\d$", t) else t + "。",
    }


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("s2t")


def _traditional(text: str) -> str:
    return str(_converter().convert(text))


def _misheard(text: str) -> str:
    rng = random.Random(text)
    for word, heard in _HOMOPHONES.items():
        if re.search(rf"{word}\d", text) or word == "副高":
            text = (
                text.replace(word, rng.choice(heard))
                if word != "专业"
                else re.sub(r"专业(?=\d)", rng.choice(heard), text)
            )
    return text


def _numerals(text: str) -> str:
    return _HOURS.sub(lambda m: _chinese(int(m.group())), text)


def _chinese(value: int) -> str:
    tens, ones = divmod(value, 10)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")

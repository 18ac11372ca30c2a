"""Messages whose roles are known by construction: pieces of `frames.toml`, a few at a time, negatives as many as positives."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

FRAMES: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("frames.toml").read_text("utf-8"))
_SLOT = re.compile(r"\{([A-Za-z])\}")
_TENS = "零一二三四五六七八九"
_REVIEW = {"y": "r", "n": "r", "l": "r"}  # the year of a review in figures, this year and the last as that of a review


@dataclass(frozen=True, slots=True)
class Composed:
    """A message and what its slots are: (start, end, slot)."""

    text: str
    slots: tuple[tuple[int, int, str], ...]


def _han(value: int) -> str:
    tens, ones = divmod(value, 10)
    return ("" if tens < 2 else _TENS[tens]) + ("十" if tens else "") + (_TENS[ones] if ones or not tens else "")


def _fill(rng: random.Random, slot: str) -> str:
    if slot in "ahx":
        value = rng.randint(22, 62) if slot == "a" else rng.choice([30, 60, 90, *range(1, 91)])
        return _han(value) if rng.random() < 0.35 else str(value)
    if slot == "y":
        year = rng.randint(2024, 2027)
        return (
            f"{year}年度" if year < 2025 else rng.choice([f"{year}年度", f"{year % 100}年度", f"{year}", f"{year}年"])
        )
    if slot == "n":
        return rng.choice(["今年", "今年", "今年", "本年度"])
    if slot == "l":
        return rng.choice(["去年", "上年度", "去年度", "2024年度"])
    if slot in "btmrfd":
        return _date(rng, slot)
    if slot in "AHO":
        return rng.choice(FRAMES["levels"] if rng.random() < 0.5 else FRAMES["titles"])
    return rng.choice(FRAMES["sexes"] if slot == "S" else FRAMES["places"])


def _date(rng: random.Random, slot: str) -> str:
    """A date or a year as people write it; years of births lie far back, the others do not."""
    year = (
        rng.randint(1965, 2000)
        if slot == "b"
        else rng.randint(2025, 2028)
        if slot == "r"
        else rng.randint(2008 if slot == "d" else 2014, 2025)
    )
    month, day, roll = rng.randint(1, 12), rng.randint(1, 28), rng.random()
    if slot == "f":
        return rng.choice([f"{month}月{day}号", f"{month}月{day}日", f"2025年{month}月{day}日", f"{month}.{day}号"])
    short = rng.choice(
        [
            f"{year}年",
            f"{year}年",
            f"{year % 100:02}年",
            "".join(_TENS[int(c)] for c in str(year)[rng.choice([0, 2]) :]) + "年",
        ]
    )
    if slot == "b" and roll > 0.9:
        return rng.choice([f"{month}月", f"{month}月份", f"{_han(month)}月份", f"{month}月{day}号"])
    if slot == "r" and roll < 0.3:
        return f"{rng.randint(2016, 2028)}年度"
    if slot == "d" and roll > 0.97:
        return f"{year}年度"
    near = {2025: rng.choice(["今年", "今年", "本年度"]), 2024: "去年", 2023: "前年", 2026: "明年", 2027: "后年"}.get(
        year
    )
    if slot == "r" or roll < (0.25 if slot == "b" else 0.4 if slot != "d" else 0.85):
        return near if near and rng.random() < 0.5 else short
    return rng.choice(
        [
            f"{short}{month}月",
            f"{short}{month}月份",
            f"{year}-{month:02}",
            f"{year}-{month:02}-{day:02}",
            f"{year}{month:02}",
            f"{year}.{month}",
            f"{short}{month}月{day}日",
            f"{near or short}{month}月",
        ]
    )


def _piece(rng: random.Random, kind: str) -> tuple[str, list[tuple[int, int, str]]]:
    frame, out, slots, last = rng.choice(FRAMES[kind]), "", [], 0
    for found in _SLOT.finditer(frame):
        out += frame[last : found.start()]
        said = _fill(rng, found.group(1))
        slots.append((len(out), len(out) + len(said), _REVIEW.get(found.group(1), found.group(1))))
        out, last = out + said, found.end()
    return out + frame[last:], slots


def _kinds(rng: random.Random) -> list[str]:
    kinds = [
        k
        for k, share in (
            ("age", 0.5),
            ("hours", 0.5),
            ("numbers", 0.15),
            ("sexed", 0.3),
            ("placed", 0.35),
            ("around", 0.3),
            ("birth", 0.15),
            ("moment", 0.3),
        )
        if rng.random() < share
    ]
    kinds = [k for k in kinds if k != "age" or "birth" not in kinds]
    roll = rng.random()
    kinds += ["applied"] if roll < 0.4 else ["held"] if roll < 0.65 else ["neither"] if roll < 0.85 else []
    if rng.random() < 0.1 and "hours" in kinds:
        kinds.append("hours")
    return rng.sample(kinds, len(kinds)) or ["age"]


def composed(seed: int, count: int) -> list[Composed]:
    """`count` messages, the same for the same seed on any machine."""
    out = []
    for n in range(count):
        rng = random.Random(f"{seed}/{n}")
        text, slots = "", []
        mark = rng.choice(["，", "，", " ", " ", "。", "、", "；", "", "\n"])
        for kind in _kinds(rng):
            piece, found = _piece(rng, kind)
            glue = (
                mark
                if text and (mark or not (text[-1].isdigit() and piece[:1].isdigit()))
                else ("" if not text else " ")
            )
            slots += [(len(text) + len(glue) + a, len(text) + len(glue) + b, s) for a, b, s in found]
            text += glue + piece
        out.append(Composed(text, tuple(slots)))
    return out

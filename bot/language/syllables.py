"""How a character sounds: one toneless syllable each, with the sounds that voice input and dialect mix up made equal."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.machinery import PathFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

# zh/z, sh/s, ch/c and a final g after i or e: written for one another by voice input and in the dialects of the region.
_MERGED = (("uv", "v"), ("zh", "z"), ("sh", "s"), ("ch", "c"), ("ing", "in"), ("eng", "en"))


@cache
def _readings() -> dict[int, str]:
    """Code point → readings with tones, the commonest first.

    The table is taken from its file: importing the package around it would also load 47,000 phrases that nobody needs here.
    """
    package = PathFinder.find_spec("pypinyin")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("pypinyin")
    path = str(Path(next(iter(package.submodule_search_locations))) / "pinyin_dict.py")
    loader = SourceFileLoader("pypinyin_characters", path)
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    table: dict[int, str] = module.pinyin_dict
    return table


@cache
def syllable(character: str) -> str:
    """The character's merged syllable; what has none (Latin, digits) is its own sound."""
    reading = _readings().get(ord(character)) if len(character) == 1 and character >= "㐀" else None
    if reading is None:
        return character
    first = unicodedata.normalize("NFD", reading.split(",", 1)[0])
    sound = "".join(
        "v" if mark == "\u0308" else mark for mark in first if mark == "\u0308" or not unicodedata.combining(mark)
    )
    for written, merged in _MERGED:
        sound = sound.replace(written, merged)
    return sound

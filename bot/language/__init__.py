"""Chinese in: what a person wrote, read into facts with the words they came from, deterministically and offline."""

from bot.language.reading import EVERY, Claim, Doubt, Reading
from bot.language.understanding import read

__all__ = ["EVERY", "Claim", "Doubt", "Reading", "read"]

"""A message as the question finder compares it."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """Full width, capitals and invisible characters evened out."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isprintable() or c == "\n")

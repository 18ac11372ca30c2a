"""A result, computed once, and every word and picture of it."""

from pathlib import Path

TEMPLATES = Path(__file__).with_name("templates")

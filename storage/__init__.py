"""What is kept of people and of what is to be said to them; knows no rules, JSON goes in and comes out."""

from . import hr
from .inbox import Arrived, Inbox, Update
from .outbox import Key, Outbox, Outcome, Part
from .schema import migrate
from .store import Store
from .values import REMEMBERED, Conflict, Earlier, Stored, Unavailable, Written

__all__ = [
    "REMEMBERED",
    "Arrived",
    "Conflict",
    "Earlier",
    "Inbox",
    "Key",
    "Outbox",
    "Outcome",
    "Part",
    "Store",
    "Stored",
    "Unavailable",
    "Update",
    "Written",
    "hr",
    "migrate",
]

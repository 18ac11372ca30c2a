"""What is kept of people and of what is to be said to them; knows no rules, JSON goes in and comes out."""

from . import hr
from .inbox import Arrived, Inbox, Update
from .lock import Lock, lock
from .outbox import DOUBT, Key, Newest, Outbox, Outcome, Part
from .schema import migrate
from .store import Store
from .values import REMEMBERED, Conflict, Earlier, Stored, Unavailable, Written

__all__ = [
    "DOUBT",
    "REMEMBERED",
    "Arrived",
    "Conflict",
    "Earlier",
    "Inbox",
    "Key",
    "Lock",
    "Newest",
    "Outbox",
    "Outcome",
    "Part",
    "Store",
    "Stored",
    "Unavailable",
    "Update",
    "Written",
    "hr",
    "lock",
    "migrate",
]

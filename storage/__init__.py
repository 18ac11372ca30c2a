"""What is kept of people and of what is to be said to them; knows no rules, JSON goes in and comes out."""

from . import hr, seen
from .bindings import Accounts, Reached, Taken
from .campaigns import Addressee, Campaign, Campaigns, Count, Row
from .inbox import Arrived, Inbox, Update
from .lock import Lock, lock
from .outbox import DOUBT, Key, Newest, Outbox, Outcome, Part
from .schema import migrate
from .seen import Clock, pulse
from .sending import Gate, Placed, Sending, Settled, Step, Stepped
from .store import Store
from .values import REMEMBERED, Conflict, Earlier, Stored, Unavailable, Written

__all__ = [
    "DOUBT",
    "REMEMBERED",
    "Accounts",
    "Addressee",
    "Arrived",
    "Campaign",
    "Campaigns",
    "Clock",
    "Conflict",
    "Count",
    "Earlier",
    "Gate",
    "Inbox",
    "Key",
    "Lock",
    "Newest",
    "Outbox",
    "Outcome",
    "Part",
    "Placed",
    "Reached",
    "Row",
    "Sending",
    "Settled",
    "Step",
    "Stepped",
    "Store",
    "Stored",
    "Taken",
    "Unavailable",
    "Update",
    "Written",
    "hr",
    "lock",
    "migrate",
    "pulse",
    "seen",
]

"""What is kept of people and of what is to be said to them; knows no rules, JSON goes in and comes out."""

from . import hr, rosters
from .bindings import Accounts, Reached, Taken
from .campaigns import Addressee, Campaign, Campaigns, Count, Over, Row
from .inbox import Arrived, Inbox, Update
from .lock import Lock, lock
from .outbox import DOUBT, NOTICE, TALK, Letter, Newest, Outbox, Outcome, Posted
from .schema import migrate
from .seen import Clock, pulse
from .store import Store
from .values import REMEMBERED, Conflict, Earlier, Stored, Unavailable, Written

__all__ = [
    "DOUBT",
    "NOTICE",
    "REMEMBERED",
    "TALK",
    "Accounts",
    "Addressee",
    "Arrived",
    "Campaign",
    "Campaigns",
    "Clock",
    "Conflict",
    "Count",
    "Earlier",
    "Inbox",
    "Letter",
    "Lock",
    "Newest",
    "Outbox",
    "Outcome",
    "Over",
    "Posted",
    "Reached",
    "Row",
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
    "rosters",
]

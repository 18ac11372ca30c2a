"""What is kept of people and of what is to be said to them; knows no rules, JSON goes in and comes out."""

from . import hr, rosters
from .bindings import AddressBook, Reached, Taken
from .campaign_tables import EARLY, Campaign, Made, NoticeLine
from .campaigns import Addressee, Campaigns, Count, Over
from .inbox import Arrived, Inbox, Update
from .lock import ProcessLock
from .outbox import DOUBT, NOTICE, TALK, Letter, Newest, Outbox, Settled
from .schema import migrate
from .seen import Clock, pulse
from .store import Store
from .values import REMEMBERED, Conflict, Earlier, Stored, Unavailable, Written

__all__ = [
    "DOUBT",
    "EARLY",
    "NOTICE",
    "REMEMBERED",
    "TALK",
    "AddressBook",
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
    "Made",
    "Newest",
    "NoticeLine",
    "Outbox",
    "Over",
    "ProcessLock",
    "Reached",
    "Settled",
    "Store",
    "Stored",
    "Taken",
    "Unavailable",
    "Update",
    "Written",
    "hr",
    "migrate",
    "pulse",
    "rosters",
]

"""What is kept of people and of what is to be said to them; knows no rules, JSON goes in and comes out."""

from .schema import migrate
from .store import Store
from .values import REMEMBERED, Conflict, Earlier, Stored, Unavailable, Written

__all__ = ["REMEMBERED", "Conflict", "Earlier", "Store", "Stored", "Unavailable", "Written", "migrate"]

"""HR: who may sign in, whose roster is whose, and who looked at what; knows no pages."""

from bot.hr.accounts import Accounts, NotInvited, Who
from bot.hr.roster_desk import Rosters

__all__ = ["Accounts", "NotInvited", "Rosters", "Who"]

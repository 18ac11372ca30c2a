"""The conversation as a state machine, pure: a session and a message in, the next session and what to say out.

Knows no channel and no database; the day and the way to answer questions are arguments.
"""

from bot.asking.machine import codes, take, untouched
from bot.asking.session import Session, new_session, read_session, written
from bot.asking.speech import Answered, Ask, Say, Step

__all__ = [
    "Answered",
    "Ask",
    "Say",
    "Session",
    "Step",
    "codes",
    "new_session",
    "read_session",
    "take",
    "untouched",
    "written",
]

"""Telegram's side of the conversation, made up: a Bot API server on loopback and the people who talk to the bot."""

from tests.botapi.refusals import Refused
from tests.botapi.server import TOKEN, USERNAME, BotApi, Call
from tests.botapi.world import Chat, Person, acknowledged, buttons

__all__ = ["TOKEN", "USERNAME", "BotApi", "Call", "Chat", "Person", "Refused", "acknowledged", "buttons"]

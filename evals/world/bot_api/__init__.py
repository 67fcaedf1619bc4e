"""Telegram's Bot API on loopback: a real server with its limits, refusals and faults, and people who write to it."""

from evals.world.bot_api.chats import Chat, User
from evals.world.bot_api.faults import Fault
from evals.world.bot_api.people import Person
from evals.world.bot_api.server import BotApi, bot_api

__all__ = ["BotApi", "Chat", "Fault", "Person", "User", "bot_api"]

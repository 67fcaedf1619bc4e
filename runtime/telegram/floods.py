"""How much a person may write in a minute; more is left out, and told once a minute, to those who may use the bot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

from telegram import Bot, Update

from adapters.records import Json
from adapters.store.telegram_limits import Writer
from runtime.telegram.formatting import plain
from runtime.telegram.outgoing import says
from runtime.telegram.people import Access
from runtime.telegram.places import is_private, is_urgent, writer_of
from runtime.telegram.routes import is_meant

TOO_MANY = (
    "That is more than {most} messages in a minute: I leave out what came after them. Write again in {seconds} seconds."
)


class Floods:
    """Who has written an update, where it counts: buttons and stops never do, nor what is not meant for the bot."""

    def __init__(self, bot: Bot, access: Access, most: int) -> None:
        self._bot = bot
        self._access = access
        self._most = most

    def writer(self, update: Update) -> Writer | None:
        """Whoever has written it; None where it does not count."""
        message, user = update.message or update.edited_message, writer_of(update)
        if message is None or user is None or is_urgent(update):
            return None
        if not is_private(update) and not is_meant(message, self._bot):
            return None
        return Writer(user.id, self._most, lambda wait: self._refused(user.id, wait))

    def _refused(self, user_id: int, wait: timedelta) -> Sequence[Json]:
        if not self._access.may(user_id):
            return []
        seconds = math.ceil(wait.total_seconds())
        return [one.as_json() for one in says(plain(TOO_MANY.format(most=self._most, seconds=seconds)))]

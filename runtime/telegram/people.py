"""Who may write to the bot, and whose session theirs is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from telegram import User

from adapters.data.disk_room import DiskRules
from adapters.store.telegram_people import PeopleTable
from runtime.person import Person
from runtime.settings import Settings
from runtime.telegram.preferences import Preferences

CODE = re.compile(r"(?:/start\s+)?([0-9a-f]{8}-[0-9a-f]{8})")
PREFIX = "tg_"
LIMIT = "(/datasets removes old uploads)"


def person_of(settings: Settings, user_id: int, chosen: Preferences | None = None) -> Person:
    """The owner behind a Telegram id: no file roots, no key of the operator's, a part of the disk, a day's dollars."""
    confirm = settings.confirm if chosen is None or chosen.confirm is None else chosen.confirm
    return Person(
        owner_id=f"{PREFIX}{user_id}",
        roots=(),
        limits=settings.limits(),
        budgets=settings.job_budgets(),
        confirm=confirm,
        disk=DiskRules(min(settings.max_user_bytes, settings.max_owner_bytes), settings.min_free_bytes, LIMIT),
        remote=replace(settings.remote_rules(), has_keys=False),
    )


def user_of(person: Person) -> int:
    """The Telegram id behind such an owner."""
    return int(person.owner_id.removeprefix(PREFIX))


class Access:
    """Lets in who is on the list, who is the admin, and who has paired; nobody else."""

    def __init__(self, settings: Settings, people: PeopleTable, clock: Callable[[], datetime]) -> None:
        self._listed = frozenset([*settings.telegram_allowed, settings.telegram_admin])
        self._people = people
        self._clock = clock

    def may(self, user_id: int) -> bool:
        """Whether the person may use the bot."""
        return user_id in self._listed or self._people.has(user_id)

    def pair(self, user: User, text: str) -> bool:
        """Let the person in by the code that they wrote; False where it is none."""
        found = CODE.fullmatch(text.strip().casefold())
        return found is not None and self._people.pair(found[1], user.id, user.full_name, self._clock())

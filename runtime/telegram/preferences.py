"""What a person sets for themselves with /settings."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from adapters.store.telegram_people import PeopleTable


class Preferences(BaseModel):
    """One person's choices.

    Attributes
    ----------
    rich_tables : bool
        Tables as Telegram's own, where it takes them; some clients show nothing of these.
    previews : bool
        Words are shown while they are written.
    confirm : str or None
        always: every launch asks; paid: one that cannot cost anything does not. None: as the operator has set it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    rich_tables: bool = True
    previews: bool = True
    confirm: Literal["always", "paid"] | None = None


def read_preferences(people: PeopleTable, user_id: int) -> Preferences:
    """The person's choices; the defaults where an older or newer program has kept something else."""
    try:
        return Preferences.model_validate(dict(people.preferences(user_id)))
    except ValidationError:
        return Preferences()

"""Shared by the tests of the bot: the simulated Telegram."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evals.world.bot_api import BotApi, bot_api
from evals.world.programs import Programs


@pytest.fixture
def api() -> Iterator[BotApi]:
    with bot_api() as api:
        yield api


@pytest.fixture
def statagent(programs: Programs) -> str:
    """What stands in for `statagent`: started as it is, but it need not import anything."""
    return programs.statagent

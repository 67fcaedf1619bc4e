"""Shared by the tests of the simulated Bot API: the server, and a person who writes to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evals.world.bot_api import BotApi, Person, bot_api


@pytest.fixture
def api() -> Iterator[BotApi]:
    with bot_api() as api:
        yield api


@pytest.fixture
def person(api: BotApi) -> Person:
    return Person.joins(api, 42, "Ann")

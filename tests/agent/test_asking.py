"""Asking the model: how long it is waited for, what a failed request costs, when a turn has taken long enough."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.model.base import ModelError, ModelRequest, Reply
from adapters.model.scripted import ScriptedModel, Step, say
from adapters.store.conversations import ConversationRow
from adapters.store.database import Database, open_sqlite
from adapters.store.spending import SpendingTable
from agent.asking import MAX_WAIT_S, Asker
from agent.breaker import Breaker
from agent.limits import Limits, Meter
from evals.world.first_database import used_database

NOW = datetime(2026, 11, 26, tzinfo=UTC)
ROW = ConversationRow("c1", "ann", "scripted", "system", [])
REQUEST = ModelRequest("scripted", "system", [], [{"role": "user", "content": [{"type": "text", "text": "hi"}]}], 100)


class Waits(threading.Event):
    """A stop that nobody presses, and that passes the time by noting how long it was to be."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        return False


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_sqlite(used_database(tmp_path / "statagent.db"))
    yield database
    database.close()


def ask(database: Database, *steps: Step) -> tuple[Waits, Meter]:
    cancel, meter = Waits(), Meter(Limits())
    asker = Asker(ScriptedModel(steps), SpendingTable(database), lambda: NOW, Breaker(lambda: NOW))
    asker.ask(ROW, REQUEST, meter, lambda event: None, cancel)
    return cancel, meter


@pytest.mark.parametrize(("asked_for", "waited"), [(0.25, 0.25), (29.0, 29.0), (31.0, MAX_WAIT_S), (9e9, MAX_WAIT_S)])
def test_what_the_server_asks_for_is_waited_up_to_half_a_minute(
    database: Database, asked_for: float, waited: float
) -> None:
    overload = ModelError("The model is overloaded.", retryable=True, retry_after_s=asked_for)
    assert ask(database, overload, say("Hello."))[0].seconds == [waited]


def test_without_a_word_of_the_server_the_wait_doubles(database: Database) -> None:
    overload = ModelError("The model is overloaded.", retryable=True)
    waits, _ = ask(database, overload, overload, overload, say("Hello."))
    assert [0.5 * 2**n <= (waited or 0.0) <= 1.5 * 2**n for n, waited in enumerate(waits.seconds)] == [True] * 3


def test_a_failed_request_is_charged_for_what_it_cost(database: Database) -> None:
    failure = ModelError("The connection was cut.", retryable=True, usd=Decimal("0.25"))
    ask(database, failure, say("Hello."))
    assert SpendingTable(database).of("ann", NOW).model == Decimal("0.25")


@pytest.mark.parametrize(("seconds", "reached"), [(9.0, None), (10.0, "10 seconds of one turn are over")])
def test_a_turn_has_a_limit_of_seconds(seconds: float, reached: str | None) -> None:
    meter = Meter(Limits(max_turn_s=10), started=time.monotonic() - seconds)
    assert meter.reached(Decimal(0)) == reached


def test_a_failed_request_counts_in_its_turn(database: Database) -> None:
    failure = ModelError("The connection was cut.", retryable=True, usd=Decimal("0.25"))
    assert ask(database, failure, say("Hello."))[1].usd == Decimal("0.25")


class Dear(ScriptedModel):
    """A model that may cost a dollar a request, and whose reply nobody foresaw."""

    def most_usd(self, request: ModelRequest) -> Decimal:
        """A dollar."""
        return Decimal(1)

    def stream(self, request: ModelRequest, on_text: Callable[[str], None], cancel: threading.Event) -> Reply:
        """Fail as a bug does."""
        raise ZeroDivisionError


def test_what_ends_in_a_way_that_nobody_foresaw_costs_what_was_held(database: Database) -> None:
    meter = Meter(Limits())
    asker = Asker(Dear([]), SpendingTable(database), lambda: NOW, Breaker(lambda: NOW))
    with pytest.raises(ZeroDivisionError):
        asker.ask(ROW, REQUEST, meter, lambda event: None, Waits())
    assert meter.usd == SpendingTable(database).of("ann", NOW).model == Decimal(1)

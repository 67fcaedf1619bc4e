"""A provider that could not be asked is left alone for a minute where another can be, and asked where it is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.compute.base import ComputeError, Offer
from adapters.records import JobBudgets
from evals.world.desks import means_of
from evals.world.home import Clock, build_in, used_home
from evals.world.metered import Metered
from runtime.session import Session
from tools.errors import ToolError
from tools.jobs.health import Health
from tools.jobs.quoting import offers_for


class Silent(Metered):
    """A second provider, which answers when the test lets it."""

    name = "silent"
    is_own = False
    answers = False
    n_asked = 0

    def offers(self) -> tuple[Offer, ...]:
        self.n_asked += 1
        if not self.answers:
            raise ComputeError("silent cannot be asked now: it answers 503")
        return super().offers()


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = build_in(used_home(tmp_path / "home"))
    yield session
    session.program.close()


def backend(session: Session, kind: type[Metered]) -> Metered:
    return kind(session.settings.home / "jobs", 100, session.settings.worker_environment())


def test_it_rests_for_a_minute_and_is_asked_at_once_by_its_name(session: Session) -> None:
    silent, here, clock = backend(session, Silent), backend(session, Metered), Clock()
    assert isinstance(silent, Silent)
    means = means_of(session, clock, JobBudgets(Decimal(1)), here, silent)
    told: list[str] = []
    assert len(offers_for(means, "auto", "training", told.append)) == 1
    assert len(offers_for(means, "auto", "training", told.append)) == 1
    assert silent.n_asked == 1
    assert told[0] == "silent cannot be asked now: it answers 503"
    assert told[1].startswith("silent cannot be asked now: it answers 503 (0 s ago; it is asked again in 60 s")
    with pytest.raises(ToolError, match=r"it answers 503$"):
        offers_for(means, "silent", "training", told.append)
    assert silent.n_asked == 2
    clock.ahead = timedelta(seconds=59)
    offers_for(means, "auto", "training", told.append)
    assert silent.n_asked == 2
    clock.ahead = timedelta(seconds=61)
    silent.answers = True
    assert len(offers_for(means, "auto", "training", told.append)) == 2
    assert len(offers_for(means, "auto", "training", told.append)) == 2
    assert silent.n_asked == 4


def test_a_clock_that_is_set_back_lets_nothing_rest_for_long() -> None:
    clock = Clock()
    health = Health(clock)
    health.is_ill("far", "far is silent")
    assert health.problem_of("near") is None
    assert health.problem_of("far") is not None
    clock.ahead = timedelta(days=-1)
    assert health.problem_of("far") is None

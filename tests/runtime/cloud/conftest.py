"""A conversation of a program that may rent in the world that a test's module names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from adapters.records import Job
from agent.offline import OfflineModel
from evals.world.home import ROOT, build_in, used_home, wait_until
from evals.world.talk import Talk
from runtime.session import Session

DIABETES = ROOT / "evals" / "data" / "diabetes.csv"
SENTENCE = "train a lasso to predict disease_progression"


class World(Protocol):
    """A simulated provider."""

    def options(self) -> dict[str, Any]:
        """The settings of a program that is to use it."""


@pytest.fixture
def session(tmp_path: Path, world: World) -> Iterator[Session]:
    session = build_in(used_home(tmp_path / "home"), model=OfflineModel(), **world.options())
    yield session
    session.program.close()


@pytest.fixture
def talk(session: Session) -> Talk:
    talk = Talk(session)
    talk.say(f"load {DIABETES}")
    return talk


def agreed(session: Session, talk: Talk, where: str) -> Job:
    """The job of a yes to that place."""
    talk.say(f"{SENTENCE} {where}")
    talk.answer(yes=True)
    return session.jobs.all()[0]


def finished(session: Session, job: Job) -> Job:
    """The job, once it is closed."""
    wait_until(lambda: session.jobs.get(job.job_id).job.state.is_final, 90)
    return session.jobs.get(job.job_id).job

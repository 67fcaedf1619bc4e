"""Conversations with a recorded model and the real tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.model.scripted import ScriptedModel, Step
from adapters.records import JsonValue
from evals.world.home import build_in, used_home
from evals.world.talk import Talk

DESCRIBE: dict[str, JsonValue] = {"dataset": "penguins", "columns": ["body_mass_g"], "by": "species"}
Start = Callable[..., tuple[Talk, ScriptedModel]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    talks: list[Talk] = []

    def begin(*replies: Step, **settings: Any) -> tuple[Talk, ScriptedModel]:
        model = ScriptedModel(replies)
        talks.append(Talk(build_in(used_home(tmp_path / "home"), model=model, **settings)))
        return talks[-1], model

    yield begin
    for talk in talks:
        for job in talk.session.jobs.all():
            talk.session.jobs.cancel(job.job_id)
        talk.session.program.close()

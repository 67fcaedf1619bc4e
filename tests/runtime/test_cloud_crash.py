"""kill -9 around requests that cost: one pod a yes, none left; a hundred by `python -m evals.bench.cloud_crash`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.bench.cloud_crash import crash, prepared_home
from evals.world.programs import Programs
from evals.world.runpod import RunPodWorld, runpod_world


@pytest.fixture
def world() -> Iterator[RunPodWorld]:
    with runpod_world() as world:
        yield world


@pytest.mark.parametrize("index", [5, 6, 7, 8, 9, 11, 13])
def test_a_kill_around_a_request_makes_no_second_pod_and_leaves_none(
    programs: Programs, tmp_path: Path, world: RunPodWorld, index: int
) -> None:
    outcome = crash(prepared_home(tmp_path, world), world, index, python=programs.python)
    assert outcome.was_killed
    assert outcome.n_created <= 1
    assert outcome.n_left == 0

"""kill -9 around requests that cost: one machine a yes, none left; a hundred by `python -m evals.bench.cloud_crash`."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.bench.cloud_crash import crash, prepared_home
from evals.world.programs import Programs
from evals.world.rented import PROVIDERS

POINTS = [
    *(("runpod", index) for index in (5, 6, 7, 8, 9, 11, 13)),
    *(("aws", index) for index in (24, 25, 26, 27, 28, 33, 57)),
]


@pytest.mark.parametrize(("provider", "index"), POINTS)
def test_a_kill_around_a_request_makes_no_second_machine_and_leaves_none(
    programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: str, index: int
) -> None:
    with PROVIDERS[provider]() as rented:
        for name, value in rented.environment().items():
            monkeypatch.setenv(name, value)
        outcome = crash(prepared_home(tmp_path, rented), rented, index, python=programs.python)
    assert outcome.was_killed
    assert outcome.n_created <= 1
    assert outcome.n_left == 0

"""The control of the negative controls: where nothing is broken, the same copy and the same test notice nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard
from tests.test_data_guards import GUARDS as OF_DATA
from tests.test_guards import GUARDS as OF_THE_GATE
from tests.test_job_guards import GUARDS as OF_JOBS


@pytest.mark.parametrize(
    "guard",
    [
        pytest.param(OF_THE_GATE["a used quote, at the question"], id="in the test's own process"),
        pytest.param(OF_DATA["the bytes of a query's answer"], id="in a query's process"),
        pytest.param(OF_JOBS["one worker a claim"], id="in a training's process"),
    ],
)
def test_a_whole_guard_is_not_said_to_be_broken(guard: Guard, breaker: Breaker, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="exit code 0"):
        breaker.check_noticed(replace(guard, broken=guard.line), tmp_path)

"""kill -9 of program, worker, or both: one worker a yes, no job lost, no model half, no process left.

Thirty crashes here; two hundred by `python -m evals.bench.crash`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.bench.crash import POINTS, TARGETS, cases, crash
from evals.world.programs import Programs


@pytest.mark.parametrize(("point", "target"), list(cases(30, seed=1)))
def test_a_crash_keeps_every_promise(programs: Programs, tmp_path: Path, point: str, target: str) -> None:
    crash(tmp_path / "home", point, target, programs.python)


def test_every_point_and_every_target_comes_up() -> None:
    assert {point for point, _ in cases(len(POINTS), seed=1)} == set(POINTS)
    assert {target for _, target in cases(len(POINTS), seed=1)} == set(TARGETS)

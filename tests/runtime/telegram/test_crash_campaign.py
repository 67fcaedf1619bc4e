"""kill -9 at named commits, taps and updates that come twice, floods: no message unanswered, none more than twice.

A few kills here; more by `python -m evals.bench.telegram_crash`.
"""

from __future__ import annotations

from pathlib import Path

from evals.bench.telegram_crash import POINTS, PRESS_POINTS, campaign, lost_by_a_plain_queue, rounds, run
from evals.world.programs import Programs

KINDS = ["after INSERT INTO telegram_updates", "before UPDATE telegram_outbox", "after INSERT INTO jobs", "faults"]


def test_a_bot_that_is_killed_answers_all_and_starts_one_job_for_a_confirmation(
    programs: Programs, tmp_path: Path
) -> None:
    with campaign(tmp_path, seed=1, python=programs.python) as one:
        run(one, KINDS)
        assert one.ends["killed at its commit"] == 3
        assert (len(one.asked), one.n_confirmed) == (8, 1)


def test_a_plain_queue_loses_messages_under_the_same_kills(programs: Programs, tmp_path: Path) -> None:
    lost, of = lost_by_a_plain_queue(tmp_path, n=2, seed=1, python=programs.python)
    assert 0 < lost < of


def test_every_named_commit_comes_up() -> None:
    assert set(POINTS + PRESS_POINTS) <= set(rounds(40, seed=1))

"""kill -9 between the yes and the launch, and during the training: the conversation goes on, and one worker ran."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.model.offline import OfflineModel
from adapters.records import JobState
from evals.world.home import ROOT, build_in, wait_until
from evals.world.talk import Talk

POINTS = [
    "started",
    *[f"clock:{number}" for number in range(6)],
    "file:table.parquet",
    "file:request.json",
    "finished",
    "training:0",
    "training:5",
    "training:12",
]


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_program_goes_on_and_one_worker_ran(tmp_path: Path, point: str) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-m", "evals.world.killed", str(home), point]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    app = build_in(home, model=OfflineModel())
    app.jobs.reconcile()
    talk = Talk(app, app.resume())
    if talk.conversation.open_calls() or talk.conversation.messages[-1].role == "user":
        assert talk.say(None).reason == "done"
    (job,) = app.jobs.all()
    wait_until(lambda: app.jobs.get(job.job_id).job.state.is_final)
    assert app.jobs.get(job.job_id).job.state is JobState.SUCCEEDED
    assert [model.job_id for model in app.models.all()] == [job.job_id]
    logs = [path.read_text() for path in (home / "jobs").rglob("log.txt")]
    assert sum(log.count(" loading\n") for log in logs) == 1
    assert len(list((home / "models" / "user_local").iterdir())) == 1
    assert "accuracy" in talk.say("how is it going?").text
    app.close()


def test_a_second_program_on_the_same_home_starts_no_second_worker(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-m", "evals.world.killed", str(home), "clock:4"]
    subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    first, second = (build_in(home, model=OfflineModel()) for _ in range(2))
    for app in (first, second):
        app.jobs.reconcile()
        talk = Talk(app, app.resume())
        if talk.conversation.open_calls():
            talk.say(None)
    (job,) = first.jobs.all()
    wait_until(lambda: second.jobs.get(job.job_id).job.state.is_final)
    assert first.jobs.get(job.job_id).job.state is JobState.SUCCEEDED
    logs = [path.read_text() for path in (home / "jobs").rglob("log.txt")]
    assert sum(log.count(" loading\n") for log in logs) == 1
    for app in (first, second):
        app.close()

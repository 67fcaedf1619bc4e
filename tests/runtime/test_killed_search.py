"""kill -9 of the worker while it searches: the job has failed, and no model is listed or left half written."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil
import pytest

from adapters.records import JobState
from agent.offline import OfflineModel
from evals.world.home import PENGUINS, build_in, wait_until
from evals.world.talk import Talk
from tests.tools.conftest import told

SENTENCES = {
    "train the best model to predict species with 300 trials": "setting",
    "tune a random forest to predict body_mass_g with 300 trials": "setting",
    "train a decision tree to predict species with 20-fold cross-validation with 50 trials": "fold 2",
}


def worker_in(home: Path) -> psutil.Process:
    return next(
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(home) in word for word in process.info["cmdline"] or ())
    )


@pytest.mark.parametrize(("sentence", "at"), SENTENCES.items())
def test_a_worker_that_is_killed_in_its_search_leaves_no_model(sentence: str, at: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    talk = Talk(build_in(home, model=OfflineModel()))
    talk.say(f"load {PENGUINS}")
    talk.say(sentence)
    assert "  settings   " in talk.asked().card
    talk.answer(yes=True)
    job_id = str(talk.results("launch_training")[0]["job_id"])
    jobs = talk.session.jobs
    wait_until(lambda: jobs.get(job_id).progress > 0 and at in jobs.get(job_id).status, seconds=90)
    worker_in(home).send_signal(signal.SIGKILL)
    wait_until(lambda: jobs.get(job_id).job.state.is_final, seconds=60)
    polled = told(talk.session, "poll_job", {"job_id": job_id})
    assert polled["state"] == JobState.FAILED
    assert "model" not in polled
    assert told(talk.session, "list_models", {})["models"] == []
    assert [path for path in home.glob("models/**/*") if path.is_file()] == []
    talk.session.program.close()

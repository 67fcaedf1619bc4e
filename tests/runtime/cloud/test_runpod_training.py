"""A training in the cloud through a conversation: the price, the yes, the pod, the model, what it cost."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from adapters.records import JobState
from evals.world.home import ROOT
from evals.world.runpod import RunPodWorld, runpod_world
from evals.world.runpod.faults import Fault
from evals.world.talk import Talk
from runtime import doctor
from runtime.all_jobs import AllJobs
from runtime.session import Session
from runtime.sweep_command import sweep
from tests.runtime.cloud.conftest import SENTENCE, agreed, finished

pytestmark = pytest.mark.usefixtures("real_children")


@pytest.fixture
def world() -> Iterator[RunPodWorld]:
    with runpod_world() as world:
        yield world


def test_a_lasso_is_trained_on_a_pod_after_a_yes(session: Session, world: RunPodWorld, talk: Talk) -> None:
    assert talk.say(f"{SENTENCE} on runpod").reason == "asked"
    card = talk.asked().card
    assert "  where      runpod, 2 vCPU, 4 GB (cpu3c), EU-RO-1" in card
    assert "(RunPod's catalogue, " in card
    assert ", of today)" in card
    # No pod, no file on the volume: nothing that costs before the yes.
    assert not any(method != "GET" for method, _ in world.requests)
    assert not list(world.s3.folder.rglob("*"))
    talk.answer(yes=True)
    job = session.jobs.all()[0]
    finished(session, job)
    view = session.jobs.get(job.job_id)
    assert view.job.state is JobState.SUCCEEDED, (view.status, view.log_tail)
    quote = session.jobs.quote_of(job)
    assert quote is not None
    assert 0 < view.job.cost_usd <= quote.cap_usd
    assert world.pods.alive() == []
    # What is charged is what the provider bills, up to the seconds between the end of the work and of the pod.
    (pod,) = world.pods.all
    billed = pod.billed_s * float(quote.usd_per_hour) / 3600
    assert float(view.job.cost_usd) == pytest.approx(billed, abs=8 * float(quote.usd_per_hour) / 3600)
    # The same job on this machine has the same scores.
    ours, theirs = finished(session, agreed(session, talk, "locally")).result, view.job.result
    assert ours is not None
    assert theirs is not None
    assert ours.metrics is not None
    # To rounding: here and there are not as many threads.
    assert theirs.metrics == pytest.approx(ours.metrics, rel=1e-9)


def test_a_no_starts_nothing(world: RunPodWorld, talk: Talk) -> None:
    talk.say(f"{SENTENCE} on runpod")
    talk.answer(yes=False)
    assert world.pods.all == []
    assert not any(method != "GET" for method, _ in world.requests)


def test_no_capacity_anywhere_falls_back_to_this_machine_with_a_sentence(
    session: Session, world: RunPodWorld, talk: Talk
) -> None:
    talk.say(f"{SENTENCE} on runpod")
    world.faults.add(*[Fault("POST", "/v2/pods", 400)] * 9)
    talk.answer(yes=True)
    (job,) = session.jobs.all()
    finished(session, job)
    view = session.jobs.get(job.job_id)
    assert (view.job.state, view.job.cost_usd) == (JobState.SUCCEEDED, Decimal(0))
    assert "of local is taken instead" in view.moves[-1]
    assert world.pods.all == []


def test_a_pod_that_nobody_knows_of_is_ended_when_jobs_are_looked_after(
    session: Session, world: RunPodWorld, talk: Talk
) -> None:
    job = agreed(session, talk, "on runpod")
    (pod,) = world.pods.all
    mine, key = pod.name.rsplit("-", 1)
    stray = world.pods.create({**pod.body, "name": f"{mine}-{'0' * len(key)}"}, 1.0, pod.centre)
    another = world.pods.create({**pod.body, "name": "somebody-elses"}, 1.0, pod.centre)
    AllJobs(session.program).reconcile()
    assert stray.gone_at is not None
    assert another.gone_at is None
    session.jobs.cancel(job.job_id)
    assert world.pods.alive() == [another]


def test_auto_says_what_each_machine_costs_and_this_one_is_first(talk: Talk) -> None:
    talk.say(f"what would it cost to {SENTENCE}")
    (result,) = talk.results("estimate_cost")
    providers = [quote["provider"] for quote in result["quotes"]]
    assert providers == ["local", "runpod", "runpod", "runpod", "runpod"]
    assert result["quotes"][0]["cap_usd"] == 0


def test_a_provider_that_cannot_be_asked_is_named_beside_the_others(world: RunPodWorld, talk: Talk) -> None:
    world.faults.add(Fault("GET", "/v2/catalog", 401))
    talk.say(f"what would it cost to {SENTENCE}")
    (result,) = talk.results("estimate_cost")
    assert [quote["provider"] for quote in result["quotes"]] == ["local"]
    assert list(result["not_asked"]) == ["RunPod does not know the key in RUNPOD_API_KEY"]


def test_a_sweep_ends_what_no_open_job_stands_behind_and_keeps_the_rest(
    session: Session, world: RunPodWorld, talk: Talk
) -> None:
    job = agreed(session, talk, "on runpod")
    (pod,) = world.pods.all
    mine, key = pod.name.rsplit("-", 1)
    stray = world.pods.create({**pod.body, "name": f"{mine}-{'0' * len(key)}"}, 1.0, pod.centre)
    found = sweep(session.program)
    assert {(line["machine"], line["state"]) for line in found if line["backend"] == "runpod"} == {
        (key, "kept"), ("0" * len(key), "ended"),
    }  # fmt: skip
    assert stray.gone_at is not None
    assert pod.gone_at is None
    world.faults.add(Fault("GET", "/v2/pods", 401))
    assert sweep(session.program)[-1]["state"] == "RunPod does not know the key in RUNPOD_API_KEY"
    session.jobs.cancel(job.job_id)


@pytest.mark.parametrize(
    ("fault", "state", "detail"),
    [
        ((), "ok", "7 kinds of machine from $0.0614 an hour; 0 machines of this installation are there"),
        ((Fault("GET", "/v2/catalog", 401),), "bad", "RunPod does not know the key in RUNPOD_API_KEY"),
    ],
)
def test_the_doctor_asks_each_provider(
    session: Session, world: RunPodWorld, fault: tuple[Fault, ...], state: str, detail: str
) -> None:
    world.faults.add(*fault)
    found = {finding.name: finding for finding in doctor.examine(session.settings)}
    assert (found["jobs on runpod"].state, found["jobs on runpod"].detail) == (state, detail)
    assert found["jobs on local"].state == "ok"
    assert not any(method != "GET" for method, _ in world.requests)


def test_a_provider_that_is_silent_for_a_while_loses_no_job(session: Session, world: RunPodWorld, talk: Talk) -> None:
    job = agreed(session, talk, "on runpod")
    (pod,) = world.pods.all
    world.faults.add(Fault("GET", f"/v2/pods/{pod.pod_id}", 401))
    view = session.jobs.get(job.job_id)
    assert (view.job.state, view.status) == (JobState.ACTIVE, "RunPod does not know the key in RUNPOD_API_KEY")
    assert finished(session, job).state is JobState.SUCCEEDED


def test_the_world_can_be_tried_from_a_shell(tmp_path: Path) -> None:
    statagent = str(Path(sys.executable).with_name("statagent"))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "STATAGENT_HOME": str(tmp_path / "home")}
    with subprocess.Popen([statagent, "world"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        lines = [served.stdout.readline()]
        while "RUNPOD_S3_SECRET_KEY" not in lines[-1]:
            lines.append(served.stdout.readline())
        told = dict(shlex.split(line)[1].split("=", 1) for line in lines)
        asked = [statagent, "doctor"]
        done = subprocess.run(
            asked, cwd=ROOT, env=environment | told, capture_output=True, text=True, timeout=100, check=False
        )
        served.send_signal(signal.SIGINT)
    assert "7 kinds of machine from $0.0614 an hour" in " ".join(done.stdout.split()), done.stderr
    assert served.returncode == 0


def test_a_command_runs_in_the_world_and_ends_it(tmp_path: Path) -> None:
    statagent = str(Path(sys.executable).with_name("statagent"))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "STATAGENT_HOME": str(tmp_path / "home")}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [statagent, "world", *words]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False
        )

    done = run("sh", "-c", 'echo "$RUNPOD_API_URL"; exit 3')
    assert (done.returncode, done.stdout.startswith("http://127.0.0.1:")) == (3, True)
    with pytest.raises(httpx.ConnectError):
        httpx.get(done.stdout.strip())
    missing = run("no-such-program")
    assert (missing.returncode, missing.stderr) == (127, "there is no program 'no-such-program'\n")

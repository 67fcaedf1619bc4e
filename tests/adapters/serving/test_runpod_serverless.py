"""Predictions at a simulated RunPod Serverless, by the real worker: the same bytes, every part once, inside the cap."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.compute.base import ComputeError, Machine, NoCapacity, Surroundings
from adapters.records import Approval, Attempt, AttemptState, Order
from adapters.serving.part_jobs import START_S
from adapters.serving.runpod_serverless import NAME, ServerlessBackend
from evals.world.pace import Limit
from evals.world.runpod import RunPodWorld, runpod_world
from evals.world.runpod.endpoints import Endpoint, ServerlessJob
from evals.world.runpod.faults import Fault
from evals.world.runpod.serverless import deployed_endpoint, serverless_backend
from evals.world.small_model import SmallModel, differing, small_model

APPROVAL = Approval("a1", "ann", "q1", "call1", "hash")
N, PART_ROWS = 3_000, 1_000
pytestmark = pytest.mark.usefixtures("real_children")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SmallModel:
    return small_model(tmp_path_factory.mktemp("made"), N)


@dataclass
class Bench:
    """An endpoint that is deployed in a world, and a backend that sends to it."""

    world: RunPodWorld
    endpoint: Endpoint
    backend: ServerlessBackend
    made: SmallModel

    def attempt(self, max_seconds: int = 600, rows: int = N) -> Attempt:
        key = secrets.token_hex(16)
        offer, _ = self.backend.offers()
        order = Order(
            quote_id="q1", work=self.made.work, data_sha256="sha", max_seconds=max_seconds, place=offer.place,
            usd_per_hour=offer.usd_per_hour, rows=rows, part_rows=PART_ROWS,
        )  # fmt: skip
        return Attempt(f"t{key}", "ann", "j1", 1, key, NAME, AttemptState.LAUNCHING, order, None, datetime.now(UTC))

    def stage(self, attempt: Attempt) -> None:
        self.backend.stage(attempt, self.made.files())

    def launch(self, attempt: Attempt) -> Attempt:
        self.stage(attempt)
        return replace(attempt, handle=self.backend.launch(attempt, APPROVAL))

    def wait(self, attempt: Attempt, seconds: float = 60) -> Machine:
        limit = Limit(seconds)
        while (machine := self.backend.state(attempt)).is_running and not limit.is_over():
            time.sleep(0.1)
        return machine

    def wait_for(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        limit = Limit(seconds)
        while not condition() and not limit.is_over():
            time.sleep(0.02)
        assert condition()

    def check(self, attempt: Attempt, machine: Machine) -> None:
        """All parts are there, once, in order, with what the model says here."""
        assert machine.result is not None, (machine, self.backend.logs(attempt, 20), self.log())
        assert machine.seconds <= attempt.request.max_seconds
        self.backend.terminate(attempt)
        output = self.backend.fetch(attempt)
        assert differing(self.made, output, PART_ROWS, attempt.request.rows) is None

    def log(self) -> str:
        return "".join(path.read_text()[-2000:] for path in self.world.endpoints.folder.glob("*.log"))

    def jobs(self, attempt: Attempt) -> list[ServerlessJob]:
        """The attempt's jobs."""
        return [job for job in self.endpoint.jobs.values() if job.input["key"] == attempt.key]

    def claim(self, job: ServerlessJob) -> None:
        """As its worker would."""
        place = self.world.s3.folder / "attempts" / job.input["key"] / "claimed"
        place.mkdir(exist_ok=True)
        (place / f"{job.input['number']:06d}_{job.input['try']}.json").write_text("{}")

    def n_worked(self, attempt: Attempt) -> int:
        """How many tries were begun."""
        return len(list((self.world.s3.folder / "attempts" / attempt.key / "made").iterdir()))


@contextmanager
def deployed(made: SmallModel, folder: Path, args: str | None = None) -> Iterator[Bench]:
    with runpod_world() as world:
        endpoint_id = deployed_endpoint(world)
        # Each worker imports what a model needs, and this machine has few cores: one that stays.
        body = world.endpoints.all[endpoint_id].body
        body["workers"] |= {"max": 1, "idleTimeout": 600}
        body["args"] = body["args"] if args is None else args
        surroundings = Surroundings(lambda: "abc123", folder, {"PATH": os.environ["PATH"]}, 3600, None, {})
        backend = serverless_backend(world, endpoint_id, surroundings)
        yield Bench(world, world.endpoints.all[endpoint_id], backend, made)
        backend.close()


@pytest.fixture(scope="module")
def bench(made: SmallModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One world for all: its worker is warm after the first test."""
    with deployed(made, tmp_path_factory.mktemp("bench") / "jobs") as bench:
        yield bench


@pytest.fixture
def still(made: SmallModel, tmp_path: Path) -> Iterator[Bench]:
    """A world of its own, whose workers take no job."""
    with deployed(made, tmp_path / "jobs", "sleep 600") as bench:
        yield bench


def test_parts_come_back_with_what_the_model_says_here(bench: Bench) -> None:
    running = bench.launch(bench.attempt())
    assert bench.backend.running() == (running.key,)
    machine = bench.wait(running)
    bench.check(running, machine)
    assert machine.status == "3 of 3 parts predicted"
    assert 0 < sum(job.ended_at - job.started_at for job in bench.jobs(running)) < machine.seconds
    assert bench.backend.running() == ()
    bench.backend.clean(running.key)
    assert len(bench.backend.logs(running, 50)) == 3


def test_one_row_is_one_part(bench: Bench) -> None:
    running = bench.launch(bench.attempt(rows=1))
    bench.check(running, bench.wait(running))
    assert len(bench.jobs(running)) == 1


def test_a_part_whose_answer_was_lost_is_worked_on_once(bench: Bench) -> None:
    path = f"/v2/{bench.endpoint.endpoint_id}/run"
    bench.world.faults.add(Fault("POST", path, 0, is_done=True), Fault("POST", path, 503, is_done=True))
    running = bench.launch(bench.attempt())
    bench.check(running, bench.wait(running))
    # Two answers were lost: of two parts, each of which was sent once more, or of one part both times.
    n_jobs = len(bench.jobs(running))
    assert n_jobs in (4, 5)
    assert bench.n_worked(running) == 3
    taken = [job for job in bench.jobs(running) if job.told.get("output", {}).get("taken")]
    assert len(taken) == n_jobs - 3


def test_a_part_is_sent_later_where_runpod_takes_none_now(bench: Bench) -> None:
    path = f"/v2/{bench.endpoint.endpoint_id}/run"
    bench.world.faults.add(*(Fault("POST", path, 429, headers={"Retry-After": "0"}) for _ in range(12)))
    running = bench.launch(bench.attempt())
    bench.check(running, bench.wait(running))
    assert bench.n_worked(running) == 3


def test_a_job_that_is_lost_is_sent_again_alone(bench: Bench) -> None:
    bench.world.endpoints.n_lost = 2
    running = bench.launch(bench.attempt())
    bench.check(running, bench.wait(running))
    assert bench.n_worked(running) == 3
    assert len(bench.jobs(running)) == 3


def test_a_worker_that_is_killed_loses_nothing(bench: Bench) -> None:
    running = bench.launch(bench.attempt())
    bench.wait_for(lambda: bool(bench.endpoint.pending("IN_PROGRESS")))
    (job, *_) = bench.endpoint.pending("IN_PROGRESS")
    (worker,) = [one for one in bench.endpoint.alive() if one.worker_id == job.worker]
    bench.world.endpoints.end(bench.endpoint, worker)
    bench.check(running, bench.wait(running))


def test_a_job_that_takes_too_long_is_ended_at_its_limit_and_counts_whole(still: Bench) -> None:
    running = still.launch(still.attempt(max_seconds=61, rows=1))
    (job,) = still.jobs(running)
    assert (job.limit_s, job.life_s) == (5.5, 61 + 600 + 5.5)
    still.claim(job)
    job.end("TIMED_OUT")
    machine = still.backend.state(running)
    assert machine.is_running
    assert 5.5 <= machine.seconds < 11
    assert [job.input["try"] for job in still.jobs(running)] == [1, 2]
    assert still.backend.logs(running, 5) == ["part 1, try 1: RunPod says TIMED_OUT, 5.50 s"]


def test_limits_together_are_within_the_cap(still: Bench) -> None:
    attempt = still.attempt(max_seconds=600)
    running = still.launch(attempt)
    for _ in range(4):
        for job in still.endpoint.pending("IN_QUEUE"):
            still.claim(job)
            job.n_deliveries = 2
            job.started_at = time.time()
            job.end("FAILED", {"error": "no"})
        machine = still.backend.state(running)
    assert not machine.is_running
    assert machine.at_limit
    assert sum(job.limit_s for job in still.jobs(running)) <= 600


def test_what_is_cancelled_ends_and_nothing_begins_later(bench: Bench) -> None:
    running = bench.launch(bench.attempt())
    bench.wait_for(lambda: bool(bench.endpoint.pending("IN_PROGRESS")))
    bench.backend.terminate(running)
    assert not [job for job in bench.jobs(running) if job.status in ("IN_QUEUE", "IN_PROGRESS")]
    machine = bench.backend.state(running)
    assert (machine.is_running, machine.result) == (False, None)
    # The worker that had begun was started, and is paid for.
    assert machine.seconds >= START_S
    assert bench.backend.running() == ()
    bench.backend.terminate(running)
    with pytest.raises(ComputeError, match="nothing was started"):
        bench.backend.launch(replace(running, handle=None), APPROVAL)


def test_a_launch_without_the_right_approval_or_price_starts_nothing(still: Bench) -> None:
    attempt = still.attempt()
    still.stage(attempt)
    for wrong in (replace(APPROVAL, quote_id="q2"), replace(APPROVAL, owner_id="bob")):
        with pytest.raises(ComputeError, match="nothing was started"):
            still.backend.launch(attempt, wrong)
    still.world.catalogue.serverless["NVIDIA RTX A4000"] = ("AMPERE_16", 9.0)
    with pytest.raises(NoCapacity, match=r"RunPod asks \$9.0000 an hour, and \$0.5800 was agreed"):
        still.backend.launch(attempt, APPROVAL)
    assert still.backend.running() == ()
    assert still.backend.find(attempt.key) is None
    assert not still.endpoint.jobs


def test_a_cap_that_does_not_pay_for_every_part_starts_nothing(still: Bench) -> None:
    attempt = still.attempt(max_seconds=160)
    still.stage(attempt)
    with pytest.raises(NoCapacity, match="its 3 parts need more than the 160 s"):
        still.backend.launch(attempt, APPROVAL)


def test_a_crash_between_two_sends_sends_what_is_left(bench: Bench) -> None:
    attempt = bench.attempt()
    bench.stage(attempt)
    path = f"/v2/{bench.endpoint.endpoint_id}/run"
    bench.world.faults.add(Fault("POST", path, 401))
    with pytest.raises(ComputeError, match="does not know the key"):
        bench.backend.launch(attempt, APPROVAL)
    running = replace(attempt, handle=bench.backend.launch(attempt, APPROVAL))
    bench.check(running, bench.wait(running))
    assert bench.n_worked(running) == 3


def test_an_offer_names_price_source_and_parts(still: Bench) -> None:
    offer, large = still.backend.offers()
    assert offer.parts is not None
    assert large.parts is not None
    assert (offer.parts.most_rows + 1, large.parts.rows) == (large.parts.least_rows, 250_000)
    assert (float(offer.usd_per_hour), offer.price_source) == (0.58, "RunPod's catalogue")
    assert offer.parts is not None
    assert (offer.parts.least_rows, offer.parts.most_rows, offer.parts.rows) == (1, 1_000_000, 50_000)
    still.world.faults.add(*(Fault("GET", "/v2/catalog/gpus", 500) for _ in range(2)))
    shipped, _ = still.backend.offers()
    assert (float(shipped.usd_per_hour), shipped.price_as_of) == (0.576, "2026-08-20")


def test_an_endpoint_of_another_version_offers_nothing(still: Bench) -> None:
    still.endpoint.body["env"]["STATAGENT_PAYLOAD_SHA256"] = "0" * 64
    with pytest.raises(ComputeError, match="`statagent deploy runpod` renews it"):
        still.backend.offers()
    deployed_endpoint(still.world)
    assert still.backend.offers()
    assert len(still.world.endpoints.all) == 1


def test_workers_that_are_paid_for_though_nobody_predicts_are_told_of(still: Bench) -> None:
    still.endpoint.body["workers"] |= {"min": 1, "max": 2}
    for asked in (still.backend.offers, still.backend.running):
        with pytest.raises(ComputeError, match="keeps 1 workers, which are paid for though nobody predicts"):
            asked()
    deployed_endpoint(still.world)
    assert still.backend.offers()
    assert still.backend.running() == ()


def test_an_endpoint_that_was_removed_runs_nothing_and_offers_nothing(still: Bench) -> None:
    running = still.launch(still.attempt())
    still.world.endpoints.delete(still.endpoint)
    with pytest.raises(ComputeError, match="`statagent deploy runpod` makes one"):
        still.backend.offers()
    assert still.backend.running() == (running.key,)
    still.backend.terminate(running)
    assert still.backend.running() == ()

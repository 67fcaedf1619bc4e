"""Each backend on a bench of its own: the same job, the same questions."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from adapters.compute.base import Backend, Machine, Surroundings
from adapters.compute.local import LocalBackend
from adapters.compute.worker_files import TABLE
from adapters.records import Approval, Attempt, AttemptState, Feature, Market, Order, ParameterValue, TrainingSpec
from evals.world.aws import AwsWorld, aws_world
from evals.world.aws.machines import machine_processes
from evals.world.aws.program import ec2_backend
from evals.world.pace import Limit
from evals.world.programs import REAL, children_by
from evals.world.rented import FOR_EVER_S
from evals.world.runpod import RunPodWorld, runpod_world
from evals.world.runpod.program import Address, runpod_backend

PENGUINS = Path(__file__).parents[3] / "evals" / "data" / "penguins.csv"
APPROVAL = Approval("a1", "ann", "q1", "call1", "hash")
LONG = 5_000


@dataclass
class Bench:
    """One backend, as many objects of it as there are programs, and the world behind it where that is simulated."""

    made_by: Callable[[], Backend]
    made: list[Backend] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.backend = self.make()

    def make(self) -> Backend:
        """The backend as another program has it."""
        self.made.append(self.made_by())
        return self.made[-1]

    def close(self) -> None:
        """End what still runs."""
        for key in self.backend.running():
            self.backend.end(key)
        for backend in self.made:
            backend.close()

    def attempt(self, n_estimators: int = 20, max_seconds: int = 100, key: str = "k" * 32) -> Attempt:
        """An attempt at the cheapest place that there is."""
        training = TrainingSpec(
            target="species",
            task="classification",
            features=(Feature(name="bill_length_mm", kind="number"), Feature(name="island", kind="category")),
            model="random_forest",
            params=(ParameterValue(name="n_estimators", value=n_estimators),),
        )
        offer = min(self.backend.offers(), key=lambda offer: offer.usd_per_hour)
        order = Order(
            quote_id="q1",
            work=training,
            data_sha256="sha",
            max_seconds=max_seconds,
            usd_per_hour=offer.usd_per_hour,
            place=offer.place,
        )
        state = AttemptState.LAUNCHING
        return Attempt(f"t{key}", "ann", "j1", 1, key, self.backend.name, state, order, None, datetime.now(UTC))

    def attempt_at(self, market: Market) -> Attempt:
        """A long attempt at the cheapest machine of that market."""
        offers = [offer for offer in self.backend.offers() if offer.place.market is market]
        offer, attempt = min(offers, key=lambda offer: offer.usd_per_hour), self.attempt(LONG)
        update = {"place": offer.place, "usd_per_hour": offer.usd_per_hour}
        return replace(attempt, request=attempt.request.model_copy(update=update))

    def launch(self, attempt: Attempt) -> Attempt:
        """The attempt with its machine started."""
        self.backend.stage(attempt, {TABLE: write_penguins})
        return replace(attempt, handle=self.backend.launch(attempt, APPROVAL))

    def wait(self, attempt: Attempt, seconds: float = 60) -> Machine:
        """The machine, once it has ended."""
        limit = Limit(seconds)
        while (machine := self.backend.state(attempt)).is_running and not limit.is_over():
            time.sleep(0.1)
        return machine

    def wait_until_it_works(self, attempt: Attempt, seconds: float = 60) -> None:
        """Until the worker has begun with the job."""
        limit = Limit(seconds)
        while self.backend.state(attempt).progress == 0 and not limit.is_over():
            time.sleep(0.05)


def write_penguins(path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM read_csv('{PENGUINS}', nullstr='NA')) TO '{path}' (FORMAT parquet)")


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    limit = Limit(seconds)
    while not condition() and not limit.is_over():
        time.sleep(0.05)
    assert condition()


def surroundings(folder: Path, **options: str) -> Surroundings:
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return Surroundings(lambda: "abc123", folder, environment, 100, None, options)


@pytest.fixture
def world() -> Iterator[RunPodWorld]:
    with runpod_world() as world:
        yield world


@pytest.fixture
def rented(world: RunPodWorld, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(lambda: runpod_backend(Address.of(world), surroundings(tmp_path / "jobs")))
    yield bench
    bench.close()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsWorld]:
    with aws_world() as world:
        for name, value in world.environment().items():
            monkeypatch.setenv(name, value)
        yield world
    wait_for(lambda: not any(machine_processes(machine.instance_id) for machine in world.machines.all))


@pytest.fixture
def ec2(aws: AwsWorld, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(lambda: ec2_backend(surroundings(tmp_path / "jobs")))
    yield bench
    bench.close()


@pytest.fixture
def no_pod_begins(world: RunPodWorld) -> None:
    """Pods are there and paid for, and do not work: where only they and their bills are looked at."""
    world.pods.starts_after_s = FOR_EVER_S


@pytest.fixture
def no_machine_begins(aws: AwsWorld) -> None:
    """As `no_pod_begins`."""
    aws.machines.starts_after_s = FOR_EVER_S


@pytest.fixture(params=["local", "runpod", "aws"])
def bench(request: pytest.FixtureRequest, tmp_path: Path, real_children: None) -> Iterator[Bench]:
    """Every backend in turn; a new one gets a line here."""
    if request.param == "local":
        folder = tmp_path / "jobs"
        bench = Bench(lambda: LocalBackend(folder, 100, surroundings(folder).environment))
        yield bench
        bench.close()
    else:
        yield request.getfixturevalue({"runpod": "rented", "aws": "ec2"}[request.param])


@pytest.fixture(scope="module")
def left_by_a_pod(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an attempt whose pod has done its work."""
    folder = tmp_path_factory.mktemp("pod")
    with runpod_world() as world, children_by(REAL):
        bench = Bench(lambda: runpod_backend(Address.of(world), surroundings(folder / "jobs")))
        running = bench.launch(bench.attempt())
        assert bench.wait(running).result is not None
        bench.backend.terminate(running)
        bench.close()
        return shutil.copytree(world.s3.folder / "attempts" / running.key, folder / "left")


@pytest.fixture
def done(rented: Bench, world: RunPodWorld, no_pod_begins: None, left_by_a_pod: Path) -> tuple[Attempt, Path]:
    """An attempt whose pod has done its work and is gone, and its folder on the volume."""
    running = rented.launch(rented.attempt())
    folder = world.s3.folder / "attempts" / running.key
    shutil.copytree(left_by_a_pod, folder, dirs_exist_ok=True)
    rented.backend.terminate(running)
    return running, folder

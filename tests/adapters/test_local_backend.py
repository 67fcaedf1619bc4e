"""The local backend with real worker processes."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import psutil
import pytest

from adapters.compute.base import ComputeError, Machine
from adapters.compute.local import LocalBackend, claim, is_alive
from adapters.files import read_json
from adapters.records import Approval, Attempt, AttemptState, Feature, JobEnd, Json, Order, ParameterValue, TrainingSpec
from evals.world.pace import Limit

pytestmark = pytest.mark.usefixtures("real_children")
PENGUINS = Path(__file__).parents[2] / "evals" / "data" / "penguins.csv"
APPROVAL = Approval("a1", "ann", "q1", "call1", "hash")


def attempt(n_estimators: int = 20, max_seconds: int = 60) -> Attempt:
    training = TrainingSpec(
        target="species",
        task="classification",
        features=(Feature(name="bill_length_mm", kind="number"), Feature(name="island", kind="category")),
        model="random_forest",
        params=(ParameterValue(name="n_estimators", value=n_estimators),),
    )
    order = Order(quote_id="q1", work=training, data_sha256="sha", max_seconds=max_seconds, usd_per_hour=Decimal(0))
    return Attempt("t1", "ann", "j1", 1, "key1", "local", AttemptState.LAUNCHING, order, None, datetime.now(UTC))


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[LocalBackend]:
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    local = LocalBackend(tmp_path / "jobs", 60, environment)
    folder = local.folder("key1")
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_csv('{PENGUINS}', nullstr='NA')) TO '{folder}/table.parquet' (FORMAT parquet)"
        )
    yield local
    local.terminate(attempt())


def wait(backend: LocalBackend, running: Attempt, seconds: float = 30) -> Machine:
    limit = Limit(seconds)
    while (machine := backend.state(running)).is_running and not limit.is_over():
        time.sleep(0.05)
    return machine


def wait_for_claim(backend: LocalBackend) -> Json:
    limit = Limit(20)
    while (worker := backend.find("key1")) is None and not limit.is_over():
        time.sleep(0.02)
    assert worker is not None
    return worker


def test_a_worker_trains_and_leaves_its_model_and_log(backend: LocalBackend) -> None:
    running = replace(attempt(), handle=backend.launch(attempt(), APPROVAL))
    machine = wait(backend, running)
    assert machine.result is not None
    assert machine.result.error is None
    assert json.loads((backend.folder("key1") / "result.json").read_text())["metrics"]["accuracy"] > 0.8
    assert (backend.folder("key1") / "out" / "model.skops").exists()
    assert any("random_forest is fitted" in line for line in backend.logs(running, 50))


def test_two_launches_make_one_worker_work(backend: LocalBackend) -> None:
    first = backend.launch(attempt(), APPROVAL)
    second = backend.launch(attempt(), APPROVAL)
    worker = wait_for_claim(backend)
    machine = wait(backend, replace(attempt(), handle=first))
    assert machine.result is not None
    for handle in (first, second):
        while is_alive(handle):
            time.sleep(0.02)
    log = backend.logs(attempt(), 100)
    assert sum("loading" in line for line in log) == 1
    assert worker["pid"] in (first["pid"], second["pid"])


def test_a_launch_without_the_right_approval_starts_nothing(backend: LocalBackend) -> None:
    for wrong in (replace(APPROVAL, quote_id="q2"), replace(APPROVAL, owner_id="bob")):
        with pytest.raises(ComputeError, match="nothing was started"):
            backend.launch(attempt(), wrong)
    assert not (backend.folder("key1") / "request.json").exists()


def test_a_worker_outlives_whoever_looks_and_is_found_again(backend: LocalBackend, tmp_path: Path) -> None:
    backend.launch(attempt(5_000), APPROVAL)
    worker = wait_for_claim(backend)
    again = LocalBackend(tmp_path / "jobs", 60, {})
    assert again.find("key1") == worker
    assert again.state(attempt(5_000)).is_running
    assert os.getsid(int(str(worker["pid"]))) == worker["pid"]


def test_the_kernel_ends_a_worker_at_its_limit(backend: LocalBackend) -> None:
    limited = attempt(1_000, max_seconds=1)
    running = replace(limited, handle=backend.launch(limited, APPROVAL))
    machine = wait(backend, running)
    assert machine.result is None
    assert machine.end_reason is not None
    assert machine.end_reason.startswith("stopped at its limit of 1 s")
    assert machine.at_limit


def test_the_kernel_bounds_a_workers_memory(tmp_path: Path, backend: LocalBackend) -> None:
    small = LocalBackend(tmp_path / "jobs", 60, backend._environment, max_memory_bytes=350 * 2**20)
    machine = wait(small, replace(attempt(), handle=small.launch(attempt(), APPROVAL)))
    assert not machine.is_running
    # What was being imported or computed at that moment words it in its own way, or dies.
    assert machine.result is None or machine.result.error is not None


def test_a_killed_worker_is_seen_as_dead(backend: LocalBackend) -> None:
    running = replace(attempt(5_000), handle=backend.launch(attempt(5_000), APPROVAL))
    worker = wait_for_claim(backend)
    os.kill(int(str(worker["pid"])), signal.SIGKILL)
    machine = wait(backend, running)
    assert machine.end_reason is not None
    assert machine.end_reason.startswith("the worker ended without a result")
    assert not machine.at_limit


def test_terminate_ends_the_worker_and_none_begins_later(backend: LocalBackend) -> None:
    running = replace(attempt(5_000), handle=backend.launch(attempt(5_000), APPROVAL))
    backend.terminate(running)
    assert running.handle is not None
    assert not is_alive(running.handle)
    assert not claim(backend.folder("key1"), {"pid": 1, "created": 0.0})
    backend.launch(attempt(), APPROVAL)
    assert not backend.state(running).is_running


def test_a_process_number_used_again_is_somebody_else() -> None:
    me = psutil.Process()
    assert is_alive({"pid": me.pid, "created": me.create_time()})
    assert not is_alive({"pid": me.pid, "created": me.create_time() - 100})


def test_a_worker_sees_no_environment_but_the_given_one(backend: LocalBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "canary")
    backend.launch(attempt(5_000), APPROVAL)
    worker = wait_for_claim(backend)
    environment = psutil.Process(int(str(worker["pid"]))).environ()
    assert "canary" not in environment.values()


def test_a_bad_table_ends_in_a_sentence(backend: LocalBackend) -> None:
    (backend.folder("key1") / "table.parquet").write_bytes(b"PAR1")
    running = replace(attempt(), handle=backend.launch(attempt(), APPROVAL))
    machine = wait(backend, running)
    assert machine.result is not None
    assert "the training failed" in str(machine.result.error)
    written = read_json(backend.folder("key1") / "result.json")
    assert written == {"error": machine.result.error, "seconds": machine.result.seconds}


@pytest.mark.parametrize("seconds", ["1e999", "NaN", "-5", "61", '"3"', "true", "null", "[1]"])
def test_a_time_that_cannot_be_counts_as_the_whole_limit(backend: LocalBackend, seconds: str) -> None:
    (backend.folder("key1") / "result.json").write_text(f'{{"metrics": {{}}, "seconds": {seconds}}}')
    assert backend.state(attempt()).seconds == 60.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no JSON object"),
        ("{'metrics': {}}", "is no JSON object"),
        ('{"metrics": {}', "is no JSON object"),
        ("[1, 2]", "is no JSON object"),
        ("null", "is no JSON object"),
        ("\xff\xfe{}", "is no JSON object"),
        ("[" * 100_000, "is no JSON object"),
        ("{}", "holds neither metrics nor rows nor an error"),
        ('{"seconds": 3}', "holds neither metrics nor rows nor an error"),
        ('{"metrics": [0.9]}', "holds neither metrics nor rows nor an error"),
        ('{"error": {"a": 1}}', "holds neither metrics nor rows nor an error"),
    ],
)
def test_a_result_that_is_none_is_an_error_that_names_it(backend: LocalBackend, text: str, said: str) -> None:
    (backend.folder("key1") / "result.json").write_text(text, encoding="latin-1")
    machine = backend.state(attempt())
    assert (machine.is_running, machine.result) == (
        False,
        JobEnd(error=f"the worker's result.json {said}", seconds=machine.seconds),
    )


def test_a_result_that_is_a_link_is_an_error_that_names_it(backend: LocalBackend, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.json").write_text('{"metrics": {}}')
    (backend.folder("key1") / "result.json").symlink_to(tmp_path / "elsewhere.json")
    result = backend.state(attempt()).result
    assert result is not None
    assert str(result.error).startswith("the worker's result.json cannot be read: ")


@pytest.mark.parametrize("name", ["claim.json", "progress.json"])
@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"pid": -1, "created": 1, "started_at": "x", "fraction": "x", "sentence": 3}']
)
def test_what_a_worker_says_of_itself_and_is_none_stops_nobody(backend: LocalBackend, name: str, text: str) -> None:
    (backend.folder("key1") / name).write_text(text)
    machine = backend.state(attempt())
    assert (machine.is_running, machine.progress, machine.result) == (False, 0.0, None)
    assert backend.running() == ()

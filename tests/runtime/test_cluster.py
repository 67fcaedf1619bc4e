"""Trainings that a Dask cluster of one's own does parts of: a real scheduler and real workers on loopback."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import astuple, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from distributed.comm.core import CommClosedError
from sklearn.datasets import load_diabetes, load_wine

from adapters.compute.cluster import ClusterError, ClusterLost, is_clear, join
from adapters.compute.local import LocalBackend
from adapters.compute.worker_files import hash_of
from adapters.files import read_json
from adapters.records import Approval, Model
from evals.world.certificate import write_certificate
from evals.world.dask_cluster import DaskCluster, dask_cluster, dies_once
from evals.world.home import PENGUINS, build_in, put_penguins, used_home, wait_until
from runtime import doctor
from runtime.on_cluster import fit_on_cluster
from runtime.settings import SettingsError, read_settings
from tests.adapters.test_local_backend import attempt, wait
from tests.tools.conftest import told
from tools import ml
from tools.card_text import card_of
from tools.cluster_lines import cluster_told
from tools.ml.spreading import each_fold

pytestmark = [pytest.mark.usefixtures("real_children"), pytest.mark.filterwarnings("default::ResourceWarning")]
TIMES = ("seconds", "created_at", "cluster")
NOBODY = "tcp://127.0.0.1:9"
APPROVAL = Approval("a1", "ann", "q1", "call1", "hash")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask"), n_workers=2) as running:
        yield running


@pytest.fixture
def frail(tmp_path: Path) -> Iterator[DaskCluster]:
    """One that a test may break."""
    folder = tmp_path / "dask"
    folder.mkdir()
    with dask_cluster(folder, n_workers=0) as running:
        yield running


def frame_of(task: ml.Task) -> pd.DataFrame:
    frame: pd.DataFrame = (load_diabetes if task == "regression" else load_wine)(as_frame=True).frame
    return frame if task == "regression" else frame.assign(target="class " + frame["target"].astype(str))


def spec_of(model: str, task: ml.Task = "regression", n_estimators: int | None = None, **more: Any) -> ml.TrainingSpec:
    names = [str(name) for name in frame_of(task).columns if name != "target"][:4]
    features = tuple(ml.Feature(name=name, kind="number") for name in names)
    params = () if n_estimators is None else (ml.ParameterValue(name="n_estimators", value=n_estimators),)
    return ml.TrainingSpec(target="target", task=task, features=features, model=model, params=params, **more)


def fit(spec: ml.TrainingSpec, folder: Path) -> ml.Metadata:
    return ml.fit_job(spec, frame_of(spec.task), "sha", folder, lambda sentence, fraction: None)


def fit_with(cluster: DaskCluster, spec: ml.TrainingSpec, folder: Path) -> ml.Metadata:
    with join(cluster.address) as joined, ml.joined_to(*astuple(joined)):
        return fit(spec, folder)


def without_times(value: Any) -> Any:
    """The same to the twelfth digit: a forest's threads add up in any order."""
    if isinstance(value, Mapping):
        return {name: without_times(one) for name, one in value.items() if name not in TIMES}
    if isinstance(value, float):
        return float(f"{value:.12g}")
    return [without_times(one) for one in value] if isinstance(value, list) else value


FOLDS = ml.CrossValidation(folds=5)


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        (spec_of("random_forest", n_estimators=30), ("trees",)),
        (spec_of("random_forest", "classification", n_estimators=10, cv=FOLDS), ("trees",)),
        (spec_of("decision_tree", "classification", cv=FOLDS), ("folds",)),
        (spec_of("lasso", cv=FOLDS), ("folds", "penalty")),
        (spec_of("ridge", cv=FOLDS, test_size=0), ("folds",)),
        (spec_of("auto", tune=ml.Tuning(trials=8)), ("folds", "trees")),
    ],
)
def test_a_cluster_finds_what_this_machine_finds(
    cluster: DaskCluster, tmp_path: Path, spec: ml.TrainingSpec, parts: tuple[str, ...]
) -> None:
    here, there = fit(spec, tmp_path / "here"), fit_with(cluster, spec, tmp_path / "there")
    assert there.cluster is not None
    assert (there.cluster.address, there.cluster.n_workers) == (cluster.address, 2)
    assert there.cluster.parts == parts
    assert here.cluster is None
    assert without_times(there.as_json()) == without_times(here.as_json())


def test_the_forest_of_a_cluster_predicts_bit_for_bit_the_same(cluster: DaskCluster, tmp_path: Path) -> None:
    spec, rows = spec_of("random_forest", n_estimators=30), frame_of("regression")
    fit(spec, tmp_path / "here")
    fit_with(cluster, spec, tmp_path / "there")
    here, there = (
        ml.Predictor(*ml.load_stated(folder, {file.name: hash_of(file) for file in folder.iterdir()})).predict(rows)
        for folder in (tmp_path / "here", tmp_path / "there")
    )
    assert here["prediction"].tobytes() == there["prediction"].tobytes()


def test_what_has_no_parts_is_fitted_here_and_that_is_said(cluster: DaskCluster, tmp_path: Path) -> None:
    found = fit_with(cluster, spec_of("svm", "classification"), tmp_path / "m")
    assert found.cluster is None
    assert "cluster_unused" in found.warning_codes
    assert "cluster_unused" not in fit(spec_of("svm", "classification"), tmp_path / "n").warning_codes


def test_the_result_and_the_card_say_what_it_did(cluster: DaskCluster, tmp_path: Path) -> None:
    found = fit_with(cluster, spec_of("lasso", cv=FOLDS), tmp_path / "m")
    sentence = f"The cluster {cluster.address} (2 workers) did its folds and the folds that its penalty was chosen by."
    assert cluster_told(found.cluster) == f" {sentence}"
    model = Model("m", "ann", "lasso", "target", 1, tmp_path, {}, None, datetime.now(UTC))
    assert f"- {sentence}" in card_of(model, found)
    plain = found.model_copy(update={"cluster": None})
    assert cluster_told(plain.cluster) == ""
    assert "cluster" not in card_of(model, plain)


def test_the_quote_says_what_leaves_this_machine(tmp_path: Path) -> None:
    session = build_in(used_home(tmp_path / "home"), cluster="tcp://dask.example.org:8786")
    put_penguins(session)
    job = {"kind": "training", "dataset": "penguins", "target": "species", "model": "random_forest"}
    (quote,) = told(session, "estimate_cost", {"job": job, "where": "local"})["quotes"]
    assert quote["machine"].endswith(" GiB, and the cluster tcp://dask.example.org:8786")
    assert "the table goes there, unencrypted; the time is that of this machine alone" in quote["breakdown"][-1]
    session.program.close()


def backend_with(address: str, folder: Path, key: str = "key1", **environment: str) -> LocalBackend:
    local = LocalBackend(folder / "jobs", 60, {"PATH": os.environ["PATH"], **environment}, None, address)
    local.folder(key).mkdir(parents=True)
    with duckdb.connect() as connection:
        table = f"SELECT * FROM read_csv('{PENGUINS}', nullstr='NA')"
        connection.execute(f"COPY ({table}) TO '{local.folder(key)}/table.parquet' (FORMAT parquet)")
    return local


def test_a_job_goes_there_and_its_result_says_so(cluster: DaskCluster, tmp_path: Path) -> None:
    backend, job = backend_with(cluster.address, tmp_path), attempt(n_estimators=20)
    job = replace(job, handle=backend.launch(job, APPROVAL))
    machine = wait(backend, job)
    assert machine.result is not None
    assert machine.result.error is None
    assert read_json(backend.fetch(job) / "metadata.json")["cluster"] == {  # type: ignore[index]
        "address": cluster.address, "n_workers": 2, "parts": ["trees"],
    }  # fmt: skip


def test_a_job_without_its_cluster_is_not_done_at_all(tmp_path: Path) -> None:
    backend, job = backend_with(NOBODY, tmp_path), attempt()
    job = replace(job, handle=backend.launch(job, APPROVAL))
    machine = wait(backend, job)
    assert machine.result is not None
    assert machine.result.error is not None
    assert machine.result.error.startswith(f"the cluster {NOBODY} does not answer (")
    assert "unset it to work on this machine alone" in machine.result.error
    assert not (backend.folder(job.key) / "out").exists()


def test_what_waits_at_the_cluster_is_forgotten_once_the_job_is_cancelled(cluster: DaskCluster, tmp_path: Path) -> None:
    backend, job = backend_with(cluster.address, tmp_path), attempt(n_estimators=5_000)
    wait_until(lambda: cluster.n_tasks() == 0)
    job = replace(job, handle=backend.launch(job, APPROVAL))
    wait_until(lambda: cluster.n_tasks() > 2)
    backend.terminate(job)
    wait_until(lambda: cluster.n_tasks() == 0)
    assert cluster.n_workers() == 2


def test_a_killed_workers_part_is_done_again(frail: DaskCluster, tmp_path: Path) -> None:
    for _ in range(2):
        frail.add_worker()
    with join(frail.address) as joined, ml.joined_to(*astuple(joined)):
        parts = [(np.arange(n), np.arange(10 * n)) for n in (1, 2, 3)]
        found = list(each_fold(dies_once, (tmp_path / "mark",), parts, here=False))
    assert found == [11, 22, 33]
    wait_until(lambda: frail.n_workers() == 1)
    assert sorted(worker.poll() is None for worker in frail.workers) == [False, True]


def test_work_that_ends_its_workers_is_given_up(tmp_path: Path) -> None:
    """Dask gives up after three; here after the first."""
    with (
        dask_cluster(tmp_path, 2, {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}) as frail,
        pytest.raises(
            ClusterError, match=r"a part of the work has ended several workers .* too little memory"
        ) as raised,
        join(frail.address) as joined,
        ml.joined_to(*astuple(joined)),
    ):
        list(each_fold(dies_once, (tmp_path / "mark",), [(np.arange(1), np.arange(10))], here=False))
    assert type(raised.value) is ClusterError


def test_a_cluster_that_goes_away_is_said(frail: DaskCluster, tmp_path: Path) -> None:
    frail.add_worker()
    killed: list[str] = []

    def kill(sentence: str, fraction: float) -> None:
        if sentence.startswith("ridge is fitted"):
            killed.append(sentence)
            frail.scheduler.kill()

    spec = spec_of("ridge", cv=ml.CrossValidation(folds=20))
    with (
        pytest.raises(ClusterLost, match=r"lost its scheduler, or a worker that alone had some of the data"),
        join(frail.address) as joined,
        ml.joined_to(*astuple(joined)),
    ):
        ml.fit_job(spec, pd.concat([frame_of("regression")] * 20), "sha", tmp_path / "m", kill)
    assert killed


def test_a_job_that_lost_some_of_its_data_is_done_again_but_not_for_ever(cluster: DaskCluster) -> None:
    said: list[str] = []

    def lose() -> ml.Metadata:
        raise ClusterLost("some data were lost")

    with pytest.raises(ClusterLost):
        fit_on_cluster(cluster.address, lose, lambda sentence, fraction: said.append(sentence))
    joined = f"with the cluster {cluster.address}, 2 workers"
    assert said == [joined, "once more: some data were lost"] * 2 + [joined]


def test_a_cluster_that_is_not_made_of_what_is_here_is_refused(frail: DaskCluster, tmp_path: Path) -> None:
    with (
        pytest.raises(ClusterError, match=r"has no workers: start some, or unset STATAGENT_CLUSTER"),
        join(frail.address),
    ):
        pass
    other = tmp_path / "other" / "scikit_learn-1.2.0.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: scikit-learn\nVersion: 1.2.0\n")
    worker = frail.add_worker({"PYTHONPATH": str(other.parent)})
    words = r"has scikit-learn 1\.2\.0, and here it is [\d.]+: install there what is here"
    with pytest.raises(ClusterError, match=words), join(frail.address):
        pass
    worker.terminate()
    wait_until(lambda: frail.n_workers() == 0)
    (tmp_path / "strange" / "adapters").mkdir(parents=True)
    (tmp_path / "strange" / "adapters" / "__init__.py").touch()
    frail.add_worker({"PYTHONPATH": str(tmp_path / "strange")})
    words = r"cannot import adapters\.compute: install statagent there as it is here"
    with pytest.raises(ClusterError, match=words), join(frail.address):
        pass


def test_without_dask_the_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match="Dask is not installed: install statagent with its extra `cluster`"):
        fit_on_cluster(NOBODY, lambda: pytest.fail("fitted all the same"), lambda sentence, fraction: None)


def test_a_job_goes_over_tls_by_the_certificates_of_dasks_own_configuration(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path)
    (tmp_path / ".config" / "dask").mkdir(parents=True)
    ends = {"ca-file": str(certificate), "client": {"cert": str(certificate), "key": str(key)}}
    told_to_dask = {"distributed": {"comm": {"require-encryption": True, "tls": ends}}}
    (tmp_path / ".config" / "dask" / "distributed.yaml").write_text(json.dumps(told_to_dask))
    with dask_cluster(tmp_path, 1, tls=(certificate, key)) as locked:
        assert locked.address.startswith("tls://")
        backend, job = backend_with(locked.address, tmp_path, HOME=str(tmp_path)), attempt(n_estimators=5)
        job = replace(job, handle=backend.launch(job, APPROVAL))
        machine = wait(backend, job)
        assert machine.result is not None
        assert machine.result.error is None
        assert f"with the cluster {locked.address}, 1 worker" in "\n".join(backend.logs(job, 50))


def test_tls_without_certificates_is_said() -> None:
    with pytest.raises(ClusterError, match="names no certificates"), join("tls://127.0.0.1:9"):
        pass


@pytest.mark.parametrize(
    "address",
    [
        "http://a:1",
        "a:8786",
        "tcp://a",
        "tcp://me:word@a:8786",
        "tcp://a:8786/x",
        "tcp://a:99999",
        "tcp://[a",
        "tcp://",
    ],
)
def test_an_address_that_is_none_of_a_scheduler_is_a_wrong_setting(address: str) -> None:
    with pytest.raises(SettingsError, match=r"cluster: .*tcp://host:port or tls://host:port"):
        read_settings(cluster=address)


def test_what_can_be_read_on_its_way() -> None:
    clear = {"tcp://a:1": True, "tcp://10.0.0.1:1": True, "tcp://127.0.0.1:1": False, "tls://a:1": False}
    assert {address: is_clear(address) for address in clear} == clear


def test_the_doctor_looks_at_it(cluster: DaskCluster, tmp_path: Path) -> None:
    found = {
        address: doctor.look_at_cluster(read_settings(cluster=address)) for address in (None, cluster.address, NOBODY)
    }
    assert [found[address].state for address in (None, cluster.address, NOBODY)] == ["off", "ok", "bad"]
    assert found[cluster.address].detail == f"{cluster.address}, 2 workers, made of what is here"
    assert "does not answer" in found[NOBODY].detail


def test_a_disk_that_is_full_is_no_loss_of_the_cluster(cluster: DaskCluster) -> None:
    with pytest.raises(OSError, match="No space left"), join(cluster.address):
        raise OSError(28, "No space left on device")
    # As Dask says it of a scheduler that has gone: an error of the system, for a connection that was refused.
    with pytest.raises(ClusterLost), join(cluster.address):
        raise OSError("Timed out trying to connect") from CommClosedError("refused")

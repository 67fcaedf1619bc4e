"""Predictions as a job: a price, a yes, a worker of its own, and the same bytes as predict writes here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from adapters.compute.base import TRAINS
from adapters.data.base import DataError
from adapters.data.parquet import read_parquet
from adapters.packed_columns import pack_columns, unpack_columns
from adapters.records import JobBudgets, PredictionSpec
from evals.world.desks import means_of
from evals.world.home import build_in
from evals.world.metered import Metered
from runtime.confirmation import Confirmation
from runtime.session import Session
from tests.tools.conftest import told
from tools.errors import ToolError
from tools.jobs.desk import Desk
from tools.jobs.quoting import Need
from tools.jobs.staging import files_of
from tools.predictions.fetched import FetchedPredictions

MODELS = {"ridge": "price", "random_forest": "price", "decision_tree": "dear", "gradient_boosting": "kind"}


def table(n: int, seed: int) -> pd.DataFrame:
    """Every kind of column, with gaps, odd words, numbers as classes."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "area": rng.normal(100, 20, n).round(3),
            "rooms": rng.integers(1, 9, n).astype(object),
            "town": rng.choice(["Ash", "É\tlm", '"Oak", old', "=1+1"], n),
            "is_new": rng.choice(["true", "false"], n),
            "sold": pd.to_datetime("2026-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
            "code": rng.integers(0, 4, n),
        }
    )
    frame["price"] = 3 * frame["area"] + 5 * frame["rooms"].astype(float) + rng.normal(0, 10, n)
    frame["dear"] = np.where(frame["price"] > frame["price"].median(), "yes", "no")
    frame["kind"] = (frame["area"] > 90).astype(int) + (frame["area"] > 110)
    for name in ("area", "rooms", "town", "is_new", "sold"):
        frame.loc[rng.choice(n, n // 20, replace=False), name] = None
    return frame


class Trains(Metered):
    """A machine that only trains."""

    kinds = TRAINS


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("prediction_jobs")
    session = build_in(folder / "home")
    for name, frame in (("train", table(400, 1)), ("fresh", table(3000, 2)), ("lacking", table(9, 3)[["area"]])):
        frame.to_csv(folder / f"{name}.csv", index=False)
        told(session, "load_dataset", {"source": str(folder / f"{name}.csv")})
    for model, target in MODELS.items():
        features = ["area", "rooms", "town", "is_new", "sold", "code"]
        job = {"kind": "training", "dataset": "train", "target": target, "features": features, "model": model}
        if target == "kind":
            job["task"] = "classification"
        (quote,) = told(session, "estimate_cost", {"job": job, "where": "local"})["quotes"]
        begun = call(session, "launch_training", {"quote_id": quote["quote_id"]}, quote["quote_id"])
        assert told(session, "poll_job", {"job_id": begun["job_id"], "wait_s": 90})["state"] == "succeeded"
    yield session
    session.program.close()


def call(session: Session, tool: str, arguments: dict[str, Any], quote_id: str) -> dict[str, Any]:
    output = session.call_tool(tool, json.dumps(arguments), Confirmation(quote_id, Decimal(0)))
    return {**json.loads(json.dumps(output.content)), "files": [one.path for one in output.artifacts]}


def quoted(session: Session, model: str, dataset: str = "fresh", **more: Any) -> dict[str, Any]:
    job = {"kind": "prediction", "model": model, "dataset": dataset, **more}
    return told(session, "estimate_cost", {"job": job, "where": "local"})


@pytest.mark.parametrize(
    ("model", "more"),
    [
        ("ridge", {}),
        ("random_forest", {}),
        ("decision_tree", {"each_class": True}),
        ("decision_tree", {"threshold": 0.3, "event": "yes"}),
        ("gradient_boosting", {"each_class": True}),
    ],
)
def test_a_job_writes_the_bytes_that_predict_writes_here(session: Session, model: str, more: dict[str, Any]) -> None:
    found = quoted(session, model, **more)
    (quote,) = found["quotes"]
    assert (quote["provider"], quote["cap_usd"], found["warnings"]) == ("local", 0.0, [])
    made = call(session, "predict", {"model": model, "quote_id": quote["quote_id"]}, quote["quote_id"])
    here = session.call_tool("predict", json.dumps({"model": model, "dataset": "fresh", **more}), None)
    (path,) = made["files"]
    assert path.read_bytes() == here.artifacts[0].path.read_bytes()
    assert len(pd.read_csv(path)) == 3000
    own = json.loads(json.dumps(here.content))
    names = [name for name in own if name != "artifact"]
    assert {name: made[name] for name in names} == {name: own[name] for name in names}
    (job, *_) = session.jobs.all()
    seen = session.call_tool("poll_job", json.dumps({"job_id": job.job_id}), None)
    assert [one.path for one in seen.artifacts] == [path]
    assert json.loads(json.dumps(seen.content))["predicted"]["artifact"] == path.name


def test_a_kept_threshold_goes_into_the_quote_and_stays_there(session: Session) -> None:
    told(session, "keep_threshold", {"model": "decision_tree", "threshold": 0.2, "event": "yes"})
    here = session.call_tool("predict", json.dumps({"model": "decision_tree", "dataset": "fresh"}), None)
    found = quoted(session, "decision_tree")
    told(session, "keep_threshold", {"model": "decision_tree"})
    said = {"event": "yes", "threshold": 0.2, "kept": True}
    assert found["checked"]["threshold"] == said
    (quote,) = found["quotes"]
    made = call(session, "predict", {"model": "decision_tree", "quote_id": quote["quote_id"]}, quote["quote_id"])
    assert made["threshold"] == said
    assert made["files"][0].read_bytes() == here.artifacts[0].path.read_bytes()
    assert "threshold" not in quoted(session, "decision_tree")["checked"]


def test_the_table_is_checked_before_anything_is_agreed_to(session: Session) -> None:
    found = quoted(session, "ridge")
    assert found["checked"]["rows"] == 3000
    assert found["checked"]["unused"] == ["dear", "kind"]
    assert {one["feature"] for one in found["checked"]["odd"]} >= {"area", "rooms"}
    with pytest.raises(ToolError, match="the table lacks 'rooms', 'town'"):
        quoted(session, "ridge", "lacking")
    with pytest.raises(ToolError, match="threshold: it is for a model of two classes"):
        quoted(session, "ridge", threshold=0.5)


def test_a_quote_is_for_one_model_one_table_and_one_tool(session: Session) -> None:
    (quote,) = quoted(session, "ridge")["quotes"]
    quote_id = quote["quote_id"]
    n_jobs = len(session.jobs.all())
    for tool, arguments, why in (
        ("launch_training", {"quote_id": quote_id}, "the quote is for predictions"),
        (
            "predict",
            {"model": "decision_tree", "quote_id": quote_id},
            "the quote is for the model",
        ),
        ("predict", {"model": "ridge", "dataset": "train", "quote_id": quote_id}, "dataset: the quote is for 'fresh'"),
        ("predict", {"model": "ridge", "each_class": True, "quote_id": quote_id}, "are in the quote already"),
        ("predict", {"model": "ridge", "quote_id": "quote_0"}, "has no quote 'quote_0'"),
    ):
        with pytest.raises(ToolError, match=why):
            call(session, tool, arguments, quote_id)
    job = {"kind": "training", "dataset": "train", "target": "price", "model": "ridge"}
    (training,) = told(session, "estimate_cost", {"job": job, "where": "local"})["quotes"]
    with pytest.raises(ToolError, match="the quote is for a training: launch_training takes it"):
        call(session, "predict", {"model": "ridge", "quote_id": training["quote_id"]}, training["quote_id"])
    assert len(session.jobs.all()) == n_jobs


def test_only_what_the_model_needs_leaves_this_machine(session: Session, tmp_path: Path) -> None:
    backend = Metered(session.settings.home / "jobs", 100, session.settings.worker_environment())
    means = means_of(session, session.clock, JobBudgets(Decimal(1)), backend)
    (quote,) = quoted(session, "ridge")["quotes"]
    kept = means.approvals.quote("local", quote["quote_id"])
    assert kept is not None
    for name, write in files_of(means, kept.job).items():
        write(tmp_path / name)
    assert isinstance(kept.job.work, PredictionSpec)
    assert tuple(read_parquet(tmp_path / "table.parquet").columns) == kept.job.work.features
    assert sorted(path.name for path in tmp_path.iterdir()) == ["metadata.json", "model.skops", "table.parquet"]
    changed = kept.job.model_copy(update={"work": kept.job.work.model_copy(update={"files": {"model.skops": "0"}})})
    with pytest.raises(ToolError, match="was deleted or changed since the quote"):
        files_of(means, changed)


def test_a_model_that_was_deleted_since_its_quote_predicts_nothing(session: Session) -> None:
    (quote,) = quoted(session, "gradient_boosting")["quotes"]
    told(session, "delete_model", {"model": "gradient_boosting"})
    try:
        with pytest.raises(ToolError, match="no model"):
            call(session, "predict", {"model": "gradient_boosting", "quote_id": quote["quote_id"]}, quote["quote_id"])
    finally:
        told(session, "restore_model", {})


def test_predictions_are_no_place_for_a_training_only_machine(session: Session) -> None:
    backend = Trains(session.settings.home / "jobs", 100, session.settings.worker_environment())
    desk = Desk(means_of(session, session.clock, JobBudgets(Decimal(1)), backend))
    (quote,) = quoted(session, "ridge")["quotes"]
    kept = session.jobs.offered(quote["quote_id"])
    assert kept is not None
    with pytest.raises(ToolError, match="where: auto does no prediction; there is no place that does"):
        desk.quote("c1", session.data.get("fresh"), kept.job.work, Need(1, where="auto", rows=3000))


COLUMNS = {"prediction": np.array([1.0, 2.0, 3.0]), "prediction_low": np.zeros(3), "prediction_high": np.ones(3)}
FRAME = pd.DataFrame({"a": [1, 2, 3]})


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({0: COLUMNS, 2: COLUMNS}, "part 1 of the predictions is missing"),
        ({0: {**COLUMNS, "more": np.zeros(3)}}, "holds other columns"),
        ({0: {**COLUMNS, "prediction": np.array([1.0, np.nan, 2.0])}}, "holds something that is no number"),
        ({0: {**COLUMNS, "prediction": np.array(["a", "b", "c"], dtype=object)}}, "holds something that is no number"),
        ({0: {name: values[:2] for name, values in COLUMNS.items()}}, "there are fewer predictions than rows"),
        ({0: COLUMNS, 1: COLUMNS}, "there are more predictions than rows"),
        ({0: b"PK no part"}, "these bytes hold no columns"),
    ],
)
def test_what_a_machine_left_is_looked_at(tmp_path: Path, parts: dict[int, Any], why: str) -> None:
    for number, part in parts.items():
        content = part if isinstance(part, bytes) else pack_columns(part)
        (tmp_path / f"part_{number:06d}.npz").write_bytes(content)

    def read() -> None:
        said = FetchedPredictions(tmp_path, tuple(COLUMNS), None)
        said.predict(FRAME)
        said.finish()

    with pytest.raises(ValueError, match=why):
        read()


def test_a_class_or_a_probability_that_cannot_be_is_refused(tmp_path: Path) -> None:
    for values, why in (
        ((["yes", "maybe", "no"], [0.5, 0.5, 0.5]), "no class of the model"),
        ((["yes", "no", "no"], [0.5, 1.5, 0.5]), "no probability"),
    ):
        columns = {"prediction": np.array(values[0], dtype=object), "probability": np.array(values[1])}
        (tmp_path / "part_000000.npz").write_bytes(pack_columns(columns))
        with pytest.raises(ValueError, match=why):
            FetchedPredictions(tmp_path, tuple(columns), ("yes", "no")).predict(FRAME)


def test_columns_come_back_as_they_were() -> None:
    columns: dict[str, Any] = {
        "number": np.array([1.5, np.nan, 5e-324, -0.0]),
        "whole": pd.Series([2**60 + 1, None, -3, 0], dtype="Int64"),
        "word": pd.Series(["x\0", None, "", "ü\n"], dtype=object),
        "truth": pd.Series([True, None, False, True], dtype=object),
        "moment": pd.Series(np.array(["2020-01-01T10:00:00.000001", "NaT", "1700-01-01", "2200-12-31"], "M8[us]")),
    }
    found = unpack_columns(pack_columns(columns))
    assert list(found) == list(columns)
    for name, values in columns.items():
        pd.testing.assert_series_equal(found[name], pd.Series(values), check_names=False)
    with pytest.raises(ValueError, match="column 'x' holds values of type time"):
        pack_columns({"x": pd.Series([pd.Timestamp("2020-01-01").time()], dtype=object)})


def test_a_quote_elsewhere_says_what_it_takes_here(session: Session) -> None:
    job = {"kind": "prediction", "model": "ridge", "dataset": "fresh"}
    found = told(session, "estimate_cost", {"job": job, "where": "auto"})
    assert found["warning_codes"] == ["free_here"]
    assert found["warnings"] == ["here predict takes about 1 s for these rows and costs nothing"]
    kept = session.jobs.offered(found["quotes"][0]["quote_id"])
    assert kept is not None
    assert kept.job.warnings == tuple(found["warnings"])


def test_a_table_that_is_loaded_anew_while_its_job_runs_stays_for_the_job(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("tools.predict.by_quote"), "WAIT_S", 0.0)
    path = session.settings.home.parent / "changing.csv"
    table(700, 5).to_csv(path, index=False)
    told(session, "load_dataset", {"source": str(path)})
    job = {"kind": "prediction", "model": "ridge", "dataset": "changing"}
    (quote,) = told(session, "estimate_cost", {"job": job, "where": "local"})["quotes"]
    begun = call(session, "predict", {"model": "ridge", "quote_id": quote["quote_id"]}, quote["quote_id"])
    table(30, 6).to_csv(path, index=False)
    assert told(session, "load_dataset", {"source": str(path)})["rows"] == 30
    with pytest.raises(DataError, match=rf"'changing' is needed by {begun['job_id']}, which runs: cancel it"):
        session.data.remove("changing")
    done = told(session, "poll_job", {"job_id": begun["job_id"], "wait_s": 90})
    assert (done["state"], done["predicted"]["n"]) == ("succeeded", 700)
    # Nothing needs it any more: the next load of that name takes it away, and the name can be removed.
    assert len(session.data.remove("changing").dataset_ids) == 2

"""What a model is called, and how its versions follow one another."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from adapters.records import Job, Model
from adapters.store.database import Database
from adapters.store.models import insert_model
from evals.world.home import build_in
from runtime.session import Session
from tests.tools.conftest import told
from tests.tools.test_model_files import SPEC, job_of
from tools import ml
from tools.errors import ToolError
from tools.ml.model_files import METADATA

BEGUN = datetime(2026, 11, 27, 18, 5, 9, 250_000, tzinfo=UTC)
COST = ml.Cost(usd=0.0125, seconds=42.5)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a worker leaves of y = 2x."""
    folder = tmp_path_factory.mktemp("worker") / "out"
    frame = pd.DataFrame({"x": [float(i) for i in range(40)], "y": [2.0 * i for i in range(40)]})
    ml.fit_job(SPEC, frame, "sha", folder, lambda sentence, fraction: None)
    return folder


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return build_in(tmp_path / "home", owner="ann")


def begun(number: int, owner: str = "ann") -> Job:
    return replace(job_of(owner, number), created_at=BEGUN)


def add(database: Database, model: Model) -> None:
    with database.write() as connection:
        insert_model(connection, model)


def keep(session: Session, number: int, output: Path) -> Model:
    """A model with its row, as a job that ends makes both."""
    model = session.models.install(begun(number, session.person.owner_id), output, COST)
    add(session.program.database, model)
    return model


def test_an_id_tells_whose_which_type_and_when(session: Session, output: Path) -> None:
    model = session.models.install(begun(1), output)
    assert model.model_id == "model_ann_linear_regression_20261127_180509"
    assert model.path == session.settings.home / "models" / "user_ann" / model.model_id


def test_models_of_one_second_have_ids_of_their_own(session: Session, output: Path) -> None:
    ids = [keep(session, number, output).model_id for number in (1, 2, 3)]
    assert ids == [f"model_ann_linear_regression_20261127_180509{end}" for end in ("", "_2", "_3")]
    for model in session.models.all():
        session.models.load(model)


def test_taken_over_again_after_a_crash_a_model_finds_itself(session: Session, output: Path) -> None:
    ids = {number: session.models.install(begun(number), output).model_id for number in (1, 2)}
    assert {number: session.models.install(begun(number), output).model_id for number in (2, 1)} == ids
    assert len(list((session.settings.home / "models" / "user_ann").iterdir())) == 2


def test_taken_over_at_once_each_model_is_there_once(session: Session, output: Path) -> None:
    found: dict[int, set[str]] = {1: set(), 2: set()}
    ready = threading.Barrier(6)

    def take(number: int) -> None:
        ready.wait()
        found[number].add(session.models.install(begun(number), output).model_id)

    threads = [threading.Thread(target=take, args=(number,)) for number in (1, 2) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, found.values())) == [1, 1]
    assert found[1] != found[2]
    assert len(list((session.settings.home / "models" / "user_ann").iterdir())) == 2


def test_long_owners_of_the_same_beginning_have_ids_of_their_own(tmp_path: Path, output: Path) -> None:
    owners = ["a" * 40 + end for end in "xy"]
    ids = [
        build_in(tmp_path / "home", owner=owner).models.install(begun(place, owner), output).model_id
        for place, owner in enumerate(owners)
    ]
    assert ids[0] != ids[1]
    assert all(re.fullmatch(r"model_a{9}_[0-9a-f]{6}_linear_regression_20261127_180509", one) for one in ids)


def test_an_id_that_another_owners_row_has_is_not_given_again(session: Session, output: Path) -> None:
    taken = Model("model_ann_linear_regression_20261127_180509", "bob", "ridge", "y", 0, Path("x"), {}, "job_9", BEGUN)
    add(session.program.database, taken)
    assert session.models.install(begun(1), output).model_id == f"{taken.model_id}_2"


def test_a_model_trained_again_has_the_former_one_as_parent(session: Session, output: Path) -> None:
    first, second = keep(session, 1, output), keep(session, 2, output)
    newest, oldest = session.models.all()
    assert (newest.version, oldest.version) == (2, 1)
    assert newest.model_id == second.model_id
    kept = json.loads((second.path / METADATA).read_text())
    assert kept["parent"] == {"model_id": first.model_id, "version": 1} == newest.metadata["parent"]
    assert json.loads((first.path / METADATA).read_text())["parent"] is None
    assert (kept["model_id"], kept["job_id"]) == (second.model_id, "job_000002")
    assert kept["cost"] == {"usd": 0.0125, "seconds": 42.5}


def test_a_version_is_found_by_its_number(session: Session, output: Path) -> None:
    first, second = keep(session, 1, output), keep(session, 2, output)
    for words, meant in {"y": second, "y:1": first, "y v1": first, "linear_regression version 2": second}.items():
        assert session.models.get(words).model_id == meant.model_id, words
    for words in ("y:3", "z:1", ":1", "y v"):
        with pytest.raises(ToolError, match="no model"):
            session.models.get(words)


@pytest.mark.parametrize("claimed", [{"parent": {"model_id": "x", "version": 7}}, {"cost": {"usd": 0, "seconds": 0}}])
def test_what_a_worker_says_of_its_place_counts_for_nothing(
    session: Session, output: Path, tmp_path: Path, claimed: dict[str, object]
) -> None:
    lying = tmp_path / "lying"
    lying.mkdir()
    for path in output.iterdir():
        (lying / path.name).write_bytes(path.read_bytes())
    (lying / METADATA).write_text(json.dumps(json.loads((output / METADATA).read_text()) | claimed))
    kept = session.models.install(begun(1), lying, COST).metadata
    assert (kept["parent"], kept["cost"]) == (None, COST.as_json())


def test_a_model_of_an_earlier_home_is_listed_and_predicts(session: Session, output: Path) -> None:
    """As 0.1 named it: type, target and the beginning of the job's id, with no name and no parent."""
    job = begun(1)
    kept = session.models.install(job, output)
    early = kept.path.with_name("linear_regression_y_000001")
    kept.path.rename(early)
    metadata = json.loads((early / METADATA).read_text())
    for name in ("model_id", "job_id", "parent", "cost"):
        del metadata[name]
    (early / METADATA).write_text(json.dumps(metadata))
    key = (session.settings.home / "secret.key").read_bytes()
    ml.sign_model(early, ml.Whose("ann", early.name, job.job_id), key)
    add(session.program.database, replace(kept, model_id=early.name, path=early, metadata=metadata))
    again = build_in(session.settings.home, owner="ann")
    (model,) = again.models.all()
    assert (model.model_id, model.name, model.deleted_at) == ("linear_regression_y_000001", None, None)
    rows = [{"cells": [{"name": "x", "value": 50.0}]}]
    found = told(again, "predict", {"model": model.model_id, "rows": rows})
    assert found["preview"][0]["prediction"] == pytest.approx(100.0, abs=1e-9)
    assert keep(again, 2, output).metadata["parent"] == {"model_id": model.model_id, "version": 1}

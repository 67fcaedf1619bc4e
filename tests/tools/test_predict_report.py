"""What predict says of a table: drift, columns under another name or of no use, and the score where truth is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, r2_score

from agent.offline import OfflineModel
from evals.world.home import build_in
from evals.world.talk import Talk
from tests.tools.conftest import told
from tools import find_tool, ml
from tools.errors import ToolError
from tools.ml.drift import Drift, count, shares_of
from tools.ml.metadata import SeenFeature
from tools.results import MadeCall


def table(n: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    area, town = rng.normal(100 + shift, 20, n), rng.choice(["Ash", "Elm", "Oak"], n, p=[0.6, 0.3, 0.1])
    price = 3 * area + (town == "Oak") * 50 + rng.normal(0, 10, n)
    return pd.DataFrame({"area": area, "town": town, "price": price, "dear": np.where(price > 320, "yes", "no")})


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("report")
    for name, frame in (
        ("train", table(400, 1)),
        ("alike", table(300, 2)),
        ("moved", table(300, 3, shift=30.0).assign(note="x")),
        ("renamed", table(50, 4).rename(columns={"area": "Area_m2"})),
        ("strange", table(60, 5).assign(price="dear")),
    ):
        frame.to_csv(folder / f"{name}.csv", index=False)
    talk = Talk(build_in(folder / "home", model=OfflineModel()))
    talk.say(f"load {folder / 'train.csv'}")
    for sentence in (
        "train a ridge model to predict price from area and town",
        "train a tree to predict dear from area with max depth 1",
    ):
        talk.say(sentence)
        talk.answer(yes=True)
        told(talk.session, "poll_job", {"job_id": talk.results("launch_training")[-1]["job_id"], "wait_s": 90})
    for name in ("alike", "moved", "renamed", "strange"):
        told(talk.session, "load_dataset", {"source": str(folder / f"{name}.csv")})
    yield talk
    talk.session.program.close()


def predict(talk: Talk, dataset: str, model: str = "ridge") -> tuple[dict[str, Any], Path]:
    output = talk.session.call_tool("predict", json.dumps({"model": model, "dataset": dataset}), None)
    return dict(json.loads(json.dumps(output.content))), output.artifacts[0].path


def test_a_known_target_is_scored_beside_the_training(talk: Talk) -> None:
    found, path = predict(talk, "alike")
    made = pd.read_csv(path)
    assert found["scored"]["n"] == 300
    assert found["scored"]["metrics"]["r2"] == pytest.approx(r2_score(made["price"], made["prediction"]), rel=1e-9)
    (listed,) = told(talk.session, "list_models", {"model": "ridge"})["models"]
    assert found["scored"]["on_test_rows"] == listed["metrics"]
    assert "trained_on" not in found.get("warning_codes", [])
    classes, path = predict(talk, "alike", "decision_tree")
    made = pd.read_csv(path)
    assert classes["scored"]["metrics"]["accuracy"] == accuracy_score(made["dear"], made["prediction"])
    assert "trained_on" in predict(talk, "train")[0]["warning_codes"]


def test_rows_that_come_otherwise_are_said_and_rows_that_come_alike_are_not(talk: Talk) -> None:
    alike, _ = predict(talk, "alike")
    assert set(alike["drift"]) == {"area", "town"}
    assert max(alike["drift"].values()) < 0.1
    assert "drift" not in alike.get("warning_codes", [])
    moved, _ = predict(talk, "moved")
    assert moved["drift"]["area"] > 0.25 > moved["drift"]["town"]
    assert "drift" in moved["warning_codes"]
    assert moved["unused"] == ["dear", "note"]


def call(talk: Talk, **arguments: Any) -> dict[str, Any]:
    return told(talk.session, "predict", arguments)


def of_row(talk: Talk, model: str, **values: Any) -> dict[str, Any]:
    cells = [{"name": name, "value": value} for name, value in values.items()]
    return call(talk, model=model, rows=[{"cells": cells}])


def test_of_few_rows_no_drift_is_told_but_whether_training_saw_their_values(talk: Talk) -> None:
    usual, odd = of_row(talk, "ridge", area=100, town="Ash"), of_row(talk, "ridge", area=900, town="Fir")
    for found in (usual, odd):
        assert found["drift_unknown"] is True
        assert "drift" not in found
        assert "drift" not in found.get("warning_codes", [])
    assert "odd" not in usual
    area = {"feature": "area", "missing": 0, "unseen": 0, "outside_range": 1}
    town = {"feature": "town", "missing": 0, "unseen": 1, "outside_range": 0, "values": ["Fir"]}
    assert odd["odd"] == [area, town]
    tool = find_tool("predict")
    assert tool.told is not None
    said = [tool.told(MadeCall({}, tool.read(found))) for found in (usual, odd)]
    assert "One row is too few to tell whether it comes as the training rows did" in said[0]
    assert "no value is outside what training saw" in said[0]
    assert "values that training did not see: area, town" in said[1]
    assert "drift_unknown" not in call(talk, model="ridge", dataset="alike")


def test_a_threshold_decides_and_is_said(talk: Talk) -> None:
    plain = pd.read_csv(predict(talk, "alike", "decision_tree")[1])
    each = told(talk.session, "predict", {"model": "decision_tree", "dataset": "alike", "threshold": 0.01})
    assert each["threshold"] == {"event": "yes", "threshold": 0.01}
    assert each["summary"]["counts"]["yes"] > (plain["prediction"] == "yes").sum()
    arguments = {"model": "decision_tree", "dataset": "alike", "threshold": 1.0, "event": "no", "each_class": True}
    output = talk.session.call_tool("predict", json.dumps(arguments), None)
    made = pd.read_csv(output.artifacts[0].path)
    assert ((made["prediction"] == "no") == (made["probability_no"] >= 1.0)).all()
    own = np.where(made["prediction"] == "no", made["probability_no"], made["probability_yes"])
    assert (own == made["probability"]).all()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"model": "ridge", "threshold": 0.3}, "it is for a model of two classes"),
        ({"model": "decision_tree", "event": "yes"}, "event goes with threshold"),
        ({"model": "decision_tree", "threshold": 0.3, "event": "maybe"}, "'maybe' is none of the classes"),
    ],
)
def test_a_threshold_that_means_nothing_is_refused(talk: Talk, more: dict[str, Any], why: str) -> None:
    with pytest.raises(ToolError, match=why):
        call(talk, dataset="alike", **more)


def test_a_column_under_another_name_is_suggested(talk: Talk) -> None:
    with pytest.raises(ToolError, match=r"lacks 'area'; .*'Area_m2' may be 'area': rename it"):
        predict(talk, "renamed")


def test_a_target_of_another_kind_is_not_scored_and_said(talk: Talk) -> None:
    found, _ = predict(talk, "strange")
    assert "scored" not in found
    assert "not_scored" in found["warning_codes"]


def test_a_model_that_kept_no_shares_predicts_as_before() -> None:
    feature = SeenFeature(name="x", kind="number", missing=0, low=0.0, high=1.0)
    doubts = ml.Doubts([feature])
    doubts.see(pd.DataFrame({"x": [0.5, 0.7]}))
    assert doubts.drift() == {}


def test_the_index_is_the_sum_by_hand() -> None:
    """Two words: 60 and 40 rows in training, 20 and 80 now; shares with half a row more in each bin."""
    trained = pd.Series(["a"] * 60 + ["b"] * 40)
    feature = SeenFeature(name="x", kind="category", missing=0, shares=shares_of(trained, "category"))
    drift = Drift(feature)
    for part in (["a"] * 20, ["b"] * 80):
        drift.see(pd.Series(part))
    old, new = np.array([60.5, 40.5]) / 101, np.array([20.5, 80.5]) / 101
    found = drift.index()
    assert found is not None
    assert found[0] == pytest.approx(float(np.sum((new - old) * np.log(new / old))))
    assert found[1]


def test_chance_alone_is_no_drift_and_bins_hold_every_row() -> None:
    """Of 400 draws of 20 of the training rows at most four are warned of, though the index is often large."""
    rng = np.random.default_rng(0)
    trained = pd.Series(np.round(rng.normal(size=500), 1)).where(rng.random(500) > 0.1)
    shares = shares_of(trained, "number")
    assert shares is not None
    assert sum(shares.counts) == count(shares, trained, "number").sum() == 500
    feature, warned, large = SeenFeature(name="x", kind="number", missing=0, shares=shares), 0, 0
    for seed in range(400):
        drift = Drift(feature)
        drift.see(trained.sample(20, random_state=seed))
        found = drift.index()
        assert found is not None
        warned, large = warned + found[1], large + (found[0] > 0.25)
    assert warned <= 4
    assert large > 40

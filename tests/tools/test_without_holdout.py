"""A model that is fitted to every row: scores of the folds, each row's by a model that was not fitted to it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_predict

from prompts.cards import ended_card
from runtime.confirmation import Confirmation
from runtime.session import Session
from tests.tools.conftest import told
from tools import ml
from tools.errors import ToolError


def numbers(n: int = 90) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    x = rng.normal(size=n)
    return pd.DataFrame({"day": range(n), "x": x, "y": 2 * x + rng.normal(size=n), "c": np.where(x > 0, "u", "v")})


def fit(folder: Path, target: str, model: str, **more: Any) -> ml.Metadata:
    task: Any = "regression" if target == "y" else "classification"
    spec = ml.TrainingSpec(
        target=target, task=task, model=model, features=(ml.Feature(name="x", kind="number"),), test_size=0.0,
        cv=ml.CrossValidation(folds=5, shuffle=True), **more,
    )  # fmt: skip
    return ml.fit_job(spec, numbers(), "sha", folder / "m", lambda sentence, fraction: None)


def test_each_row_is_scored_by_a_model_that_was_not_fitted_to_it(tmp_path: Path) -> None:
    found, frame = fit(tmp_path, "y", "linear_regression", defaults="scikit_learn"), numbers()
    folds = KFold(5, shuffle=True, random_state=42)
    said = cross_val_predict(LinearRegression(), frame[["x"]], frame["y"], cv=folds)
    assert found.metrics["r2"] == pytest.approx(r2_score(frame["y"], said), rel=1e-9)
    assert (found.rows.train, found.rows.test) == (90, 90)
    assert found.margin == pytest.approx(np.sort(np.abs(frame["y"] - said))[int(np.ceil(91 * 0.9)) - 1])
    assert found.importance["x"] > 0.5
    kept = LinearRegression().fit(frame[["x"]], frame["y"])
    assert found.coefficients is not None
    assert found.coefficients[0].estimate == pytest.approx(kept.coef_[0])


@pytest.mark.parametrize("model", ["logistic_regression", "random_forest", "svm"])
def test_classes_have_their_curves(model: str, tmp_path: Path) -> None:
    found = fit(tmp_path, "c", model)
    assert found.metrics["roc_auc"] is not None
    assert found.metrics["roc_auc"] > 0.95
    assert found.confusion is not None
    assert sum(map(sum, found.confusion)) == 90
    assert found.against_baseline == "better"


def test_of_windows_of_time_the_rows_that_were_tested_are_counted(tmp_path: Path) -> None:
    spec = ml.TrainingSpec(
        target="y", task="regression", model="ridge", features=(ml.Feature(name="x", kind="number"),), test_size=0.0,
        cv=ml.CrossValidation(folds=5), time="day",
    )  # fmt: skip
    found = ml.fit_job(spec, numbers(), "sha", tmp_path / "m", lambda sentence, fraction: None)
    assert (found.rows.train, found.rows.test) == (90, 75)


def test_it_is_said_wherever_scores_are_shown(session: Session, tmp_path: Path) -> None:
    numbers().to_csv(tmp_path / "t.csv", index=False)
    told(session, "load_dataset", {"source": str(tmp_path / "t.csv")})
    job = {"kind": "training", "dataset": "t", "target": "y", "model": "ridge", "test_size": 0}
    for bad in (job, {**job, "test_size": 0.005, "cv": {"folds": 5}}):
        with pytest.raises(ToolError, match=r"test_size: 0.01 at least; 0 goes with cv"):
            told(session, "estimate_cost", {"job": bad})
    quote = told(session, "estimate_cost", {"job": {**job, "cv": {"folds": 5}}})["quotes"][0]["quote_id"]
    yes = Confirmation(quote, Decimal(0))
    launched = session.call_tool("launch_training", json.dumps({"quote_id": quote}), yes).content
    done = told(session, "poll_job", {"job_id": launched["job_id"], "wait_s": 60})
    assert (done["scored_in_folds"], done["test_rows"]) == (True, 90)
    assert "on 90 rows, each by a model not fitted to it" in ended_card(done)
    card = "\n\n".join(told(session, "model_card", {"model": "ridge"})["card"])
    assert "- Rows: 90 to train on, 90 to test on in folds;" in card
    assert "No rows were held out" in card
    with pytest.raises(ToolError, match="was fitted to all of its rows: none was held out"):
        told(session, "explain_model", {"kind": "residuals", "model": "ridge"})

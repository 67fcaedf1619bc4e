"""xgboost: its own numbers, kept as its own JSON, read again as they were."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split

from tools import ml
from tools.ml.model_files import MODEL
from tools.ml.splitting import split_rows

WHOSE = ml.Whose("local", "m", "j")
KEY = b"k" * 32
PARAMS: dict[str, Any] = {"n_estimators": 40, "learning_rate": 0.1, "max_depth": 3, "subsample": 0.8, "reg_alpha": 0.5}


def spec_of(frame: pd.DataFrame, task: ml.Task, **more: Any) -> ml.TrainingSpec:
    features = tuple(ml.Feature(name=str(name), kind="number") for name in frame.columns if name != "target")
    values = tuple(ml.ParameterValue(name=name, value=value) for name, value in more.pop("params", PARAMS).items())
    return ml.TrainingSpec(target="target", task=task, features=features, model="xgboost", params=values, **more)


def fit(spec: ml.TrainingSpec, frame: pd.DataFrame, folder: Path) -> ml.Metadata:
    return ml.fit_job(spec, frame, "sha", folder, lambda sentence, fraction: None)


def classes(load: Any) -> pd.DataFrame:
    frame: pd.DataFrame = load(as_frame=True).frame.astype({"target": str})
    return frame


def test_a_regression_scores_as_xgboosts_own(tmp_path: Path) -> None:
    frame = load_diabetes(as_frame=True).frame
    train, test = train_test_split(frame, test_size=0.2, random_state=42)
    own = xgboost.XGBRegressor(**PARAMS, random_state=42).fit(train.drop(columns="target"), train["target"])
    expected = r2_score(test["target"], own.predict(test.drop(columns="target")))
    found = fit(spec_of(frame, "regression"), frame, tmp_path / "m")
    assert found.metrics["r2"] == pytest.approx(expected, abs=1e-9)
    assert found.versions["xgboost-cpu"] == xgboost.__version__


@pytest.mark.parametrize("load", [load_breast_cancer, load_wine], ids=["two", "three"])
def test_classes_score_as_xgboosts_own(load: Any, tmp_path: Path) -> None:
    frame = classes(load)
    train, test = train_test_split(frame, test_size=0.2, random_state=42, stratify=frame["target"])
    X, unseen = train.drop(columns="target"), test.drop(columns="target")
    own = xgboost.XGBClassifier(**PARAMS, random_state=42).fit(X, train["target"].astype(int))
    expected = accuracy_score(test["target"].astype(int), own.predict(unseen))
    spec = spec_of(frame, "classification")
    assert fit(spec, frame, tmp_path / "m").metrics["accuracy"] == pytest.approx(expected, abs=1e-12)
    ml.sign_model(tmp_path / "m", WHOSE, KEY)
    pipeline, _ = ml.load_model(tmp_path / "m", WHOSE, KEY)
    assert pipeline.predict_proba(split_rows(spec, frame).test) == pytest.approx(own.predict_proba(unseen), abs=1e-6)


def test_a_model_that_was_read_again_says_just_the_same(tmp_path: Path) -> None:
    frame = load_diabetes(as_frame=True).frame
    frame.loc[::7, "bmi"] = np.nan
    spec = spec_of(frame, "regression", preparation=ml.Preparation(missing="keep"))
    kept = fit(spec, frame, tmp_path / "m")
    ml.take_over(tmp_path / "m", tmp_path / "n", spec, "sha")
    ml.sign_model(tmp_path / "n", WHOSE, KEY)
    pipeline, _ = ml.load_model(tmp_path / "n", WHOSE, KEY)
    split = split_rows(spec, frame)
    assert r2_score(split.y_test, pipeline.predict(split.test)) == kept.metrics["r2"]
    assert pipeline.predict(split.test.iloc[:1]) == pipeline.predict(split.test)[:1]


def test_its_trees_are_json_and_nothing_else_of_it_is_in_the_file(tmp_path: Path) -> None:
    frame = load_diabetes(as_frame=True).frame
    fit(spec_of(frame, "regression"), frame, tmp_path / "m")
    with zipfile.ZipFile(tmp_path / "m" / MODEL) as archive:
        schema = archive.read("schema.json").decode()
    assert "Booster" not in schema
    assert "pickle" not in schema
    texts = [text for text in strings_of(json.loads(schema)) if text.startswith('"{') or text.startswith("{")]
    trees = [json.loads(text) for text in texts]
    trees = [json.loads(one) if isinstance(one, str) else one for one in trees]
    assert [len(one["learner"]["gradient_booster"]["model"]["trees"]) for one in trees if "learner" in one] == [40]


def strings_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in strings_of(part)]


def test_trees_that_were_changed_are_refused(tmp_path: Path) -> None:
    frame = load_diabetes(as_frame=True).frame
    fit(spec_of(frame, "regression"), frame, tmp_path / "m")
    ml.sign_model(tmp_path / "m", WHOSE, KEY)
    ml.load_model(tmp_path / "m", WHOSE, KEY)
    with zipfile.ZipFile(tmp_path / "m" / MODEL) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["schema.json"] = parts["schema.json"].replace(b"base_score", b"base_scorf")
    with zipfile.ZipFile(tmp_path / "m" / MODEL, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    with pytest.raises(ml.ModelFileError, match="was changed after it was trained"):
        ml.load_model(tmp_path / "m", WHOSE, KEY)


def test_it_is_tuned_and_the_same_job_finds_the_same(tmp_path: Path) -> None:
    frame = load_diabetes(as_frame=True).frame
    spec = spec_of(frame, "regression", params={"max_depth": 3}, tune=ml.Tuning(trials=4))
    one, other = (fit(spec, frame, tmp_path / name) for name in ("m", "n"))
    assert one.spec == other.spec
    assert one.metrics == other.metrics

"""A feature that gives the target away is named; one that is merely good is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

from tools import ml

RNG = np.random.default_rng(0)
X = RNG.normal(50, 10, 200)
FRAME = pd.DataFrame(
    {
        "x": X,
        "noisy": X + RNG.normal(0, 2, 200),
        "y": X * 3 + RNG.normal(0, 5, 200),
        "group": np.where(X > 50, "high", "low"),
        "when": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(200), "D"),
    }
)


def warnings_of(frame: pd.DataFrame, target: str, folder: Path, **kinds: Any) -> list[str]:
    task: ml.Task = "regression" if frame[target].dtype.kind == "f" else "classification"
    features = tuple(ml.Feature(name=name, kind=kind) for name, kind in kinds.items())
    spec = ml.TrainingSpec(target=target, task=task, features=features, model="random_forest")
    found = ml.fit_job(spec, frame, "", folder / "m", lambda sentence, fraction: None)
    return [words for code, words in zip(found.warning_codes, found.warnings, strict=True) if code == "leak"]


@pytest.mark.parametrize(
    "copy", [FRAME["y"] * 1.8 + 32, FRAME["y"].round(0), np.exp(FRAME["y"] / 50), -FRAME["y"] * 1e-12]
)
def test_a_copy_of_a_number_in_another_dress_is_named(copy: pd.Series, tmp_path: Path) -> None:
    found = warnings_of(FRAME.assign(copy=copy), "y", tmp_path, x="number", copy="number")
    assert len(found) == 1
    assert found[0].startswith("'copy' alone says nearly all of 'y' (r2 ")


@pytest.mark.parametrize(("name", "kind"), [("code", "number"), ("word", "category")])
def test_a_copy_of_a_class_is_named(name: str, kind: str, tmp_path: Path) -> None:
    frame = FRAME.assign(code=(FRAME["group"] == "low") * 7, word=FRAME["group"].str.upper())
    found = warnings_of(frame, "group", tmp_path, **{"noisy": "number", name: kind})
    assert len(found) == 1
    assert found[0].startswith(f"'{name}' alone says nearly all of 'group' (balanced accuracy 1.0000 on the test rows)")


def test_what_is_merely_good_is_not_named(tmp_path: Path) -> None:
    assert warnings_of(FRAME, "y", tmp_path, x="number", noisy="number", group="category", when="date") == []
    for load in (load_iris, load_breast_cancer, load_diabetes):
        frame = load(as_frame=True).frame
        if load is not load_diabetes:
            frame = frame.astype({"target": str})
        kinds = {str(name): "number" for name in frame.columns if name != "target"}
        assert warnings_of(frame, "target", tmp_path / load.__name__, **kinds) == []

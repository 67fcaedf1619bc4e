"""A row's numbers do not hang on the table that it stands in: each digit is the same however a table is parted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adapters.compute.worker_files import METADATA, MODEL, hash_of
from adapters.records import Feature, TrainingSpec
from tools import ml
from tools.ml.reporting import nobody

N, P = 300, 15
PARTS = (1, 7, 65, 100)
TYPES = [(one.name, task) for one in ml.JOB_MODELS for task in one.estimators if one.name != "auto"]
RNG = np.random.default_rng(4)
TABLE = pd.DataFrame({f"x{place}": RNG.normal(size=N) for place in range(P)})
TABLE["town"] = RNG.choice(["Ash", "Elm", "Oak"], N)
AIM = TABLE["x0"] * 3 + TABLE["x1"] + (TABLE["town"] == "Oak") + RNG.normal(size=N)


@pytest.mark.parametrize(("model", "task"), TYPES)
def test_every_part_says_what_the_whole_says(model: str, task: str, tmp_path: Path) -> None:
    numbers = tuple(Feature(name=f"x{place}", kind="number") for place in range(P))
    params = [{"name": "max_iter", "value": 20}] if model.startswith("mlp") else []
    spec = TrainingSpec.model_validate(
        {
            "target": "y",
            "task": task,
            "features": (*numbers, Feature(name="town", kind="category")),
            "model": model,
            "params": params,
        }
    )
    aim = AIM if task == "regression" else pd.Series(np.digitize(AIM, [-1, 1]).astype(str))
    ml.fit_job(spec, TABLE.assign(y=aim), "sha", tmp_path, nobody)
    predictor = ml.Predictor(*ml.load_stated(tmp_path, {name: hash_of(tmp_path / name) for name in (MODEL, METADATA)}))
    whole = predictor.predict(TABLE)
    for size in PARTS:
        parts = [predictor.predict(TABLE.iloc[start : start + size]) for start in range(0, min(N, 8 * size), size)]
        for name, values in whole.items():
            joined = np.concatenate([part[name] for part in parts])
            assert (joined == values[: len(joined)]).all(), (size, name)

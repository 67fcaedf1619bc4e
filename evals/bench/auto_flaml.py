"""FLAML's side of `evals.bench.auto`: a script that its own environment runs, which knows nothing of ours.

`python auto_flaml.py FOLDER SECONDS SEED` reads train.parquet, test.parquet and table.json, and writes flaml.json.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

import pandas as pd

METRICS = {"regression": "r2", "binary": "roc_auc", "multiclass": "roc_auc_ovr"}


def main(folder: Path, seconds: float, seed: int) -> None:
    """Search for so long, and predict the test rows."""
    told = json.loads((folder / "table.json").read_text())
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    for name in told["words"]:
        kind = pd.CategoricalDtype(sorted(set(train[name].dropna()) | set(test[name].dropna())))
        train[name], test[name] = train[name].astype(kind), test[name].astype(kind)
    X, y, unseen = train.drop(columns="target"), train["target"], test.drop(columns="target")
    task = "regression" if told["task"] == "regression" else "classification"
    automl, start = importlib.import_module("flaml").AutoML(), time.perf_counter()
    automl.fit(X, y, task=task, time_budget=seconds, metric=METRICS[told["task"]], seed=seed, n_jobs=1, verbose=0)
    took = time.perf_counter() - start
    found = automl.predict(unseen) if task == "regression" else automl.predict_proba(unseen)
    classes = [] if task == "regression" else [str(one) for one in automl.classes_]
    done = {"model": automl.best_estimator, "seconds": took, "predicted": found.tolist(), "classes": classes}
    (folder / "flaml.json").write_text(json.dumps(done))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))

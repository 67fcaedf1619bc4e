"""How near the expected time of a training is to what it takes: `python -m evals.bench.estimates`."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from tools import ml

SIZES = ((2_000, 10), (20_000, 10), (20_000, 40))
SHORT_S = 0.5
"""What is shorter is rounded up to a second in a quote."""


def main() -> None:
    """Train every type of model on made-up tables, and print what each took beside what was expected."""
    sys.stdout.write(
        "| model | task | rows | columns | took, s | expected, s | ratio |\n|---|---|---|---|---|---|---|\n"
    )
    n_near = n_long = 0
    for spec, frame in trainings():
        expected = ml.expected_seconds(spec, len(frame))
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            ml.fit_job(spec, frame, "", Path(folder) / "model", lambda sentence, fraction: None)
            took = time.perf_counter() - start
        cells = [spec.model, spec.task, f"{len(frame):,}", str(len(spec.features))]
        sys.stdout.write(f"| {' | '.join(cells)} | {took:.2f} | {expected:.2f} | {expected / took:.2f} |\n")
        sys.stdout.flush()
        if took >= SHORT_S:
            n_long += 1
            n_near += 0.5 <= expected / took <= 2
    sys.stdout.write(f"\nOf those of at least {SHORT_S} s, {n_near} of {n_long} are within a factor of two.\n")


def trainings() -> Iterator[tuple[ml.TrainingSpec, pd.DataFrame]]:
    """Each type of model for each of its tasks, on tables of every size."""
    rng = np.random.default_rng(0)
    for n_rows, n_columns in SIZES:
        X = rng.normal(size=(n_rows, n_columns))
        y = 2 * X[:, 0] + X[:, 1] ** 2 + rng.normal(size=n_rows)
        names = [f"x{place}" for place in range(n_columns)]
        features = tuple(ml.Feature(name=name, kind="number") for name in names)
        targets = {"regression": y, "classification": np.digitize(y, [0, 2]).astype(str)}
        for model in ml.MODEL_TYPES:
            for task in model.estimators:
                spec = ml.TrainingSpec(target="y", task=task, features=features, model=model.name)
                yield spec, pd.DataFrame(X, columns=names).assign(y=targets[task])


if __name__ == "__main__":
    main()

"""`auto` beside FLAML, for the same seconds on public tables: `python -m evals.bench.auto [SECONDS] [SEED …]`.

FLAML has an environment of its own, which is made where there is none. Both get the same training rows and are judged
on the same rows that neither has seen: by R², or by the area under the ROC curve (the mean over the classes). They take
turns on one core each, so that whatever else the machine does is alike for both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import r2_score, roc_auc_score

from evals.bench.auto_tables import Table, tables
from tools import ml
from tools.ml.fitting import fit_pipeline
from tools.ml.reporting import nobody
from tools.ml.search import settle
from tools.ml.splitting import Split, split_rows
from tools.ml.validation import rank_scores

SCHEMA = Path(os.environ.get("STATAGENT_SCHEMA_DATA", "../shared/data/schema/csv"))
ENVIRONMENT = Path(tempfile.gettempdir()) / "statagent-bench-flaml"
SECONDS, SEEDS = 20, (1,)
ONE_CORE = {"OMP_NUM_THREADS": "1", "LOKY_MAX_CPU_COUNT": "1"}
NEAR, LOST = 0.001, 0.02
"""Scores so near are equal; one so far behind needs a reason."""


@dataclass(frozen=True)
class Found:
    """What one of the two came to: score, type of model, seconds with the last fit."""

    score: float
    model: str
    seconds: float


def main(seconds: int = SECONDS, seeds: tuple[int, ...] = SEEDS, only: str | None = None) -> None:
    """Run both on every table, and print a line for each and the sum of it."""
    python = peer_environment()
    sys.stdout.write(
        "| table | rows | columns | score | ours | its model | s | FLAML | its model | s | difference |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|\n"
    )
    ranks = {"ours": 0.0, "FLAML": 0.0}
    behind: list[str] = []
    n_tables = 0
    for name, read in tables(SCHEMA).items():
        if only is not None and name != only:
            continue
        table = read()
        pairs = [(_ours(table, seconds, seed), _theirs(table, seconds, seed, python)) for seed in seeds]
        ours, theirs = (float(np.mean([pair[place].score for pair in pairs])) for place in (0, 1))
        difference = ours - theirs
        ranks["ours"] += _rank(difference)
        ranks["FLAML"] += _rank(-difference)
        n_tables += 1
        if difference < -LOST * max(abs(theirs), LOST):
            behind.append(f"{name} ({difference:.4f})")
        cells = [name, f"{len(table.frame):,}", len(table.features), "R²" if table.kind == "regression" else "AUC"]
        for place, mean in ((0, ours), (1, theirs)):
            models = ", ".join(dict.fromkeys(pair[place].model for pair in pairs))
            cells += [f"{mean:.4f}", models, f"{np.mean([pair[place].seconds for pair in pairs]):.0f}"]
        sys.stdout.write(f"| {' | '.join(map(str, cells))} | {difference:+.4f} |\n")
        sys.stdout.flush()
    shown = ", ".join(f"{name} {total / n_tables:.2f}" for name, total in ranks.items())
    sys.stdout.write(f"\nMean rank: {shown}. Behind by more than 2 %: {', '.join(behind) or 'none'}.\n")


def _rank(difference: float) -> float:
    return 1.5 if abs(difference) < NEAR else 1.0 if difference > 0 else 2.0


def _parted(table: Table, seed: int) -> tuple[ml.TrainingSpec, Split]:
    spec = ml.TrainingSpec(
        target="target", task=table.task, features=table.features, model="auto", test_size=0.25, seed=seed
    )
    return spec, split_rows(spec, table.frame)


def _ours(table: Table, seconds: int, seed: int) -> Found:
    spec, split = _parted(table, seed)
    start = time.perf_counter()
    settled, _ = settle(
        spec.model_copy(update={"tune": ml.Tuning(seconds=seconds)}), split.train, split.y_train, nobody
    )
    pipeline, *_ = fit_pipeline(settled, split.train, split.y_train, nobody)
    took = time.perf_counter() - start
    if table.kind == "regression":
        return Found(float(r2_score(split.y_test, pipeline.predict(split.test))), settled.model, took)
    scores, classes = rank_scores(pipeline, split.test), [str(one) for one in pipeline.classes_]
    return Found(_area(split.y_test, scores, classes), settled.model, took)


def _theirs(table: Table, seconds: int, seed: int, python: Path) -> Found:
    _, split = _parted(table, seed)
    columns = [*(feature.name for feature in table.features), "target"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        split.train[columns].to_parquet(folder / "train.parquet")
        split.test[columns].to_parquet(folder / "test.parquet")
        (folder / "table.json").write_text(json.dumps({"task": table.kind, "words": table.words}))
        script = Path(__file__).with_name("auto_flaml.py")
        command = [str(python), str(script), place, str(seconds), str(seed)]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, env={**os.environ, **ONE_CORE})
        done: dict[str, Any] = json.loads((folder / "flaml.json").read_text())
    predicted = np.asarray(done["predicted"])
    if table.kind == "regression":
        return Found(float(r2_score(split.y_test, predicted)), done["model"], done["seconds"])
    return Found(_area(split.y_test, predicted, done["classes"]), done["model"], done["seconds"])


def _area(y: np.ndarray[Any, Any], scores: np.ndarray[Any, Any], classes: list[str]) -> float:
    """The mean, over the classes that are there, of each one's area against all others."""
    there = [place for place, name in enumerate(classes) if 0 < np.sum(y == name) < len(y)]
    return float(np.mean([roc_auc_score(y == classes[place], scores[:, place]) for place in there]))


def peer_environment() -> Path:
    """The Python of FLAML's environment, made with uv where there is none."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "venv", "--quiet", ENVIRONMENT], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "flaml[automl]", "pyarrow"], check=True)
    return python


if __name__ == "__main__":
    os.environ |= ONE_CORE
    numbers = [int(word) for word in sys.argv[1:]]
    main(numbers[0] if numbers else SECONDS, tuple(numbers[1:]) or SEEDS)

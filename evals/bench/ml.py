"""Training and prediction beside the same code in bare scikit-learn: `python -m evals.bench.ml`.

Each line is a process of its own, so that its memory is its own; what is timed is the work, not the start of Python.
Both find the same numbers, or the run ends. The bare code is what a person would write: a ColumnTransformer and an
estimator, `read_parquet`, `predict`, `to_csv`.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from adapters.model.scripted import ScriptedModel, Step, call, say
from evals.world.home import ROOT, build_in
from evals.world.talk import Talk, training
from runtime.session import Session
from tools import ml
from tools.ml.fitting import fit_pipeline

N_ROWS, N_FITTED = 1_000_000, 60_000
NUMBERS, WORDS = [f"x{place}" for place in range(10)], ["city", "kind"]
Numbers = Mapping[str, float]
Settings = dict[str, float]


@dataclass(frozen=True)
class Task:
    """A model as a job says it, and as scikit-learn does."""

    model: str
    target: str
    params: Settings
    bare: Callable[[], Any]
    is_scaled: bool = True


TASKS = (
    Task("ridge", "y", {"alpha": 1.0}, lambda: Ridge(alpha=1.0, solver="svd")),
    Task("logistic_regression", "group", {"C": 1.0}, lambda: LogisticRegression(max_iter=10_000, tol=1e-6)),
    Task("gradient_boosting", "y", {}, lambda: HistGradientBoostingRegressor(random_state=42), is_scaled=False),
    Task("random_forest", "group", {}, lambda: RandomForestClassifier(n_jobs=-1, random_state=42)),
)
PREDICTED = ("ridge", "gradient_boosting")


def table(n_rows: int) -> pd.DataFrame:
    """Rows of ten numbers, 2 % of them missing, two categories, a number and a class to predict."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, len(NUMBERS))).round(4)
    city, kind = rng.integers(0, 20, n_rows), rng.integers(0, 3, n_rows)
    y = 2 * X[:, 0] - X[:, 1] * X[:, 2] + 0.3 * city + rng.normal(size=n_rows)
    X[rng.uniform(size=X.shape) < 0.02] = np.nan
    words = {"city": np.char.add("city ", city.astype(str)), "kind": np.char.add("kind ", kind.astype(str))}
    group = np.where(y > 3, "high", "low")
    return pd.DataFrame(X, columns=NUMBERS).assign(**words, y=y.round(4), group=group)


def bare_pipeline(task: Task) -> Pipeline:
    """What a person would write."""
    scaled = [StandardScaler()] if task.is_scaled else []
    numbers = make_pipeline(SimpleImputer(strategy="median"), *scaled)
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return Pipeline(
        [("prepare", ColumnTransformer([("n", numbers, NUMBERS), ("w", words, WORDS)])), ("model", task.bare())]
    )


def spec_of(task: Task) -> ml.TrainingSpec:
    """The job as estimate_cost freezes it."""
    features = [ml.Feature(name=name, kind="number") for name in NUMBERS]
    features += [ml.Feature(name=name, kind="category") for name in WORDS]
    return ml.TrainingSpec(
        target=task.target,
        task="regression" if task.target == "y" else "classification",
        features=tuple(features),
        model=task.model,
        params=tuple(ml.ParameterValue(name=name, value=value) for name, value in task.params.items()),
    )


def fit(task: Task, is_ours: bool, folder: Path) -> Numbers:
    """Seconds of a fit (the least of three), and a number that tells what came of it."""
    frame = pd.read_parquet(folder / "rows.parquet").iloc[:N_FITTED]
    y: Any = frame[task.target].to_numpy() if task.target == "y" else frame[task.target].to_numpy(dtype=str)
    spec, took, fitted = spec_of(task), [], bare_pipeline(task)
    train, test, y_train, _ = train_test_split(
        frame, y, test_size=0.2, random_state=42, stratify=None if task.target == "y" else y
    )
    for _ in range(3):
        started = time.perf_counter()
        if is_ours:
            fitted, *_ = fit_pipeline(spec, train, y_train, lambda sentence, fraction: None)
        else:
            fitted = bare_pipeline(task).fit(train[[*NUMBERS, *WORDS]], y_train)
        took.append(time.perf_counter() - started)
    predicted = fitted.predict(test[[*NUMBERS, *WORDS]])
    return {"seconds": min(took), "number": float(np.mean(predicted == "high" if y.dtype.kind == "U" else predicted))}


def predict(task: Task, is_ours: bool, folder: Path) -> Numbers:
    """Seconds from the stored table to the file of predictions."""
    if not is_ours:
        started = time.perf_counter()
        frame = pd.read_parquet(folder / "rows.parquet")
        path = folder / f"{task.model}.skops"
        fitted = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
        frame["prediction"] = fitted.predict(frame[[*NUMBERS, *WORDS]])
        frame.to_csv(folder / "bare.csv", index=False)
        return {"seconds": time.perf_counter() - started, "number": float(frame["prediction"].mean())}
    session = build_in(folder / "home")
    started = time.perf_counter()
    found: Any = session.call_tool("predict", json.dumps({"model": task.model, "dataset": "rows"}), None).content
    seconds = time.perf_counter() - started
    session.program.close()
    return {"seconds": seconds, "number": float(found["summary"]["mean"])}


def one_row(folder: Path) -> Numbers:
    """The median milliseconds of a prediction of one row by a model that is loaded, and seconds of loading it."""
    session = build_in(folder / "home")
    session.models.load(session.models.get("ridge"))  # imports
    model = session.models.get("random_forest")
    started = time.perf_counter()
    pipeline, metadata = session.models.load(model)
    load_s = time.perf_counter() - started
    ridge, of_ridge = session.models.load(session.models.get("ridge"))
    kinds = {feature.name: feature.kind for feature in of_ridge.features}
    row = {**dict.fromkeys(NUMBERS, 0.5), "city": "city 3", "kind": "kind 1"}
    found = {"load_s": load_s}
    for name, predictor in (("ridge", ml.Predictor(ridge, of_ridge)), ("forest", ml.Predictor(pipeline, metadata))):
        took = []
        for _ in range(100):
            started = time.perf_counter()
            predictor.predict(ml.table_of_rows([row], kinds))
            took.append(time.perf_counter() - started)
        found[f"{name}_ms"] = 1000 * statistics.median(took)
    session.program.close()
    return found


def prepare(folder: Path) -> None:
    """The table as Parquet and in a home; each model trained on its first rows: ours by a job, theirs here."""
    rows = table(N_ROWS)
    rows.to_parquet(folder / "rows.parquet")
    rows.iloc[:N_FITTED].to_parquet(folder / "few.parquet")
    steps: list[Step] = [
        call(("c0", "load_dataset", {"source": str(folder / "rows.parquet")})),
        call(("c1", "load_dataset", {"source": str(folder / "few.parquet")})),
        say("They are loaded."),
    ]
    for number, task in enumerate(TASKS):
        job: dict[str, Any] = {"kind": "training", "dataset": "few", "target": task.target, "model": task.model}
        job["features"] = [*NUMBERS, *WORDS]
        if task.params:
            job["params"] = [{"name": name, "value": value} for name, value in task.params.items()]
        steps += training(number, job)
    talk = Talk(build_in(folder / "home", model=ScriptedModel(steps)))
    talk.say("load the tables")
    for _ in TASKS:
        talk.say("train")
        talk.answer(yes=True)
    _wait_for_all(talk.session)
    talk.session.program.close()
    few = rows.iloc[:N_FITTED]
    for task in TASKS:
        if task.model in PREDICTED:
            train, _, y_train, _ = train_test_split(few, few[task.target], test_size=0.2, random_state=42)
            fitted = bare_pipeline(task).fit(train[[*NUMBERS, *WORDS]], y_train)
            skops.io.dump(fitted, folder / f"{task.model}.skops")


def _wait_for_all(session: Session) -> None:
    until = time.monotonic() + 600
    while len(session.models.all()) < len(TASKS):
        if time.monotonic() > until:
            raise TimeoutError("the models were not trained within ten minutes")
        for view in session.jobs.all():
            session.jobs.get(view.job_id)
        time.sleep(1)


def measure(what: str, model: str, who: str, folder: Path) -> Numbers:
    """What one contestant has found, in a process of its own."""
    command = [sys.executable, "-m", "evals.bench.ml", "--one", what, model, who, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: Numbers = json.loads(done.stdout.splitlines()[-1])
    return found


def one(what: str, model: str, who: str, folder: Path) -> None:
    """Be one contestant, and print what it took."""
    if what == "row":
        found = dict(one_row(folder))
    else:
        [task] = [task for task in TASKS if task.model == model]
        found = dict((fit if what == "fit" else predict)(task, who == "ours", folder))
    found["memory_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    sys.stdout.write(json.dumps(found))


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-m", "evals.bench.ml", "--prepare", name], cwd=ROOT, check=True)
        for what, models in (("fit", [task.model for task in TASKS]), ("predict", PREDICTED)):
            rows = 0.8 * N_FITTED if what == "fit" else N_ROWS
            sys.stdout.write(f"\n{what}, {rows:,.0f} rows of 12 columns\n\n")
            sys.stdout.write(
                "| model | ours, s | bare, s | ours / bare | ours, GB | bare, GB |\n|---|---|---|---|---|---|\n"
            )
            for model in models:
                ours, bare = (measure(what, model, who, folder) for who in ("ours", "bare"))
                if abs(ours["number"] - bare["number"]) > 1e-9 * max(1.0, abs(bare["number"])):
                    raise SystemExit(f"{what} of {model}: ours found {ours['number']}, bare code {bare['number']}")
                seconds = f"{ours['seconds']:.2f} | {bare['seconds']:.2f} | {ours['seconds'] / bare['seconds']:.2f}"
                sys.stdout.write(f"| {model} | {seconds} | {ours['memory_gb']:.2f} | {bare['memory_gb']:.2f} |\n")
        found = measure("row", "-", "ours", folder)
        sys.stdout.write(
            f"\none row: ridge {found['ridge_ms']:.2f} ms, forest of 100 trees {found['forest_ms']:.2f} ms; "
            f"loading that forest {found['load_s']:.2f} s\n"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--prepare"]:
        prepare(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], sys.argv[3], sys.argv[4], Path(sys.argv[5]))
    else:
        main()

"""The trees, rounds and epochs of a fit are told, and the fit is the one that it is without a listener."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestRegressor

from adapters.records import Feature, TrainingSpec
from tools.ml.fit_steps import told_steps
from tools.ml.fitting import fit_pipeline
from tools.ml.reporting import nobody

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(300, 3)), columns=list("abc"))
Y = X["a"].to_numpy() * 3 + RNG.normal(size=300)
MODELS = [
    ("random_forest", "regression", "tree"),
    ("random_forest", "classification", "tree"),
    ("gradient_boosting", "regression", "round"),
    ("gradient_boosting", "classification", "round"),
    ("exact_gradient_boosting", "regression", "round"),
    ("exact_gradient_boosting", "classification", "round"),
    ("xgboost", "regression", "round"),
    ("xgboost", "classification", "round"),
    ("mlp_regressor", "regression", "epoch"),
    ("mlp_classifier", "classification", "epoch"),
]


@pytest.mark.parametrize(("model", "task", "step"), MODELS)
def test_each_step_is_told_and_changes_nothing(
    model: str, task: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = tuple(Feature(name=name, kind="number") for name in "abc")
    spec = TrainingSpec.model_validate({"target": "y", "task": task, "features": features, "model": model})
    y = Y if task == "regression" else np.where(Y > 0, "up", "down")
    silent, *_ = fit_pipeline(spec, X, y, nobody)
    said: list[tuple[str, float]] = []
    out, err = io.StringIO(), io.StringIO()

    def say(sentence: str, share: float) -> None:
        said.append((sentence, share))
        sys.stdout.write(sentence + "\n")

    monkeypatch.setattr("tools.ml.fitting.told_steps", lambda fitted, say: told_steps(fitted, say, 0.0))
    monkeypatch.setattr("tools.ml.fit_steps.EVERY_SHARE", 0.0)
    with redirect_stdout(out), redirect_stderr(err):
        told, *_ = fit_pipeline(spec, X, y, say)
    # Nothing but what was said, which a worker prints too.
    assert (out.getvalue().splitlines(), err.getvalue()) == ([sentence for sentence, _ in said], "")
    shares = [share for sentence, share in said if sentence.startswith(f"{step} ")]
    assert len(shares) > 5
    assert shares == sorted(shares)
    assert 0 < shares[0] <= shares[-1] <= 1
    assert said[-1][0].startswith(f"{step} {len(shares)} of at most ")
    # A forest adds its trees' means in whichever order its threads come: the last digit is chance.
    is_same = partial(np.allclose, rtol=1e-12) if task == "regression" else np.array_equal
    assert is_same(silent.predict(X), told.predict(X))
    assert str(silent.get_params()) == str(told.get_params())
    kept, usual = (getattr(one[-1], "regressor_", one[-1]) for one in (told, silent))
    assert vars(kept).keys() == vars(usual).keys()
    assert kept.get_params() == usual.get_params()


def test_what_has_no_steps_tells_none() -> None:
    spec = TrainingSpec(target="y", task="regression", features=(Feature(name="a", kind="number"),), model="ridge")
    said: list[str] = []
    fit_pipeline(spec, X, Y, lambda sentence, share: said.append(sentence))
    assert [sentence.split()[0] for sentence in said] == ["alpha"]


def test_what_else_is_written_to_the_error_stream_goes_on() -> None:
    err = io.StringIO()
    with redirect_stderr(err), told_steps(RandomForestRegressor(), nobody):
        sys.stderr.write("a warning")
        sys.stderr.write("[Parallel(n_jobs=1)]: Done")
    assert err.getvalue() == "a warning"

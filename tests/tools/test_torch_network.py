"""Which networks torch may train; that it trains them as scikit-learn does is seen where there is a torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_wine
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from tools.ml.torch_network import can_fit, fit_network


@pytest.mark.parametrize(
    ("estimator", "can"),
    [
        (MLPRegressor(), True),
        (MLPClassifier(activation="tanh", hidden_layer_sizes=(5, 3)), True),
        (TransformedTargetRegressor(MLPRegressor(), transformer=StandardScaler()), True),
        (MLPRegressor(solver="lbfgs"), False),
        (MLPRegressor(loss="poisson"), False),
        (MLPClassifier(early_stopping=True), False),
        (TransformedTargetRegressor(MLPRegressor(solver="sgd"), transformer=StandardScaler()), False),
        (Ridge(), False),
    ],
)
def test_only_what_means_the_same_is_trained_by_torch(estimator: Any, can: bool) -> None:
    assert can_fit(estimator) is can
    if not can:
        with pytest.raises(ValueError, match="only a network that Adam trains without early stopping"):
            fit_network(estimator, np.zeros((9, 2)), np.zeros(9), "cpu")


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic"])
@pytest.mark.parametrize("task", ["regression", "classification", "two classes"])
def test_torch_trains_a_network_as_good_as_scikit_learns(task: str, activation: Any) -> None:
    pytest.importorskip("torch")
    X, y = (load_diabetes if task == "regression" else load_wine)(return_X_y=True)
    if task != "regression":
        y = np.where(y > 0, "late", "early") if task == "two classes" else np.char.add("wine ", y.astype(str))
    X_train, X_test, y_train, y_test = train_test_split(StandardScaler().fit_transform(X), y, random_state=0)
    given: Any = {"hidden_layer_sizes": (20,), "activation": activation, "max_iter": 400, "alpha": 1.0}
    theirs, ours = (MLPClassifier(random_state=1, **given) for _ in range(2))
    if task == "regression":
        theirs, ours = (
            TransformedTargetRegressor(MLPRegressor(random_state=1, **given), transformer=StandardScaler())
            for _ in range(2)
        )
    theirs.fit(X_train, y_train)
    fit_network(ours, X_train, y_train, "cpu")
    assert ours.get_params().keys() == theirs.get_params().keys()
    assert ours.predict(X_test).dtype == theirs.predict(X_test).dtype
    assert ours.score(X_test, y_test) == pytest.approx(theirs.score(X_test, y_test), abs=0.05)

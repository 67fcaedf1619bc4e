"""A rented GPU is used by the fits that have a way to, and never left alone without a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor

from adapters.records import Feature, TrainingSpec
from tools import ml
from tools.ml import devices
from tools.ml.devices import device_at_hand, fit_there, fitting_on

X, Y = load_diabetes(return_X_y=True)


def fitted(folder: Path, model: str, has_gpu: bool) -> ml.Metadata:
    frame = pd.DataFrame(X[:, :3], columns=["a", "b", "c"]).assign(y=Y)
    features = tuple(Feature(name=name, kind="number") for name in "abc")
    spec = TrainingSpec(target="y", task="regression", features=features, model=model)
    return ml.fit_job(spec, frame, "sha", folder, lambda sentence, fraction: None, has_gpu)


@pytest.mark.parametrize("model", ["ridge", "mlp_regressor", "xgboost"])
def test_a_gpu_that_no_library_here_reaches_is_said_and_changes_no_score(tmp_path: Path, model: str) -> None:
    told, plain = fitted(tmp_path / "a", model, has_gpu=True), fitted(tmp_path / "b", model, has_gpu=False)
    assert (told.device, plain.device) == ("cpu", "cpu")
    assert "gpu_unused" in told.warning_codes
    assert "gpu_unused" not in plain.warning_codes
    assert f"the machine's GPU was not used: {model} was fitted on its processor" in told.warnings
    assert told.metrics == plain.metrics


@pytest.mark.parametrize("way", ["", "torch", "xgboost"])
def test_here_no_way_leads_to_a_gpu(way: Any) -> None:
    if way == "torch":
        pytest.importorskip("torch", reason="that there is none is what is looked at")
    assert device_at_hand(way) == "cpu"


class Boosted:
    """Trees that note where they are learned."""

    device = "cpu"
    learned_on = ""

    def fit(self, X: Any, y: Any, **weights: Any) -> None:
        self.learned_on = self.device


def test_trees_are_learned_there_and_kept_for_a_processor() -> None:
    trees = Boosted()
    with fitting_on("cuda"):
        assert fit_there(trees, X, Y, sample_weight=Y) == "cuda"
    assert (trees.learned_on, trees.device, vars(trees)) == ("cuda", "cpu", {"learned_on": "cuda"})
    assert fit_there(trees, X, Y) == "cpu"
    assert trees.learned_on == "cpu"


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_a_network_goes_to_torch_where_it_can_and_all_else_to_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(devices, "fit_network", lambda network, X, y, device: asked.append(device))
    with fitting_on("cuda"):
        assert fit_there(MLPRegressor(), X, Y) == "cuda"
        assert fit_there(Ridge(), X, Y) == "cpu"
        assert fit_there(MLPRegressor(early_stopping=True, max_iter=2), X, Y) == "cpu"
        # Rows that count differently: torch's way knows none.
        assert fit_there(Ridge(), X, Y, sample_weight=np.ones(len(Y))) == "cpu"
    assert asked == ["cuda"]
    assert fit_there(MLPRegressor(max_iter=2), X, Y) == "cpu"

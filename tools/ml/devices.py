"""The processor or the GPU that a fit is made on.

A worker does one job in its process, so what it has chosen stands for all fits in it: the model's, those of its folds
and of its search.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from sklearn.base import BaseEstimator

from tools.ml.model_type import GpuWay
from tools.ml.torch_network import can_fit, fit_network

Device = Literal["cpu", "cuda"]
_CHOSEN: list[Device] = ["cpu"]


@contextmanager
def fitting_on(device: Device) -> Iterator[None]:
    """All fits in here are made on that device, those that it can make."""
    _CHOSEN.append(device)
    try:
        yield
    finally:
        _CHOSEN.pop()


def device_at_hand(way: GpuWay) -> Device:
    """`cuda` where this machine's libraries reach a GPU in the way that a type of model needs."""
    if way == "torch":
        try:
            return "cuda" if importlib.import_module("torch").cuda.is_available() else "cpu"
        except ImportError:
            return "cpu"
    if way == "xgboost":
        built = importlib.import_module("xgboost").build_info()
        return "cuda" if built.get("USE_CUDA") else "cpu"
    return "cpu"


def fit_there(estimator: BaseEstimator, X: Any, y: Any, **weights: Any) -> Device:
    """Fit the estimator in place, on the device that was chosen where it can be; gives where that was.

    Rows of different weights make a network go to the processor: torch's way knows none.
    """
    if _CHOSEN[-1] == "cuda":
        if hasattr(estimator, "device"):
            # It is no parameter: what is kept predicts on a processor.
            estimator.device = "cuda"
            estimator.fit(X, y, **weights)
            del estimator.device
            return "cuda"
        if can_fit(estimator) and not weights:
            fit_network(estimator, X, y, "cuda")
            return "cuda"
    estimator.fit(X, y, **weights)
    return "cpu"

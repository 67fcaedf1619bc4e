"""Fits of networks on a GPU beside scikit-learn's own on the processor: `python -m evals.bench.gpu [ROWS]`.

It needs torch with CUDA and says so where there is none: then nothing of the GPU's way is proven.
"""

from __future__ import annotations

import importlib
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss, r2_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from tools.ml.torch_network import fit_network

TOLERANCE = 0.02
"""By which the two scores may differ: their random numbers are not the same."""
N_FEATURES, N_SEEN = 30, 4_000_000
"""Rows that a fit sees in all its epochs: with fewer, another seed alone moves the score by 0.1."""


def regression(n_epochs: int) -> Any:
    """As a job fits it: to a scaled target."""
    network = MLPRegressor(hidden_layer_sizes=(100,), max_iter=n_epochs, random_state=1)
    return TransformedTargetRegressor(network, transformer=StandardScaler())


def classification(n_epochs: int) -> Any:
    """Three classes."""
    return MLPClassifier(hidden_layer_sizes=(100, 50), max_iter=n_epochs, random_state=1)


def table(n_rows: int, is_classes: bool) -> tuple[Any, Any, Any, Any]:
    """Training and test rows of thirty numbers, and a target that is not linear in them."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, N_FEATURES))
    y = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.3 * X[:, 3] + 0.3 * rng.normal(size=n_rows)
    if is_classes:
        y = np.asarray(["low", "middle", "high"])[np.digitize(y, [-0.5, 0.5])]
    parts: tuple[Any, Any, Any, Any] = tuple(train_test_split(X, y, test_size=0.2, random_state=0))
    return parts


def compare(make: Callable[[int], Any], n_rows: int) -> str:
    """A line of the table.

    Raises
    ------
    SystemExit
        If two fits of one seed differ, or the GPU's score is the worse one.
    """
    is_classes, n_epochs = make is classification, max(5, N_SEEN // n_rows)
    X, X_test, y, y_test = table(n_rows, is_classes)
    fit_network(make(3), X[:2_000], y[:2_000])  # the start of the GPU is no part of a fit
    seconds, fitted = [], []
    fits: list[Callable[[Any], object]] = [lambda one: one.fit(X, y), *[lambda one: fit_network(one, X, y)] * 2]
    for fit in fits:
        fitted.append(make(n_epochs))
        started = time.perf_counter()
        fit(fitted[-1])
        seconds.append(time.perf_counter() - started)
    ask = "predict_proba" if is_classes else "predict"
    theirs, ours, again = (getattr(one, ask)(X_test) for one in fitted)
    if not np.allclose(ours, again, atol=1e-3):
        sys.exit(f"two fits of one seed differ by up to {np.abs(ours - again).max()}")
    classes = fitted[0].classes_ if is_classes else ()
    scores = [-log_loss(y_test, one, labels=classes) if is_classes else r2_score(y_test, one) for one in (theirs, ours)]
    if scores[1] < scores[0] - TOLERANCE:
        sys.exit(f"the GPU's score is {scores[1]}, scikit-learn's {scores[0]}")
    cells = f"{seconds[0]:.1f} | {seconds[1]:.1f} | {seconds[0] / seconds[1]:.1f} | {scores[0]:.4f} | {scores[1]:.4f}"
    return f"| {make.__name__} | {n_rows:,} | {n_epochs} | {cells} |\n"


def main() -> None:
    """Print a line for each task and size; ends with an error where the scores differ."""
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        sys.exit("there is no torch here: nothing was checked")
    if not torch.cuda.is_available():
        sys.exit("torch sees no GPU here: nothing was checked")
    warnings.simplefilter("ignore", ConvergenceWarning)
    sizes = [int(word) for word in sys.argv[1:]] or [20_000, 200_000, 1_000_000]
    sys.stdout.write(f"{torch.cuda.get_device_name()}, torch {torch.__version__}\n\n")
    sys.stdout.write(
        "| task | rows | epochs at most | scikit-learn, s | torch, s | times faster | their score | our score |\n"
    )
    sys.stdout.write("|---|---|---|---|---|---|---|---|\n")
    for n_rows in sizes:
        for make in (regression, classification):
            sys.stdout.write(compare(make, n_rows))
            sys.stdout.flush()


if __name__ == "__main__":
    main()

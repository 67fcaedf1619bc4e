"""Networks trained by torch on a GPU; the weights go into scikit-learn's estimator, which needs no torch.

The same network, loss, penalty, batches, Adam and rule of when to stop as scikit-learn's own; other random numbers, and
float32. torch is no dependency: only a machine that has a GPU for the job needs it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone, is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor

Matrix = NDArray[np.float64]
Vector = NDArray[Any]
LIKE_BATCH = 200
"""scikit-learn's rows of a step, where the batch is not set."""
BETAS, EPSILON = (0.9, 0.999), 1e-8


def can_fit(estimator: Any) -> bool:
    """Whether it is a network that is trained by Adam to the end of the training loss, and nothing else is asked."""
    if isinstance(estimator, TransformedTargetRegressor):
        estimator = estimator.regressor
    if isinstance(estimator, MLPRegressor) and estimator.loss != "squared_error":
        return False
    is_network = isinstance(estimator, MLPRegressor | MLPClassifier)
    return is_network and estimator.solver == "adam" and not estimator.early_stopping


def fit_network(estimator: Any, X: Matrix, y: Vector, device: str = "cuda") -> None:
    """Fit the estimator in place, as its `fit` would.

    Parameters
    ----------
    estimator : MLPRegressor, MLPClassifier or a TransformedTargetRegressor of the first
        One that `can_fit` accepts.
    X, y : arrays of shape (n, k) and (n,)
        Without missing values; y of class names or float64.
    device : str
        As torch calls it: cuda, cuda:1, cpu.

    Raises
    ------
    ValueError
        If `can_fit` refuses the estimator.
    """
    if not can_fit(estimator):
        raise ValueError("only a network that Adam trains without early stopping is trained by torch")
    few = _some_rows(y, is_classifier(estimator))
    if isinstance(estimator, TransformedTargetRegressor):
        settled = estimator.regressor.get_params()
        # A short fit makes all that scikit-learn keeps beside the weights.
        estimator.set_params(regressor__max_iter=1).fit(X[few], y[few])
        estimator.set_params(**{f"regressor__{name}": value for name, value in settled.items()})
        estimator.transformer_ = clone(estimator.transformer).fit(y.reshape(-1, 1))
        _train(
            estimator.regressor_.set_params(**settled), X, estimator.transformer_.transform(y.reshape(-1, 1)), device
        )
        return
    settled = estimator.get_params()
    estimator.set_params(max_iter=1).fit(X[few], y[few])
    estimator.set_params(**settled)
    if is_classifier(estimator):
        places = np.searchsorted(estimator.classes_, y)
        is_binary = len(estimator.classes_) == 2
        _train(estimator, X, places.reshape(-1, 1).astype("float64") if is_binary else places, device)
    else:
        _train(estimator, X, y.reshape(-1, 1), device)


def _some_rows(y: Vector, is_classes: bool) -> Vector:
    """The first rows, and one of each class."""
    first = np.arange(min(len(y), 50))
    return np.union1d(first, np.unique(y, return_index=True)[1]) if is_classes else first


def _train(network: Any, X: Matrix, y: Vector, device: str) -> None:
    """Train from fresh weights, which go into the network in the end: y of shape (n, 1), or the places of classes."""
    torch = importlib.import_module("torch")
    generator = torch.Generator(device=device).manual_seed(int(network.random_state or 0))
    inputs = torch.as_tensor(X, dtype=torch.float32, device=device)
    targets = torch.as_tensor(y, dtype=torch.float32 if y.ndim == 2 else torch.int64, device=device)
    layers = _fresh_layers(torch, network, generator, device)
    loss = _loss_of(torch, network, layers, inputs, targets)
    adam = torch.optim.Adam(layers, lr=network.learning_rate_init, betas=BETAS, eps=EPSILON, capturable=device != "cpu")
    size = min(LIKE_BATCH if network.batch_size == "auto" else network.batch_size, len(X))
    step = _Step(torch, loss, adam, size, device)
    curve: list[float] = []
    best, n_worse = np.inf, 0
    while len(curve) < network.max_iter and n_worse <= network.n_iter_no_change:
        order = torch.randperm(len(X), generator=generator, device=device)
        curve.append(step.epoch(order) / len(X))
        n_worse = n_worse + 1 if curve[-1] > best - network.tol else 0
        best = min(best, curve[-1])
    weights = [layer.detach().cpu().numpy().astype("float64") for layer in layers]
    network.coefs_, network.intercepts_ = weights[::2], weights[1::2]
    network.loss_curve_, network.loss_, network.best_loss_ = curve, curve[-1], best
    network.n_iter_, network.t_ = len(curve), len(curve) * len(X)


def _fresh_layers(torch: Any, network: Any, generator: Any, device: str) -> list[Any]:
    """Weights and intercepts of each layer in turn, drawn as scikit-learn draws them (Glorot and Bengio)."""
    layers: list[Any] = []
    for coefs in network.coefs_:
        bound = np.sqrt((2.0 if network.activation == "logistic" else 6.0) / sum(coefs.shape))
        for shape in (coefs.shape, coefs.shape[1:]):
            drawn = torch.empty(shape, device=device).uniform_(-bound, bound, generator=generator)
            layers.append(drawn.requires_grad_())
    return layers


def _loss_of(torch: Any, network: Any, layers: Sequence[Any], inputs: Any, targets: Any) -> Callable[[Any], Any]:
    """The loss of some rows: half a squared error or the log loss, and the penalty's share of so many rows."""
    functions = torch.nn.functional
    activate = {"relu": torch.relu, "tanh": torch.tanh, "logistic": torch.sigmoid, "identity": lambda X: X}
    between = activate[network.activation]
    losses = {
        "identity": lambda found, y: ((found - y) ** 2).mean() / 2,
        "logistic": functions.binary_cross_entropy_with_logits,
        "softmax": functions.cross_entropy,
    }
    of_output = losses[network.out_activation_]

    def loss(rows: Any) -> Any:
        found = inputs[rows]
        for place in range(0, len(layers), 2):
            found = torch.addmm(layers[place + 1], found, layers[place])
            found = between(found) if place < len(layers) - 2 else found
        penalty = sum((layer**2).sum() for layer in layers[::2])
        return of_output(found, targets[rows]) + network.alpha / 2 * penalty / len(rows)

    return loss


class _Step:
    """Steps of Adam; on a GPU those of full batches are one recorded graph, for a step is shorter than its start."""

    def __init__(self, torch: Any, loss: Callable[[Any], Any], adam: Any, size: int, device: str) -> None:
        self._torch = torch
        self._loss = loss
        self._adam = adam
        self._rows = torch.zeros(size, dtype=torch.int64, device=device)
        self._total = torch.zeros((), dtype=torch.float64, device=device)
        self._graph: Any = None
        self._is_gpu = device != "cpu"
        self._n_warm = 0

    def epoch(self, order: Any) -> float:
        """One pass over the rows in that order; gives the sum of their losses."""
        size = len(self._rows)
        self._total.zero_()
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            if self._is_gpu and len(rows) == size:
                self._replay(rows)
            else:
                self._take(rows)
        return float(self._total)

    def _take(self, rows: Any) -> None:
        self._adam.zero_grad(set_to_none=False)
        value = self._loss(rows)
        value.backward()
        self._adam.step()
        self._total += value.detach().double() * len(rows)

    def _replay(self, rows: Any) -> None:
        """A step of a full batch: the first three as they are, then recorded once and played again."""
        torch = self._torch
        if self._graph is None and self._n_warm < 3:
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                self._take(rows)
            torch.cuda.current_stream().wait_stream(stream)
            self._n_warm += 1
            return
        self._rows.copy_(rows)
        if self._graph is None:
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph):
                self._take(self._rows)
        self._graph.replay()

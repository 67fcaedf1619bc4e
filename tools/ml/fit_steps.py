"""How far a long fit is: scikit-learn tells each tree, round and epoch to whoever lets it talk, and prints it.

Nothing else of the fit changes: the same numbers, the same parameters in what is kept.
"""

from __future__ import annotations

import io
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO

from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.neural_network import MLPClassifier, MLPRegressor

from tools.ml.reporting import Report

EVERY_S, EVERY_SHARE = 2.0, 0.05
"""Neither more often than that nor for less."""
TALKATIVE = 2
Kinds = tuple[type[BaseEstimator], ...]
PRINTED: tuple[tuple[Kinds, str, str, str], ...] = (
    ((RandomForestClassifier, RandomForestRegressor), "tree", "n_estimators", r"building tree \d+ of \d+"),
    ((GradientBoostingClassifier, GradientBoostingRegressor), "round", "n_estimators", r" *\d+ +-?[\d.]+ .*[sm]"),
    ((HistGradientBoostingClassifier, HistGradientBoostingRegressor), "round", "max_iter", r"\[\d+/\d+\] "),
    ((MLPClassifier, MLPRegressor), "epoch", "max_iter", r"Iteration \d+, loss = .*"),
)
"""For each kind: what a step is called, the parameter that says how many there are at most, and what is printed."""
OF_JOBLIB = "[Parallel("


@contextmanager
def told_steps(estimator: BaseEstimator, say: Report, every_s: float = EVERY_S) -> Iterator[None]:
    """Within, a fit of the estimator tells its trees, rounds or epochs; one that has none tells nothing."""
    inner = estimator.regressor if isinstance(estimator, TransformedTargetRegressor) else estimator
    if hasattr(inner, "callbacks"):
        # Only now: XGBoost is loaded where there is a model of it.
        from tools.ml.xgboost_trees import Rounds

        inner.callbacks = (Rounds(_Steps("round", inner.n_estimators, say, every_s).step),)
        try:
            yield
        finally:
            del inner.callbacks
        return
    for kinds, name, most, printed in PRINTED:
        if isinstance(inner, kinds):
            with _talking(inner, printed, _Steps(name, getattr(inner, most), say, every_s).step):
                yield
            _be_silent(estimator)
            return
    yield


class _Steps:
    """Counts steps, and tells of them now and then."""

    def __init__(self, name: str, n: int, say: Report, every_s: float) -> None:
        self._name, self._most, self._say, self._every_s = name, n, say, every_s
        self._n, self._told, self._told_at = 0, 0, time.monotonic()

    def step(self) -> None:
        """One more is begun or done."""
        self._n += 1
        now = time.monotonic()
        if now - self._told_at >= self._every_s and self._n - self._told >= EVERY_SHARE * self._most:
            self._told, self._told_at = self._n, now
            self._say(f"{self._name} {self._n} of at most {self._most}", min(1.0, self._n / self._most))


class _Listening(io.TextIOBase):
    """A stream that counts what is printed of steps; what is written while one is told goes on to where it went.

    Of all else it keeps what scikit-learn says of a fit, on the stream that it says it on.
    """

    def __init__(self, printed: str, step: Callable[[], None], rest: TextIO, *, keeps_all: bool) -> None:
        self._printed, self._step, self._rest, self._keeps_all = re.compile(printed), step, rest, keeps_all
        self._telling = threading.local()

    def write(self, text: str) -> int:
        """Count the step; each is written at once, whichever thread prints it."""
        if getattr(self._telling, "is_on", False):
            return self._rest.write(text)
        if self._printed.fullmatch(text):
            self._telling.is_on = True
            try:
                self._step()
            finally:
                self._telling.is_on = False
        elif not (self._keeps_all or text.startswith(OF_JOBLIB)):
            self._rest.write(text)
        return len(text)

    def flush(self) -> None:
        """What was passed on is wanted now."""
        self._rest.flush()


@contextmanager
def _talking(estimator: BaseEstimator, printed: str, step: Callable[[], None]) -> Iterator[None]:
    silent: Any = estimator.verbose
    estimator.set_params(verbose=TALKATIVE)
    try:
        out = _Listening(printed, step, sys.stdout, keeps_all=True)
        with redirect_stdout(out), redirect_stderr(_Listening(printed, step, sys.stderr, keeps_all=False)):
            yield
    finally:
        estimator.set_params(verbose=silent)


def _be_silent(estimator: BaseEstimator) -> None:
    """What was fitted inside is a copy, with the parameters of the fit."""
    if isinstance(estimator, TransformedTargetRegressor):
        estimator.regressor_.set_params(verbose=estimator.regressor.verbose)

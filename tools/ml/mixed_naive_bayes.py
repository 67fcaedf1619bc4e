"""Naive Bayes of mixed columns: a number has a bell curve in each class, a category the share of each of its values.

scikit-learn's GaussianNB takes each column of a one-hot category for a number with a bell curve of almost no width,
whose tails outweigh all else. Saved models hold this class by its name, with its attributes: neither may change what
it means.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.validation import check_is_fitted

Matrix = NDArray[np.float64]
Vector = NDArray[Any]


class MixedNaiveBayes(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Columns beside each other of 0 and 1, of which each training row has one 1, are the values of one category.

    A category's shares in a class are counted with one row more for each value (Laplace); a value that training never
    saw, all 0, says nothing. A column of two values is a category of two; all others are GaussianNB's.

    References
    ----------
    Hand, Yu (2001). Idiot's Bayes: not so stupid after all? International Statistical Review 69(3), 385-398.
    """

    def __init__(self, var_smoothing: float = 1e-9) -> None:
        self.var_smoothing = var_smoothing

    def fit(self, X: Matrix, y: Vector, sample_weight: Vector | None = None) -> MixedNaiveBayes:
        """Count the shares, and fit GaussianNB to the numbers."""
        X = np.asarray(X, dtype="float64")
        self.classes_, codes = np.unique(y, return_inverse=True)
        weights = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, dtype="float64")
        of_class = np.eye(len(self.classes_))[codes] * weights[:, None]
        n_of_class = of_class.sum(axis=0)
        self.n_features_in_ = X.shape[1]
        self.log_prior_ = np.log(n_of_class / n_of_class.sum())
        self.log_shares_ = np.zeros((len(self.classes_), X.shape[1]))
        blocks = _blocks(X)
        for block in blocks:
            shares = (of_class.T @ X[:, block] + 1) / (n_of_class + len(block))[:, None]
            self.log_shares_[:, block] = np.log(shares)
        rest = np.setdiff1d(np.arange(X.shape[1]), np.array([place for block in blocks for place in block], dtype=int))
        is_pair = np.array([len(np.unique(X[:, place])) == 2 for place in rest], dtype=bool)
        self.pairs_, self.numbers_ = rest[is_pair], rest[~is_pair]
        self.middles_ = (X[:, self.pairs_].min(axis=0) + X[:, self.pairs_].max(axis=0)) / 2
        high = (of_class.T @ (X[:, self.pairs_] > self.middles_) + 1) / (n_of_class + 2)[:, None]
        self.log_high_, self.log_low_ = np.log(high), np.log1p(-high)
        if len(self.numbers_):
            bell = GaussianNB(var_smoothing=self.var_smoothing).fit(X[:, self.numbers_], y, weights)
            self.means_, self.variances_ = bell.theta_, bell.var_
        return self

    def predict_proba(self, X: Matrix) -> Matrix:
        """The probability of each class, in the order of `classes_`."""
        joint = self._joint(X)
        told: Matrix = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
        return told

    def predict(self, X: Matrix) -> Vector:
        """The likeliest class of each row."""
        likeliest: Vector = self.classes_[np.argmax(self._joint(X), axis=1)]
        return likeliest

    def _joint(self, X: Matrix) -> Matrix:
        """The logarithm of each class's prior and likelihood together."""
        check_is_fitted(self)
        X = np.asarray(X, dtype="float64")
        joint: Matrix = self.log_prior_ + X @ self.log_shares_.T
        is_high = X[:, self.pairs_] > self.middles_
        joint += is_high @ self.log_high_.T + ~is_high @ self.log_low_.T
        if len(self.numbers_):
            for place, (means, variances) in enumerate(zip(self.means_, self.variances_, strict=True)):
                off = (X[:, self.numbers_] - means) ** 2 / variances
                joint[:, place] -= 0.5 * (off.sum(axis=1) + np.log(2 * np.pi * variances).sum())
        return joint


def _blocks(X: Matrix) -> list[list[int]]:
    """Columns beside each other of 0 and 1 that are together 1 in every row."""
    found: list[list[int]] = []
    block, total = list[int](), np.zeros(len(X))
    for place in range(X.shape[1]):
        column = X[:, place]
        is_flag = bool(np.isin(column, (0.0, 1.0)).all())
        if not is_flag or (total + column).max() > 1:
            block, total = [], np.zeros(len(X))
        if is_flag:
            block, total = [*block, place], total + column
            if total.min() == 1:
                found.append(block)
                block, total = [], np.zeros(len(X))
    return found

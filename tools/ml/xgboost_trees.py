"""XGBoost's trees as estimators of scikit-learn that keep what they have learned as XGBoost's own JSON, as text.

Saved models hold these classes by their names, with their attributes: neither may change what it means.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

Matrix = NDArray[np.float64]
Vector = NDArray[Any]
LEFT_OUT = "_read"
"""The attribute that holds the trees as they were read: it is not saved, they are read again."""


class Rounds(xgboost.callback.TrainingCallback):
    """Tells each round."""

    def __init__(self, on_round: Callable[[], None]) -> None:
        self._on_round = on_round

    def after_iteration(self, model: xgboost.Booster, epoch: int, evals_log: object) -> bool:
        """One more is done; False goes on."""
        self._on_round()
        return False


class _Boosted(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Boosted trees by XGBoost's parameters, by their names and its defaults; `device` is where they are learned."""

    device = "cpu"
    callbacks: Sequence[Any] = ()
    """XGBoost's, of a fit; neither they nor the device are parameters."""

    def __init__(
        self,
        n_estimators: int = 100,
        learning_rate: float = 0.3,
        max_depth: int = 6,
        min_child_weight: float = 1.0,
        subsample: float = 1.0,
        colsample_bytree: float = 1.0,
        reg_lambda: float = 1.0,
        reg_alpha: float = 0.0,
        gamma: float = 0.0,
        random_state: int | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.max_depth = max_depth
        self.min_child_weight = min_child_weight
        self.subsample = subsample
        self.colsample_bytree = colsample_bytree
        self.reg_lambda = reg_lambda
        self.reg_alpha = reg_alpha
        self.gamma = gamma
        self.random_state = random_state

    def __sklearn_is_fitted__(self) -> bool:
        """Fitted once there are trees."""
        return hasattr(self, "trees_")

    def __getstate__(self) -> dict[str, Any]:
        """What is saved."""
        return {name: value for name, value in super().__getstate__().items() if name != LEFT_OUT}

    def _learn(self, X: Matrix, y: Vector, sample_weight: Vector | None, **objective: Any) -> None:
        params = {
            name: value for name, value in self.get_params().items() if name not in ("n_estimators", "random_state")
        }
        params |= {"seed": self.random_state or 0, "tree_method": "hist", "verbosity": 0, **objective}
        params["device"] = self.device
        table = xgboost.DMatrix(np.asarray(X, dtype="float64"), label=y, weight=sample_weight)
        learned = xgboost.train(params, table, num_boost_round=self.n_estimators, callbacks=list(self.callbacks))
        if self.device != "cpu":
            # It predicts where it is kept, which has no GPU.
            learned.set_param({"device": "cpu"})
        self.trees_ = learned.save_raw("json").decode()
        self.n_features_in_ = X.shape[1]
        self._read = learned

    def _told(self, X: Matrix) -> Vector:
        """What the trees say of each row: a number, or the probabilities."""
        check_is_fitted(self)
        if not hasattr(self, LEFT_OUT):
            self._read = xgboost.Booster(model_file=bytearray(self.trees_.encode()))
        told: Vector = self._read.inplace_predict(np.asarray(X, dtype="float64"))
        return told


class XGBoostRegressor(RegressorMixin, _Boosted):  # type: ignore[misc]  # scikit-learn has no types
    """Boosted trees for numbers, by squared error."""

    def fit(self, X: Matrix, y: Vector, sample_weight: Vector | None = None) -> XGBoostRegressor:
        """Learn the trees."""
        self._learn(X, np.asarray(y, dtype="float64"), sample_weight, objective="reg:squarederror")
        return self

    def predict(self, X: Matrix) -> Vector:
        """The number of each row."""
        return self._told(X).astype("float64")


class XGBoostClassifier(ClassifierMixin, _Boosted):  # type: ignore[misc]  # scikit-learn has no types
    """Boosted trees for classes, by log loss; `classes_` are their names."""

    def fit(self, X: Matrix, y: Vector, sample_weight: Vector | None = None) -> XGBoostClassifier:
        """Learn the trees."""
        self.classes_, codes = np.unique(y, return_inverse=True)
        several = {"objective": "multi:softprob", "num_class": len(self.classes_)}
        objective = several if len(self.classes_) > 2 else {"objective": "binary:logistic"}
        self._learn(X, codes, sample_weight, **objective)
        return self

    def predict_proba(self, X: Matrix) -> Matrix:
        """The probability of each class, in the order of `classes_`."""
        told = self._told(X).astype("float64")
        return told if told.ndim == 2 else np.column_stack([1 - told, told])

    def predict(self, X: Matrix) -> Vector:
        """The likeliest class of each row."""
        likeliest: Vector = self.classes_[np.argmax(self.predict_proba(X), axis=1)]
        return likeliest

"""A linear model's coefficients, in the units of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, RobustScaler, StandardScaler

from tools.missing_group import MISSING
from tools.ml.metadata import Coefficient, Equation, Intercept
from tools.ml.preprocessing import encoder_of
from tools.ml.training_warns import TrainingWarns
from tools.warned import Warned

OTHERS = "(others)"
LINEAR = (LinearRegression, Ridge, ElasticNet, LogisticRegression)
"""Whose coefficients are of the columns; Lasso is an ElasticNet."""
HIGH_CONDITION = 1e8
"""Of the scaled columns: half of the digits of float64."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class _Term:
    """A column that the estimator sees: a number, or one value of a category."""

    column: str
    level: str | None = None

    @property
    def name(self) -> str:
        return self.column if self.level is None else f"{self.column}[{self.level}]"


def read_coefficients(pipeline: Pipeline) -> Equation:
    """What a fitted linear model says of each column; nothing for other models.

    A number's coefficient is the change of the prediction (of a classifier: of the log odds) with one unit of the
    column. Of a category every value has one: "island[Biscoe]"; rare values share "island[(others)]". Least squares
    cannot tell those from the intercept: its are differences from the value named in `reference`, as in regress.
    """
    model = pipeline["model"]
    if not isinstance(model, LINEAR):
        return Equation()
    terms = _terms(pipeline["prepare"])
    slopes = np.array(model.coef_, dtype="float64", ndmin=2)
    if "order" in pipeline.named_steps:
        slopes = slopes[:, np.argsort(pipeline["order"].kw_args["places"])]
    intercepts = np.resize(np.array(model.intercept_, dtype="float64", ndmin=1), len(slopes))
    asked = _asked_references(pipeline["prepare"])
    shape: dict[str, Any] = {"n_nonzero": int(np.count_nonzero(slopes)), "n_coefficients": int(slopes.size)}
    reference: dict[str, str] = {}
    if isinstance(model, LinearRegression):
        # Without an intercept nothing is collinear, or nothing can be moved into it.
        reference = _compare(terms, asked, slopes, intercepts) if model.fit_intercept else {}
        shape = {"reference": asked | reference}
    elif asked:
        shape |= {"reference": asked}
    _unscale(pipeline["prepare"], slopes, intercepts)
    kept = [at for at, term in enumerate(terms) if term.level is None or reference.get(term.column) != term.level]
    names = [terms[at].name for at in kept]
    return Equation(**shape, **_listed(names, slopes[:, kept], intercepts, getattr(model, "classes_", ())))


def doubts_of(pipeline: Pipeline, is_given: bool) -> list[Warned]:
    """Why coefficients may not be what they seem, or the fit has not settled; `is_given` is whether the penalty was."""
    model, doubts = pipeline["model"], []
    if isinstance(model, TransformedTargetRegressor):
        model = model.regressor_
    if isinstance(model, LinearRegression):
        return _collinear(pipeline["prepare"], model)
    if isinstance(model, MLPClassifier | MLPRegressor) and model.n_iter_ >= model.max_iter:
        doubts.append(TrainingWarns.NETWORK_NOT_SETTLED(n=model.max_iter))
    if isinstance(model, ElasticNet | LogisticRegression) and np.max(model.n_iter_) >= model.max_iter:
        doubts.append(TrainingWarns.NOT_SETTLED(n=model.max_iter))
    if isinstance(model, LINEAR) and not np.any(model.coef_):
        doubts.append(TrainingWarns.ALL_ZERO_AS_GIVEN() if is_given else TrainingWarns.ALL_ZERO())
    return doubts


def _collinear(prepare: ColumnTransformer, model: LinearRegression) -> list[Warned]:
    terms, sizes = _terms(prepare), np.asarray(model.singular_)
    n_categories = len({term.column for term in terms if term.level is not None} - set(_asked_references(prepare)))
    n_shared = len(terms) - n_categories - int(model.rank_)
    doubts = [TrainingWarns.SHARED_COEFFICIENTS(n=n_shared)] if n_shared > 0 else []
    if model.rank_ and sizes[0] > HIGH_CONDITION * sizes[model.rank_ - 1]:
        doubts.append(TrainingWarns.NEARLY_COLLINEAR(condition=sizes[0] / sizes[model.rank_ - 1]))
    return doubts


def _terms(prepare: ColumnTransformer) -> list[_Term]:
    """In the order in which the estimator has them: numbers first."""
    columns = {name: list(columns) for name, _, columns in prepare.transformers_}
    terms = [_Term(column) for column in columns.get("numbers", [])]
    encode = encoder_of(prepare)
    if encode is None:
        return terms
    if isinstance(encode, OrdinalEncoder):
        return terms + [_Term(column) for column in columns["words"]]
    for place, column in enumerate(columns["words"]):
        left_out = _left_out(encode, place)
        terms += [_Term(column, level) for level in _levels(encode, place) if level != left_out]
    return terms


def _levels(encode: OneHotEncoder, place: int) -> list[str]:
    """The values of a category that have a column of their own, and what the rare ones share."""
    rare = encode.infrequent_categories_[place]
    shared = set() if rare is None else set(rare)
    levels = [str(level) for level in encode.categories_[place] if level not in shared]
    return levels + ([OTHERS] if shared else [])


def _left_out(encode: OneHotEncoder, place: int) -> str | None:
    """The value of a category that has no column, where one was left out; None where each has one."""
    at = None if encode.drop_idx_ is None else encode.drop_idx_[place]
    if at is None:
        return None
    level = str(encode.categories_[place][at])
    return level if level in _levels(encode, place) else OTHERS


def _asked_references(prepare: ColumnTransformer) -> dict[str, str]:
    """Of each category without a column for some value: that value, with which the others are compared."""
    encode = encoder_of(prepare)
    if not isinstance(encode, OneHotEncoder):
        return {}
    words = next(list(columns) for name, _, columns in prepare.transformers_ if name == "words")
    found = {column: _left_out(encode, place) for place, column in enumerate(words)}
    return {column: level for column, level in found.items() if level is not None}


def _compare(terms: list[_Term], asked: Mapping[str, str], slopes: Numbers, intercepts: Numbers) -> dict[str, str]:
    """Make each category's coefficients differences from its first value; gives those values.

    Those of `asked` are differences already.
    """
    places: dict[str, list[int]] = {}
    for at, term in enumerate(terms):
        if term.level is not None and term.column not in asked:
            places.setdefault(term.column, []).append(at)
    reference = {}
    for column, own in places.items():
        first = _first(terms, own)
        reference[column] = str(terms[first].level)
        base = slopes[:, first].copy()
        slopes[:, own] -= base[:, None]
        intercepts += base
    return reference


def _first(terms: list[_Term], places: list[int]) -> int:
    """The value that comes first, by size where all are numbers; pooled and missing ones last."""
    named = [at for at in places if terms[at].level not in (MISSING, OTHERS)] or places
    try:
        return min(named, key=lambda at: float(terms[at].level or ""))
    except ValueError:
        return named[0]


def _unscale(prepare: ColumnTransformer, slopes: Numbers, intercepts: Numbers) -> None:
    n_numbers = len(next(columns for name, _, columns in prepare.transformers_ if name == "numbers"))
    if n_numbers:
        numbers = prepare.named_transformers_["numbers"]
        center, width = _scaled_by(numbers[-1] if isinstance(numbers, Pipeline) else numbers)
        slopes[:, :n_numbers] /= width
        intercepts -= slopes[:, :n_numbers] @ (center * np.ones(n_numbers))


def _scaled_by(scaler: BaseEstimator) -> tuple[Numbers, Numbers]:
    """What a scaler takes away from each column, and what it divides by."""
    if isinstance(scaler, StandardScaler):
        return scaler.mean_, scaler.scale_
    if isinstance(scaler, RobustScaler):
        return scaler.center_, scaler.scale_
    if isinstance(scaler, MinMaxScaler):
        return -scaler.min_ / scaler.scale_, 1 / scaler.scale_
    return np.zeros(1), np.ones(1)


def _listed(names: list[str], slopes: Numbers, intercepts: Numbers, classes: Sequence[object]) -> dict[str, Any]:
    labels = [str(label) for label in classes]
    if len(slopes) == 1:
        event = {"event": labels[1]} if labels else {}
        terms = zip(names, slopes[0], strict=True)
        lines = tuple(Coefficient(term=name, estimate=float(slope)) for name, slope in terms)
        return {**event, "intercept": float(intercepts[0]), "coefficients": lines}
    heights = zip(labels, intercepts, strict=True)
    return {
        "intercepts": tuple(Intercept(of_class=label, estimate=float(height)) for label, height in heights),
        "coefficients": tuple(
            Coefficient(term=name, of_class=label, estimate=float(slopes[row, at]))
            for at, name in enumerate(names)
            for row, label in enumerate(labels)
        ),
    }

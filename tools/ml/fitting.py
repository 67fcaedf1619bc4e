"""The fit itself: a penalty settled, columns prepared, the estimator fitted."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline
from sklearn.utils.class_weight import compute_class_weight

from tools.ml.counting import weights_of
from tools.ml.devices import Device, fit_there
from tools.ml.estimators import find, make_estimator
from tools.ml.fit_steps import told_steps
from tools.ml.fit_times import MAX_CHOICE_ROWS, number_in
from tools.ml.job_checks import check_terms
from tools.ml.kept_together import folds_kept_together
from tools.ml.metadata import ChosenPenalty
from tools.ml.model_type import Penalty
from tools.ml.model_types import find_model_type
from tools.ml.penalty import N_FOLDS, Choose, Fitting
from tools.ml.preprocessing import build_pipeline, to_words
from tools.ml.reporting import Report, within
from tools.ml.spec import TrainingSpec
from tools.ml.spreading import side_by_side
from tools.ml.validation import Vector
from tools.ml.word_order import in_order


def fit_pipeline(
    spec: TrainingSpec, train: pd.DataFrame, y: Vector, say: Report
) -> tuple[Pipeline, ChosenPenalty | None, Device]:
    """The pipeline fitted to the training rows, the penalty with where it is from, and what it was fitted on.

    Raises
    ------
    ValueError
        If the model would make more terms of the columns than can be fitted.
    """
    model, settings, chosen = find_model_type(spec.model, spec.task), spec.values, None
    if model.penalty is not None:
        chosen = _settle_penalty(spec, model.penalty, train, y)
        settings = {**settings, chosen.parameter: chosen.value}
        say(f"{chosen.parameter} is {chosen.value:.4g}", 0.3)
    estimator = make_estimator(model, spec, settings)
    pipeline = build_pipeline(spec.kinds, estimator, **choices_of(spec), order=order_of(spec, train))
    X = pipeline[:-1].fit_transform(train, y)
    check_terms(model, X.shape[1], settings)
    with catch_warnings(), side_by_side("trees") if model.spreads else nullcontext():
        simplefilter("ignore", ConvergenceWarning)  # `doubts_of` says it to the person
        weights = _weights(pipeline[-1], y, weights_of(spec, train))
        with told_steps(pipeline[-1], within(say, 0.0 if chosen is None else 0.3, 1.0)):
            device = fit_there(pipeline[-1], X, y, **weights)
    return pipeline, chosen, device


def _weights(estimator: BaseEstimator, y: Vector, weights: Vector | None) -> dict[str, Vector]:
    """The weights of rows, as `fit` takes them; of a forest balanced classes too.

    It is the same fit without the forest's own look-up of class names: that one (scikit-learn 1.9) takes a class that
    is called "1" for the number 1, and does not find it.
    """
    if isinstance(estimator, RandomForestClassifier) and estimator.class_weight == "balanced":
        estimator.set_params(class_weight=None)
        labels, places = np.unique(y, return_inverse=True)
        balanced = compute_class_weight("balanced", classes=labels, y=y, sample_weight=weights)[places]
        weights = balanced if weights is None else balanced * weights
    if weights is None:
        return {}
    return {f"{estimator.steps[-1][0]}__sample_weight" if isinstance(estimator, Pipeline) else "sample_weight": weights}


def choices_of(spec: TrainingSpec) -> dict[str, Any]:
    """How the columns are prepared, as `build_pipeline` takes it: what the job says, else what the model needs."""
    wanted = spec.preparation
    scale: str = wanted.scale
    if scale == "usual":
        needs_scaling = find_model_type(spec.model, spec.task).needs_scaling and spec.defaults == "usual"
        scale = "standard" if needs_scaling else "none"
    fill: str | float = "median" if wanted.missing in ("usual", "drop") else wanted.missing
    fill_words: str = wanted.missing_words
    if fill_words == "usual":
        fill_words = "most_frequent" if fill == "most_frequent" else "own_value"
    return {
        "fill": wanted.fill_value if fill == "constant" else fill,
        "fill_words": fill_words,
        "scale": scale,
        "encode": wanted.encode,
        "max_categories": wanted.max_categories,
    }


def order_of(spec: TrainingSpec, train: pd.DataFrame) -> list[list[str]] | None:
    """The order that codes of categories go by, as `build_pipeline` takes it; nothing where letters tell it."""
    if spec.preparation.encode != "ordinal":
        return None
    found = [to_words(train[name]).unique() for name, kind in spec.kinds.items() if kind == "category"]
    order = [in_order(words) for words in found]
    return None if order == [sorted(words) for words in found] else order


def _settle_penalty(spec: TrainingSpec, penalty: Penalty, train: pd.DataFrame, y: Vector) -> ChosenPenalty:
    """The penalty that was given, else the one that cross-validation inside the training rows finds best."""
    name = penalty.parameter
    if name in spec.values:
        return ChosenPenalty(parameter=name, value=number_in(spec.values, name, penalty.usual), chosen_by="given")
    if spec.defaults == "scikit_learn":
        return ChosenPenalty(parameter=name, value=penalty.usual, chosen_by="usual")
    rows = np.random.default_rng(spec.seed).permutation(len(train))[:MAX_CHOICE_ROWS]
    prepare = build_pipeline(spec.kinds, None, **choices_of(spec), order=order_of(spec, train.iloc[rows]))
    X = prepare[:-1].fit_transform(train.iloc[rows])
    choose: Choose = find(penalty.chosen_by)
    weights = weights_of(spec, train)
    fitting = Fitting(
        rows=len(train),
        seed=spec.seed,
        settings=spec.values,
        weights=None if weights is None else weights[rows],
        folds=folds_kept_together(spec, train.iloc[rows], N_FOLDS),
    )
    choice = choose(X, y[rows], fitting)
    if choice is None:
        return ChosenPenalty(parameter=name, value=penalty.usual, chosen_by="usual")
    return ChosenPenalty(
        parameter=name,
        value=choice.value,
        chosen_by="cross_validation",
        n_rows=choice.n_rows,
        n_folds=choice.n_folds,
    )

"""The fit itself: a penalty settled, columns prepared, the estimator fitted."""

from __future__ import annotations

from collections.abc import Callable
from warnings import catch_warnings, simplefilter

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline

from tools.ml.estimators import find, make_estimator
from tools.ml.fit_times import MAX_CHOICE_ROWS, number_in
from tools.ml.metadata import ChosenPenalty
from tools.ml.model_type import Penalty
from tools.ml.model_types import check_terms, find_model_type
from tools.ml.penalty import Choose, Fitting
from tools.ml.preprocessing import build_pipeline
from tools.ml.spec import TrainingSpec
from tools.ml.validation import Vector

Report = Callable[[str, float], None]
"""Told a sentence and the fraction done, in [0, 1]."""


def fit_pipeline(
    spec: TrainingSpec, train: pd.DataFrame, y: Vector, say: Report
) -> tuple[Pipeline, ChosenPenalty | None]:
    """The pipeline fitted to the training rows, and the penalty with where it is from.

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
    pipeline = build_pipeline(spec.kinds, estimator, **choices_of(spec))
    X = pipeline[:-1].fit_transform(train, y)
    check_terms(model, X.shape[1], settings)
    with catch_warnings():
        simplefilter("ignore", ConvergenceWarning)  # `doubts_of` says it to the person
        pipeline[-1].fit(X, y)
    return pipeline, chosen


def choices_of(spec: TrainingSpec) -> dict[str, str]:
    """How the columns are prepared, as `build_pipeline` takes it: what the job says, else what the model needs."""
    wanted = spec.preparation
    scale: str = wanted.scale
    if scale == "usual":
        scale = "standard" if find_model_type(spec.model, spec.task).needs_scaling else "none"
    fill = wanted.missing if wanted.missing in ("mean", "most_frequent") else "median"
    return {"fill": fill, "scale": scale, "encode": wanted.encode}


def _settle_penalty(spec: TrainingSpec, penalty: Penalty, train: pd.DataFrame, y: Vector) -> ChosenPenalty:
    """The penalty that was given, else the one that cross-validation inside the training rows finds best."""
    name = penalty.parameter
    if name in spec.values:
        return ChosenPenalty(parameter=name, value=number_in(spec.values, name, penalty.usual), chosen_by="given")
    rows = np.random.default_rng(spec.seed).permutation(len(train))[:MAX_CHOICE_ROWS]
    X = build_pipeline(spec.kinds, None, **choices_of(spec))[:-1].fit_transform(train.iloc[rows])
    choose: Choose = find(penalty.chosen_by)
    choice = choose(X, y[rows], Fitting(len(train), spec.seed, spec.values))
    if choice is None:
        return ChosenPenalty(parameter=name, value=penalty.usual, chosen_by="usual")
    return ChosenPenalty(
        parameter=name,
        value=choice.value,
        chosen_by="cross_validation",
        n_rows=choice.n_rows,
        n_folds=choice.n_folds,
    )

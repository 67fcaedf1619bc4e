"""Which rows each fold of cross-validation is fitted to, and which it is tested on."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, StratifiedKFold

from tools.ml.cross_validated import Parts
from tools.ml.kept_together import Sides, fold_by_groups, fold_by_time, groups_of, ranks_of
from tools.ml.spec import TrainingSpec
from tools.ml.training_warns import TrainingWarns
from tools.ml.validation import Vector
from tools.warned import Warned


@dataclass(frozen=True)
class Folds:
    """Pairs of training and test rows; each row is a test row once, but those of the earliest times."""

    parts: tuple[Sides, ...]
    is_stratified: bool
    of: Parts = "rows"
    warnings: tuple[Warned, ...] = ()


def make_folds(spec: TrainingSpec, usable: pd.DataFrame, y: Vector, n_folds: int) -> Folds:
    """Folds of rows shuffled by the job's seed, or in their order, as KFold and StratifiedKFold of scikit-learn do it.

    Classes keep their shares in each fold unless the job says otherwise. Of groups they are GroupKFold's, of times
    TimeSeriesSplit's: expanding windows.

    Parameters
    ----------
    usable : DataFrame of n rows
        The rows that can be used.
    y : array of shape (n,)
        Their targets.

    Raises
    ------
    ValueError
        If a fold would test fewer than two rows, or strata were asked for and some class has fewer rows than folds; if
        groups or times are too few.
    """
    if len(y) < 2 * n_folds:
        raise ValueError(f"{n_folds} folds need at least {2 * n_folds} rows; there are {len(y)}")
    order, groups, ranks = fold_order(spec), groups_of(spec, usable), ranks_of(spec, usable)
    if groups is not None:
        return Folds(fold_by_groups(groups, n_folds, order), is_stratified=False, of="groups")
    if ranks is not None:
        return Folds(fold_by_time(ranks, n_folds), is_stratified=False, of="times")
    plain = KFold(n_folds, **order)
    if spec.task == "regression" or spec.stratify is False:
        return Folds(tuple(plain.split(y)), is_stratified=False)
    _, counts = np.unique(y, return_counts=True)
    if counts.min() < n_folds and spec.stratify:
        raise ValueError(f"some values of {spec.target!r} have fewer rows than {n_folds} folds: leave out stratify")
    rare = (TrainingWarns.RARE_IN_FOLDS(n=int(np.sum(counts < n_folds)), folds=n_folds),)
    parts, is_stratified = fold_by_classes(y, n_folds, order)
    return Folds(parts, is_stratified, warnings=rare if counts.min() < n_folds else ())


def fold_by_classes(y: Vector, n_folds: int, order: dict[str, Any]) -> tuple[tuple[Sides, ...], bool]:
    """Folds in which classes keep their shares, and whether they do: not where each has fewer rows than folds."""
    _, counts = np.unique(y, return_counts=True)
    if counts.max() < n_folds:
        return tuple(KFold(n_folds, **order).split(y)), False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # where it is told, our own words tell it
        return tuple(StratifiedKFold(n_folds, **order).split(y, y)), True


def fold_order(spec: TrainingSpec) -> dict[str, Any]:
    """Whether rows are shuffled before they are parted, and by which seed; `cross_val_score` does not by default."""
    asked = None if spec.cv is None else spec.cv.shuffle
    if asked is None:
        asked = spec.shuffle and spec.defaults == "usual"
    return {"shuffle": True, "random_state": spec.seed} if asked else {"shuffle": False}

"""Rows that belong on one side of a split: those of one group, and those of one time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, GroupShuffleSplit, TimeSeriesSplit

from tools.ml.spec import TrainingSpec

ROW = "_row"
"""The name of the table's own order, which is no column."""

Places = NDArray[np.intp]
"""Row numbers, from 0."""
Sides = tuple[Places, Places]
"""Training and test rows."""


def part_by_groups(groups: NDArray[Any], test_size: float, seed: int) -> Sides:
    """Training and test rows that share no group, as scikit-learn's GroupShuffleSplit draws them.

    `test_size` is the share of the groups, not of the rows.

    Raises
    ------
    ValueError
        If so few groups cannot be parted so.
    """
    n_groups = len(np.unique(groups))
    if not 0 < math.ceil(n_groups * test_size) < n_groups:
        raise ValueError(f"{n_groups} groups cannot be parted so that {test_size:.0%} of them are tested on")
    drawn = GroupShuffleSplit(1, test_size=test_size, random_state=seed)
    train, test = next(drawn.split(groups, groups=groups))
    return train, test


def part_by_time(ranks: Places, test_size: float) -> Sides:
    """The earlier rows and the later, each in the order of time; rows of one time stay together.

    The later are `test_size` of the rows, rounded up, and whatever else is of the time of the first of them. Where no
    time is in two rows, that is train_test_split(shuffle=False) of the sorted table.

    Parameters
    ----------
    ranks : array of shape (n,)
        The place of each row's time among the different times, from 0.

    Raises
    ------
    ValueError
        If all rows are of one time.
    """
    order = np.argsort(ranks, kind="stable")
    sorted_ranks = ranks[order]
    first = max(int(sorted_ranks[len(ranks) - math.ceil(len(ranks) * test_size)]), 1)
    n_train = int(np.searchsorted(sorted_ranks, first))
    if n_train == len(ranks):
        raise ValueError("all rows are of one time: there is no earlier and no later")
    return order[:n_train], order[n_train:]


def fold_by_groups(groups: NDArray[Any], n_folds: int, order: dict[str, Any]) -> tuple[Sides, ...]:
    """Folds that share no group, as scikit-learn's GroupKFold makes them.

    Raises
    ------
    ValueError
        If there are fewer groups than folds.
    """
    if (n_groups := len(np.unique(groups))) < n_folds:
        raise ValueError(f"{n_folds} folds need at least {n_folds} groups; there are {n_groups}")
    return tuple(GroupKFold(n_folds, **order).split(groups, groups=groups))


def fold_by_time(ranks: Places, n_folds: int) -> tuple[Sides, ...]:
    """Expanding windows: each fold is tested on the times that follow those it is trained on.

    scikit-learn's TimeSeriesSplit of the different times; rows of one time stay together, and all are in its order.

    Raises
    ------
    ValueError
        If there are not more times than folds.
    """
    n_times = int(ranks.max()) + 1
    if n_times <= n_folds:
        raise ValueError(
            f"{n_folds} expanding windows need at least {n_folds + 1} different times; there are {n_times}"
        )
    order = np.argsort(ranks, kind="stable")
    windows = TimeSeriesSplit(n_folds).split(np.arange(n_times))
    return tuple((order[np.isin(ranks[order], past)], order[np.isin(ranks[order], later)]) for past, later in windows)


def groups_of(spec: TrainingSpec, frame: pd.DataFrame) -> NDArray[Any] | None:
    """The group of each row; None where the job has no groups."""
    return None if spec.groups is None else frame[spec.groups].to_numpy()


def ranks_of(spec: TrainingSpec, frame: pd.DataFrame) -> Places | None:
    """The place of each row's time among the different times; None where the job has no order of time."""
    if spec.time is None:
        return None
    times = pd.Series(frame.index) if spec.time == ROW else frame[spec.time]
    ranks: Places = pd.factorize(times, sort=True)[0]
    return ranks


def folds_kept_together(spec: TrainingSpec, frame: pd.DataFrame, n_folds: int) -> tuple[Sides, ...] | None:
    """At most so many folds of whole groups or of times; None where the job has neither, or too few of them."""
    groups, ranks = groups_of(spec, frame), ranks_of(spec, frame)
    if groups is not None and (n := min(n_folds, len(np.unique(groups)))) > 1:
        return fold_by_groups(groups, n, {})
    if ranks is not None and (n := min(n_folds, int(ranks.max()))) > 1:
        return fold_by_time(ranks, n)
    return None

"""Which rows a model is fitted to, and which it is tested on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from tools.ml.kept_together import ROW, groups_of, part_by_groups, part_by_time, ranks_of
from tools.ml.model_types import find_model_type
from tools.ml.preprocessing import to_words
from tools.ml.spec import TrainingSpec
from tools.ml.training_warns import TrainingWarns
from tools.ml.validation import Vector
from tools.warned import Warned

MIN_ROWS = 10
UNEVEN = 0.1
"""By how much the share of test rows may miss what was asked for, where rows are kept together, before it is said."""


@dataclass(frozen=True)
class Split:
    """Training and test rows with their targets: numbers as float64, classes as words."""

    train: pd.DataFrame
    test: pd.DataFrame
    y_train: Vector
    y_test: Vector
    is_stratified: bool
    warnings: tuple[Warned, ...]


def split_rows(spec: TrainingSpec, frame: pd.DataFrame) -> Split:
    """The rows that can be used, parted by the job's seed as scikit-learn's `train_test_split` parts them.

    Classes keep their shares in both parts unless the job says otherwise, or some are too rare for that. Rows that are
    not shuffled are in the table's order: the last are tested on. No group is in both parts; where the job says what
    tells the time, the later rows are tested on.

    Raises
    ------
    ValueError
        If fewer than 10 rows can be used, a regression target is constant, fewer than two classes are there, or strata
        were asked for and some class is too rare; if groups or times are too few.
    """
    usable, y, warnings = usable_rows(spec, frame)
    groups, ranks, is_stratified = groups_of(spec, usable), ranks_of(spec, usable), False
    if groups is not None:
        train, test = part_by_groups(groups, spec.test_size, spec.seed)
    elif ranks is not None:
        train, test = part_by_time(ranks, spec.test_size)
    else:
        train, test, is_stratified = _drawn(spec, y)
        warnings += [TrainingWarns.NOT_STRATIFIED()] if wants_strata(spec) and not is_stratified else []
    share = len(test) / len(usable)
    is_whole = groups is not None or ranks is not None
    if is_whole and abs(share - spec.test_size) > UNEVEN:
        warnings.append(TrainingWarns.UNEVEN_PARTS(share=share, asked=spec.test_size))
    if is_whole and spec.task == "classification" and len(np.unique(y[train])) < 2:
        raise ValueError(f"the training rows have one value of {spec.target!r} only: there is nothing to tell apart")
    most = find_model_type(spec.model, spec.task).max_rows or len(train)
    if len(train) > most:
        warnings.append(TrainingWarns.SAMPLED_ROWS(model=spec.model, n=most, of=len(train)))
        # Those that were shuffled are in random order already.
        is_drawn = spec.shuffle and not is_whole
        rows = np.arange(len(train)) if is_drawn else np.random.default_rng(spec.seed).permutation(len(train))
        train = train[rows[:most]]
    return Split(usable.iloc[train], usable.iloc[test], y[train], y[test], is_stratified, tuple(warnings))


def _drawn(spec: TrainingSpec, y: Vector) -> tuple[Vector, Vector, bool]:
    """Training and test rows as `train_test_split` draws them, and whether the classes keep their shares."""
    strata = None
    if wants_strata(spec):
        strata = y if _has_room(y, spec.test_size) else None
        if strata is None and spec.stratify:
            raise ValueError(f"some values of {spec.target!r} are too rare for strata: leave out stratify")
    train, test = train_test_split(
        np.arange(len(y)), test_size=spec.test_size, random_state=spec.seed, shuffle=spec.shuffle, stratify=strata
    )
    return train, test, strata is not None


def wants_strata(spec: TrainingSpec) -> bool:
    """Whether the classes are to have the same shares in both parts, if they can."""
    if spec.task == "regression" or spec.groups is not None or spec.time is not None:
        return False
    if spec.stratify is None:
        return spec.shuffle and spec.defaults == "usual"
    return spec.stratify


def target_values(spec: TrainingSpec, frame: pd.DataFrame) -> Vector:
    """The target as float64, or as class names."""
    if spec.task == "regression":
        numbers: Vector = frame[spec.target].to_numpy(dtype="float64")
        return numbers
    return np.asarray(to_words(frame[spec.target]), dtype=str)


def n_without_target(spec: TrainingSpec, frame: pd.DataFrame) -> int:
    """Rows that have no value to learn from."""
    return int(frame[spec.target].isna().sum())


def usable_rows(spec: TrainingSpec, frame: pd.DataFrame) -> tuple[pd.DataFrame, Vector, list[Warned]]:
    """The rows that a model can be fitted to or tested on, their targets, and what is said of those left out.

    Raises
    ------
    ValueError
        As `split_rows` says.
    """
    usable, warnings = _with_values(spec, frame)
    y = target_values(spec, usable)
    if spec.task == "classification" and len(np.unique(y)) < 2:
        raise ValueError(f"{spec.target!r} has one value only: there is nothing to tell apart")
    if spec.task == "regression" and np.ptp(y) == 0:
        raise ValueError(f"{spec.target!r} is constant: there is nothing to predict")
    return usable, y, warnings


def as_many_as_it_takes(spec: TrainingSpec, n: int) -> Vector:
    """Which of n training rows a model is fitted to: all of them, or as many as its type takes, drawn by the seed."""
    most = find_model_type(spec.model, spec.task).max_rows
    if most is None or n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(spec.seed).permutation(n)[:most])


def _with_values(spec: TrainingSpec, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Warned]]:
    usable, warnings, value = frame[frame[spec.target].notna()], [], f"a value of {spec.target!r}"
    if without := n_without_target(spec, frame):
        warnings.append(TrainingWarns.WITHOUT_TARGET(n=without, target=spec.target))
    if spec.preparation.missing == "drop":
        whole, value = usable.dropna(subset=[*spec.kinds]), f"{value} and of every feature"
        if dropped := len(usable) - len(whole):
            warnings.append(TrainingWarns.DROPPED_ROWS(n=dropped))
        usable = whole
    for name in (spec.groups, spec.time):
        if name in (None, ROW) or not (n := int(usable[name].isna().sum())):
            continue
        warnings.append(TrainingWarns.WITHOUT_PLACE(n=n, name=name))
        usable, value = usable[usable[name].notna()], f"{value} and of {name!r}"
    if len(usable) < MIN_ROWS:
        raise ValueError(f"only {len(usable)} rows have {value}; at least {MIN_ROWS} are needed")
    return usable, warnings


def _has_room(y: Vector, test_size: float) -> bool:
    """Whether each class can be in both parts."""
    _, counts = np.unique(y, return_counts=True)
    n_test = round(len(y) * test_size)
    return bool(counts.min() >= 2 and len(counts) <= n_test <= len(y) - len(counts))

"""Which rows a model is fitted to, and which it is tested on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from tools.ml.model_types import find_model_type
from tools.ml.preprocessing import to_words
from tools.ml.spec import TrainingSpec
from tools.ml.training_warns import TrainingWarns
from tools.ml.validation import Vector
from tools.warned import Warned

MIN_ROWS = 10


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

    Classes keep their shares in both parts unless the job says otherwise, or some are too rare for that.

    Raises
    ------
    ValueError
        If fewer than 10 rows can be used, a regression target is constant, fewer than two classes are there, or strata
        were asked for and some class is too rare.
    """
    usable, warnings = _usable(spec, frame)
    y = target_values(spec, usable)
    if spec.task == "classification" and len(np.unique(y)) < 2:
        raise ValueError(f"{spec.target!r} has one value only: there is nothing to tell apart")
    if spec.task == "regression" and np.ptp(y) == 0:
        raise ValueError(f"{spec.target!r} is constant: there is nothing to predict")
    strata = None
    if spec.task == "classification" and spec.stratify is not False:
        strata = y if _has_room(y, spec.test_size) else None
        if strata is None and spec.stratify:
            raise ValueError(f"some values of {spec.target!r} are too rare for strata: leave out stratify")
        warnings += [TrainingWarns.NOT_STRATIFIED()] if strata is None else []
    train, test, y_train, y_test = train_test_split(
        usable, y, test_size=spec.test_size, random_state=spec.seed, stratify=strata
    )
    most = find_model_type(spec.model, spec.task).max_rows or len(train)
    if len(train) > most:
        warnings.append(TrainingWarns.SAMPLED_ROWS(model=spec.model, n=most, of=len(train)))
        # They are in random order already.
        train, y_train = train.iloc[:most], y_train[:most]
    return Split(train, test, y_train, y_test, strata is not None, tuple(warnings))


def target_values(spec: TrainingSpec, frame: pd.DataFrame) -> Vector:
    """The target as float64, or as class names."""
    if spec.task == "regression":
        numbers: Vector = frame[spec.target].to_numpy(dtype="float64")
        return numbers
    return np.asarray(to_words(frame[spec.target]), dtype=str)


def n_without_target(spec: TrainingSpec, frame: pd.DataFrame) -> int:
    """Rows that have no value to learn from."""
    return int(frame[spec.target].isna().sum())


def _usable(spec: TrainingSpec, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Warned]]:
    usable, warnings, value = frame[frame[spec.target].notna()], [], f"a value of {spec.target!r}"
    if without := n_without_target(spec, frame):
        warnings.append(TrainingWarns.WITHOUT_TARGET(n=without, target=spec.target))
    if spec.preparation.missing == "drop":
        whole, value = usable.dropna(subset=[*spec.kinds]), f"{value} and of every feature"
        if dropped := len(usable) - len(whole):
            warnings.append(TrainingWarns.DROPPED_ROWS(n=dropped))
        usable = whole
    if len(usable) < MIN_ROWS:
        raise ValueError(f"only {len(usable)} rows have {value}; at least {MIN_ROWS} are needed")
    return usable, warnings


def _has_room(y: Vector, test_size: float) -> bool:
    """Whether each class can be in both parts."""
    _, counts = np.unique(y, return_counts=True)
    n_test = round(len(y) * test_size)
    return bool(counts.min() >= 2 and len(counts) <= n_test <= len(y) - len(counts))

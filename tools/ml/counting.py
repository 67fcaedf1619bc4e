"""How rows count when scores are made of them: each by its weight; those of one group are alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tools.ml.kept_together import groups_of
from tools.ml.spec import TrainingSpec
from tools.ml.validation import Vector


@dataclass(frozen=True)
class Counting:
    """Each row's group and weight, arrays of shape (n,); None where every row is one of its own, or counts the same."""

    groups: Vector | None = None
    weights: Vector | None = None

    @property
    def is_plain(self) -> bool:
        """Whether each row counts the same and is alike to no other."""
        return self.groups is None and self.weights is None

    def units(self, n: int) -> tuple[NDArray[np.intp], int]:
        """The number of the group of each of n rows, and how many there are; without groups each row is one."""
        if self.groups is None:
            return np.arange(n), n
        names, places = np.unique(self.groups, return_inverse=True)
        return places, len(names)


def counting_of(spec: TrainingSpec, frame: pd.DataFrame) -> Counting:
    """How the rows of a table count in the scores of a job."""
    return Counting(groups_of(spec, frame), weights_of(spec, frame))


def weights_of(spec: TrainingSpec, frame: pd.DataFrame) -> Vector | None:
    """How much each row counts; None where each counts the same.

    Raises
    ------
    ValueError
        If a weight is missing, negative or not finite, or all are 0.
    """
    if spec.weights is None:
        return None
    weights: Vector = frame[spec.weights].to_numpy(dtype="float64", na_value=np.nan)
    if n := int(np.sum(~(np.isfinite(weights) & (weights >= 0)))):
        rows, them = ("1 row has", "it") if n == 1 else (f"{n} rows have", "them")
        raise ValueError(f"weights: {rows} no value of {spec.weights!r} that is 0 or more: leave {them} out first")
    if not weights.sum():
        raise ValueError(f"weights: all values of {spec.weights!r} are 0 in the rows to train on, or to test on")
    return weights

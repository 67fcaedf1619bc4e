"""Predictions in short; they may come in parts."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.ml.word_order import in_order

if TYPE_CHECKING:
    from tools.ml.validation import Vector


@dataclass(frozen=True)
class NumbersPredicted:
    """Of numbers; sd is None of one row."""

    mean: float
    min: float
    max: float
    sd: float | None


@dataclass(frozen=True)
class ClassesPredicted:
    """How often each class was predicted."""

    counts: dict[str, int]


class NumbersSoFar:
    """Mean and sum of squares about it, merged part by part.

    References
    ----------
    Chan, Golub, LeVeque (1983). Algorithms for computing the sample variance. The American Statistician 37(3), 242-247.
    """

    def __init__(self) -> None:
        self._n, self._mean, self._squares = 0, 0.0, 0.0
        self._min, self._max = math.inf, -math.inf

    def add(self, values: Vector) -> None:
        """Predictions more; at least one."""
        n, mean = len(values), float(values.mean())
        shift, n_all = mean - self._mean, self._n + n
        self._squares += float(((values - mean) ** 2).sum()) + shift**2 * self._n * n / n_all
        self._mean += shift * n / n_all
        self._n = n_all
        self._min, self._max = min(self._min, float(values.min())), max(self._max, float(values.max()))

    def told(self) -> NumbersPredicted:
        """All of them in short."""
        sd = math.sqrt(self._squares / (self._n - 1)) if self._n > 1 else None
        return NumbersPredicted(self._mean, self._min, self._max, sd)


class ClassesSoFar:
    """Counts of classes, added part by part."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, values: Vector) -> None:
        """Predictions more."""
        self._counts.update(map(str, values.tolist()))

    def told(self) -> ClassesPredicted:
        """All of them in short, by the classes' names."""
        return ClassesPredicted({name: self._counts[name] for name in in_order(self._counts)})

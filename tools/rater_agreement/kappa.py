"""Cohen's kappa of a square table of counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tools.stats.floats import Z_95

if TYPE_CHECKING:
    from tools.stats import Floats

ROUNDING = 1e-12
Weights = Literal["none", "linear", "quadratic"]


class UndefinedKappaError(ValueError):
    """Chance alone would make the raters agree in every row, or there is none."""


@dataclass(frozen=True)
class Kappa:
    """Kappa with its standard error and 95 % interval, and p of the null hypothesis that it is 0."""

    kappa: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    agreed: float
    expected: float


def cohens_kappa(counts: Floats, weights: Weights) -> Kappa:
    """Kappa of two raters.

    Parameters
    ----------
    counts : array of shape (n_levels, n_levels)
        Rows: the first rater's category; columns: the second's, in the same order.
    weights : str
        Disagreement by 1 (none), by the distance of the categories, or by its square.

    Raises
    ------
    UndefinedKappaError
        If no row is counted, or both raters give one and the same category only.

    References
    ----------
    Fleiss, Cohen, Everitt (1969). Psychological Bulletin 72, 323-327.
    """
    n = float(counts.sum())
    if n == 0:
        raise UndefinedKappaError("no row has a rating of both")
    if (counts.sum(axis=0) + counts.sum(axis=1) == 2 * n).any():
        raise UndefinedKappaError("both give the same single category in every row: kappa is not defined")
    shares, weight = counts / n, _agreement(len(counts), weights)
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    chance = np.outer(rows, columns)
    agreed, expected = float((weight * shares).sum()), float((weight * chance).sum())
    kappa = (agreed - expected) / (1 - expected)
    means = np.add.outer(weight @ columns, weight @ rows)
    own = (shares * (weight * (1 - expected) - means * (1 - agreed)) ** 2).sum()
    spread = max(0.0, float(own) - (agreed * expected - 2 * expected + agreed) ** 2)
    under_chance = max(0.0, float((chance * (weight - means) ** 2).sum()) - expected**2)
    se, error = math.sqrt(spread / n) / (1 - expected) ** 2, math.sqrt(under_chance / n) / (1 - expected)
    # Where one rater gives one category only, kappa is 0 whatever the other says.
    p = math.erfc(abs(kappa / error) / math.sqrt(2)) if error > ROUNDING else 1.0
    return Kappa(kappa, se, max(-1.0, kappa - Z_95 * se), min(1.0, kappa + Z_95 * se), p, agreed, expected)


def _agreement(size: int, weights: Weights) -> Floats:
    """How far two categories agree: 1 for the same, 0 for the farthest, or for any others."""
    away: Floats = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) / (size - 1)
    agreement: Floats = np.where(away > 0, 0.0, 1.0)
    if weights != "none":
        agreement = 1.0 - away ** (1 if weights == "linear" else 2)
    return agreement

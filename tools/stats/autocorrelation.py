"""Whether residuals that follow one another are alike: Durbin-Watson, with a p that knows the columns."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import integrate, linalg, optimize, stats

from tools.stats.bounds import bound_above
from tools.stats.floats import Floats

MOST_EXACT = 300
"""Rows up to which p is exact; beyond, the normal with the exact mean and variance differs by less than 0.002."""
LEAST_DF = 2
"""With one degree of freedom the statistic is what the columns make it, whatever the residuals are."""
LEAST_INTEGRAL = 1e-7
"""Imhof's integral is right to about 1e-10: a smaller p is given as a bound."""
ROUNDING = 1e-12
"""How far d and the weights may be off."""


@dataclass(frozen=True)
class DurbinWatson:
    """The statistic d in [0, 4], near 2 (1 - r) with r the correlation of neighbouring residuals, and its p.

    `p` is two-sided, given the columns and normal errors; NaN where d has no distribution. `p_method` says how it was
    got, `is_positive` whether d lies in the lower half of what is expected: neighbours alike. `p_is_bound`: all that is
    known of p is that it is below.
    """

    statistic: float
    p: float
    p_method: str
    is_positive: bool
    p_is_bound: bool = False


@dataclass
class Neighbours:
    """Gathers, block by block in the rows' order, what the statistic and its distribution need.

    Parameters
    ----------
    n : int
        Rows in all.
    k : int
        Columns of the design, the intercept's among them.
    """

    n: int
    k: int
    squares: float = 0.0
    steps: float = 0.0
    _last: Floats = field(default_factory=lambda: np.zeros(0))
    _rows: list[Floats] = field(default_factory=list)
    _last_row: Floats = field(init=False)
    _last_step: Floats = field(init=False)
    _first: Floats = field(init=False)
    _second: Floats = field(init=False)

    def __post_init__(self) -> None:
        self._last_row, self._last_step = np.zeros((0, self.k)), np.zeros((1, self.k))
        self._first, self._second = np.zeros((self.k, self.k)), np.zeros((self.k, self.k))

    def add(self, residuals: Floats, columns: Floats) -> None:
        """Take in a block: residuals of shape (rows,), the columns they were fitted by of shape (rows, k)."""
        self.squares += float(residuals @ residuals)
        self.steps += float((np.diff(np.concatenate([self._last, residuals])) ** 2).sum())
        self._last = residuals[-1:]
        if self.n <= MOST_EXACT:
            self._rows.append(columns)
            return
        steps = np.diff(np.vstack([self._last_row, columns]), axis=0)
        turns = np.diff(np.vstack([self._last_step, steps]), axis=0)
        self._first += steps.T @ steps
        self._second += turns.T @ turns
        self._last_row, self._last_step = columns[-1:], steps[-1:] if len(steps) else self._last_step

    def test(self, inverse: Floats) -> DurbinWatson:
        """The statistic and its p; `inverse` is that of the columns' products, shape (k, k)."""
        d = self.steps / self.squares
        if self.n - self.k < LEAST_DF:
            return DurbinWatson(d, math.nan, "", d < 2)
        if self.n <= MOST_EXACT:
            return _exact(d, _weights(np.vstack(self._rows)))
        mean, sd = self._moments(inverse)
        z = (d - mean) / sd
        return DurbinWatson(d, float(2 * stats.norm.sf(abs(z))), "normal, exact moments", z < 0)

    def _moments(self, inverse: Floats) -> tuple[float, float]:
        """Mean and sd of d given the columns (Durbin and Watson 1950, Biometrika 37, 409-428)."""
        n, df = self.n, self.n - self.k
        last = self._last_step  # the end of the band: the step after the last row is none
        second = self._second + last.T @ last
        once = self._first @ inverse
        first_trace = 2 * (n - 1) - float(np.trace(once))
        second_trace = 2 * (3 * n - 4) - 2 * float(np.trace(second @ inverse)) + float((once * once.T).sum())
        mean = first_trace / df
        variance = 2 * (second_trace - first_trace * mean) / (df * (df + 2))
        return mean, math.sqrt(variance)


def _exact(d: float, weights: Floats) -> DurbinWatson:
    """The test given what d weighs the squares with; a p too small for the integral is a bound."""
    if np.ptp(weights) < ROUNDING:
        return DurbinWatson(d, math.nan, "", d < 2)
    below = _below(d, weights)
    p, is_positive = 2 * min(below, 1 - below), below < 0.5
    if p >= LEAST_INTEGRAL:
        return DurbinWatson(d, p, "exact, Imhof", is_positive)
    bound = bound_above(2 * _chernoff(d, weights, is_positive))
    return DurbinWatson(d, bound, "Chernoff's bound", is_positive, p_is_bound=True)


def _chernoff(d: float, weights: Floats, is_lower: bool) -> float:
    """What P(D <= d), or (not is_lower) P(D >= d), cannot be above: the least E exp(s sum (w - d) z²) over s.

    References
    ----------
    Chernoff (1952). Annals of Mathematical Statistics 23, 493-507.
    """
    parts = weights - d if is_lower else d - weights
    parts = parts - ROUNDING  # never on the end of what d can be
    # Only as far as the expectation is a number: 1 - 2 s w > 0 for each of the parts.
    furthest = 0.5 / float(parts.min())
    found = optimize.minimize_scalar(
        lambda s: -0.5 * float(np.log1p(-2 * s * parts).sum()), bounds=(furthest, 0.0), method="bounded"
    )
    return math.exp(min(0.0, float(found.fun)))


def _weights(columns: Floats) -> Floats:
    """What d weighs the squares of independent standard normals with: shape (n - rank,)."""
    n = len(columns)
    whole = linalg.qr(columns, pivoting=True)
    diagonal = np.abs(np.diag(whole[1]))
    rank = int((diagonal > n * np.finfo(np.float64).eps * diagonal[0]).sum())
    steps = np.diff(whole[0][:, rank:], axis=0)
    return np.asarray(np.linalg.eigvalsh(steps.T @ steps), dtype=np.float64)


def _below(d: float, weights: Floats) -> float:
    """P(D < d) of D = sum w z² / sum z²: that sum (w - d) z² is below 0 (Imhof 1961, Biometrika 48, 419-426)."""
    parts = weights - d
    parts = parts / np.abs(parts).max()
    if (parts >= 0).all() or (parts <= 0).all():
        return 0.0 if (parts >= 0).all() else 1.0

    def integrand(u: float) -> float:
        angle = 0.5 * np.arctan(parts * u).sum()
        return float(np.sin(angle) / u * math.exp(-0.25 * np.log1p((parts * u) ** 2).sum()))

    area = float(integrate.quad(integrand, 0, np.inf, limit=500, epsabs=1e-10)[0])
    return min(1.0, max(0.0, 0.5 - area / math.pi))

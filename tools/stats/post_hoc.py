"""Which groups differ, once they do: Tukey, Games and Howell, Dunn with Holm; each p is corrected for all pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import optimize, stats

from tools.stats.bounds import bound_above
from tools.stats.floats import LEVEL, Floats
from tools.stats.found import PairMethod
from tools.stats.multiplicity import correct
from tools.stats.pool import Pool


@dataclass(frozen=True)
class PairComparison:
    """Groups number `a` and `b`: b minus a (means, or mean ranks), p corrected, and a 95 % interval if any.

    `p_method` says how p was got and by what it was corrected; `p_is_bound`, that all that is known is that it is
    below.
    """

    a: int
    b: int
    difference: float
    p: float
    ci_low: float | None
    ci_high: float | None
    p_method: PairMethod
    p_is_bound: bool = False


LEAST_INTEGRAL = 1e-8
"""SciPy's integral of the studentized range is right to about 1e-11: of a smaller p no digit is."""
ROOM = 1e-4
"""Beside the bounds of a quantile, as a share: beyond 100,000 degrees of freedom SciPy takes them for endless."""


def tukey(groups: Sequence[Floats], equal_var: bool) -> list[PairComparison]:
    """Tukey and Kramer's honest differences (equal_var), or Games and Howell's: all pairs by the one or the other.

    Of a p that the integral cannot give a bound is told: the chance that any of the pairs lies so far apart is at most
    the sum of the chances of each, the pair's t times the number of pairs (Bonferroni's inequality).
    """
    k = len(groups)
    means = np.array([group.mean() for group in groups])
    error, df = _errors(groups, equal_var)
    pairs = list(combinations(range(k), 2))
    quantiles = {each: studentized_quantile(LEVEL, k, each) for each in {float(df[pair]) for pair in pairs}}
    method = PairMethod.TUKEY if equal_var else PairMethod.GAMES_HOWELL
    made = []
    for i, j in pairs:
        difference = float(means[j] - means[i])
        p = float(stats.studentized_range.sf(abs(difference) / error[i, j], k, df[i, j]))
        is_bound = p < LEAST_INTEGRAL
        if is_bound:
            p = bound_above(len(pairs) * _pair_p(groups, i, j, equal_var))
        half = quantiles[float(df[i, j])] * float(error[i, j])
        made.append(PairComparison(i, j, difference, p, difference - half, difference + half, method, is_bound))
    return made


def _errors(groups: Sequence[Floats], equal_var: bool) -> tuple[Floats, Floats]:
    """Of each pair what its difference is divided by, and the degrees of freedom, as in scipy.stats.tukey_hsd.

    That function integrates for both orders of a pair, and for each group beside itself: three times as long.
    """
    n = np.array([len(group) for group in groups])
    variances = np.array([group.var(ddof=1) for group in groups])
    if equal_var:
        df = n.sum() - len(groups)
        within = (variances * (n - 1)).sum() / df
        return np.sqrt((1 / n + 1 / n[:, None]) * within / 2), np.full((len(n), len(n)), float(df))
    own = variances / n
    parts = own**2 / (n - 1)
    return np.sqrt(own + own[:, None]) / 2**0.5, (own + own[:, None]) ** 2 / (parts + parts[:, None])


def studentized_quantile(level: float, k: int, df: float) -> float:
    """The quantile of the studentized range of k groups, as `ppf` of SciPy finds it, in half of its time.

    It lies between that of two groups, which is t's, and what Bonferroni's inequality allows for all pairs. There the
    logarithm of the tail is nearly a line of that of the range.
    """
    tail = 1 - level
    low, high = (2**0.5 * float(stats.t.isf(tail / 2 / n, df)) for n in (1, math.comb(k, 2)))

    def beyond(log_range: float) -> float:
        return math.log(float(stats.studentized_range.sf(math.exp(log_range), k, df)) / tail)

    return math.exp(optimize.brentq(beyond, math.log(low) - ROOM, math.log(high) + ROOM, xtol=1e-11))


def _pair_p(groups: Sequence[Floats], i: int, j: int, equal_var: bool) -> float:
    """The two-sided p of one pair by t: with the variance of all groups, or (Welch) of the two."""
    if not equal_var:
        return float(stats.ttest_ind(groups[i], groups[j], equal_var=False).pvalue)
    df = sum(map(len, groups)) - len(groups)
    within = math.fsum(float(((group - group.mean()) ** 2).sum()) for group in groups) / df
    error = math.sqrt(within * (1 / len(groups[i]) + 1 / len(groups[j])))
    away = abs(float(groups[i].mean() - groups[j].mean()))
    return 2 * float(stats.t.sf(away / error, df)) if error > 0 else 0.0


def dunn(groups: Sequence[Floats]) -> list[PairComparison]:
    """Dunn's z of mean ranks with the correction for ties, p by Holm's steps.

    References
    ----------
    Dunn (1964). Technometrics 6(3), 241-252. Holm (1979). Scandinavian Journal of Statistics 6(2), 65-70.
    """
    pool = Pool(groups)
    means = [pool.rank_sum(group) / len(group) for group in groups]
    spread = pool.n * (pool.n + 1) / 12 - pool.ties / (12 * (pool.n - 1))
    pairs = list(combinations(range(len(groups)), 2))
    raw = []
    for i, j in pairs:
        error = math.sqrt(spread * (1 / len(groups[i]) + 1 / len(groups[j])))
        raw.append(2 * float(stats.norm.sf(abs(means[i] - means[j]) / error)))
    return [
        PairComparison(i, j, float(means[j] - means[i]), p, None, None, PairMethod.NORMAL)
        for (i, j), p in zip(pairs, correct(raw), strict=True)
    ]

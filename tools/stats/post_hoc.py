"""Which groups differ, once they do: Tukey, Games and Howell, Dunn with Holm; each p is corrected for all pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from scipy import stats

from tools.stats.floats import Floats
from tools.stats.multiplicity import correct
from tools.stats.pool import Pool


@dataclass(frozen=True)
class PairComparison:
    """Groups number `a` and `b`: b minus a (means, or mean ranks), p corrected, and a 95 % interval if any."""

    a: int
    b: int
    difference: float
    p: float
    ci_low: float | None
    ci_high: float | None


def tukey(groups: Sequence[Floats], equal_var: bool) -> list[PairComparison]:
    """Tukey and Kramer's honest differences (equal_var), or Games and Howell's."""
    found = stats.tukey_hsd(*groups, equal_var=equal_var)
    interval = found.confidence_interval(0.95)
    return [
        PairComparison(
            a=i,
            b=j,
            difference=float(found.statistic[j, i]),
            p=float(found.pvalue[j, i]),
            ci_low=float(interval.low[j, i]),
            ci_high=float(interval.high[j, i]),
        )
        for i, j in combinations(range(len(groups)), 2)
    ]


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
        PairComparison(i, j, float(means[j] - means[i]), p, None, None)
        for (i, j), p in zip(pairs, correct(raw), strict=True)
    ]

"""More about a number column, by group: interval of the mean, other means, all modes, Pearson's skewness."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

from tools.stats.floats import LEVEL
from tools.stats.summary import Fetch, NumberSummary, pearson_skewness, values_of

MAX_MODES = 10


@dataclass(frozen=True)
class FurtherSummary:
    """What is told of a column when it is looked at closely; None where it is not defined.

    `ci_low` and `ci_high` bound the mean with 95 % confidence, by Student's t. The geometric and the harmonic mean are
    of positive values only. `modes` are all most frequent values, the smallest first, at most ten of `n_modes`.
    """

    sum: float | None
    variance: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    range: float | None
    iqr: float | None
    mad: float | None
    cv: float | None
    geometric_mean: float | None
    harmonic_mean: float | None
    modes: tuple[float, ...]
    n_modes: int
    pearson_mode_skewness: float | None
    pearson_median_skewness: float | None


def summarize_further(
    fetch: Fetch, column: str, by: str | None, summaries: Sequence[NumberSummary], ddof: int = 1
) -> list[FurtherSummary]:
    """One for each of the column's summaries, in their order.

    Parameters
    ----------
    column, by : str
        Quoted SQL identifiers, as `summaries` were made with.
    """
    values = values_of(column, by, "DOUBLE")
    rows = fetch(
        f"""
        WITH v AS ({values}), c AS (SELECT g, median(x) AS middle FROM v GROUP BY g)
        SELECT c.g, fsum(x), median(abs(x - middle)), min(x),
               favg(CASE WHEN x > 0 THEN ln(x) END), favg(CASE WHEN x > 0 THEN 1 / x END)
        FROM c LEFT JOIN v ON v.g IS NOT DISTINCT FROM c.g GROUP BY ALL
        """
    )
    numbers = {group: found for group, *found in rows}
    modes = _all_modes(fetch, values)
    return [_further(line, numbers.get(line.group, [None] * 5), modes.get(line.group, []), ddof) for line in summaries]


def _all_modes(fetch: Fetch, values: str) -> dict[str | None, list[float]]:
    rows = fetch(
        f"""
        SELECT g, x FROM (SELECT g, x, count(*) AS k FROM ({values}) WHERE x IS NOT NULL GROUP BY g, x)
        WHERE k > 1 QUALIFY k = max(k) OVER (PARTITION BY g) ORDER BY g, x
        """
    )
    modes: dict[str | None, list[float]] = {}
    for group, value in rows:
        modes.setdefault(group, []).append(value)
    return modes


def _further(line: NumberSummary, numbers: Sequence[float | None], modes: Sequence[float], ddof: int) -> FurtherSummary:
    total, mad, low, mean_log, mean_inverse = numbers
    n, mean = line.n, line.mean
    # The interval takes the sample's sd, whatever was asked for the sd itself.
    spread = None if line.sd is None or n < 2 else line.sd * math.sqrt((n - ddof) / (n - 1) / n)
    reach = None if spread is None else float(special.stdtrit(n - 1, (1 + LEVEL) / 2)) * spread
    is_positive = low is not None and low > 0
    by_mode, by_median = pearson_skewness(line)
    return FurtherSummary(
        sum=_finite(total),
        variance=None if line.sd is None else _square(line.sd),
        se=spread,
        ci_low=None if reach is None or mean is None else mean - reach,
        ci_high=None if reach is None or mean is None else mean + reach,
        range=None if line.max is None or line.min is None else _finite(line.max - line.min),
        iqr=None if line.q3 is None or line.q1 is None else line.q3 - line.q1,
        mad=mad,
        cv=None if line.sd is None or not mean else line.sd / mean,
        geometric_mean=math.exp(mean_log) if is_positive and mean_log is not None else None,
        harmonic_mean=1 / mean_inverse if is_positive and mean_inverse and math.isfinite(mean_inverse) else None,
        modes=tuple(modes[:MAX_MODES]),
        n_modes=len(modes),
        pearson_mode_skewness=by_mode,
        pearson_median_skewness=by_median,
    )


def _square(value: float) -> float | None:
    """None where the square is beyond what float64 holds, above or below."""
    square = value * value
    return _finite(square) if square or not value else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None

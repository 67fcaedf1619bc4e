"""Tables of counts: chi-square, Fisher, McNemar, goodness of fit; sizes of association with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from tools.stats.comparison import TooFewValues
from tools.stats.fisher import LEAST_EXPECTED, MOST_ROWS, fisher_p, needs_fisher
from tools.stats.floats import LEVEL, Z_95, Floats
from tools.stats.found import CountP, CountTest, Effect, EffectName


@dataclass(frozen=True)
class TableTest:
    """One test of a table of counts; `expected` and `residuals` have its shape (rows of lists).

    `tests` holds the tests that people give of a 2 by 2 table, side by side; the one of the result is the main one.
    `p_interval` bounds a p that was drawn, with 95 %; `has_filled_cells`: 0.5 was added to each cell for the ratios.
    """

    test: CountTest
    statistic: float | None
    df: float | None
    p: float
    effect: Effect
    expected: list[list[float]]
    residuals: list[list[float]]
    ratios: tuple[Effect, ...]
    p_method: str
    p_interval: tuple[float, float] | None = None
    tests: tuple[CountP, ...] = ()
    has_filled_cells: bool = False

    @property
    def few_expected(self) -> list[float]:
        """The expected counts below 5: a p by chi-square is rough then."""
        return [value for row in self.expected for value in row if value < LEAST_EXPECTED]


def examine_counts(counts: Floats, asked: CountTest | None, seed: int = 0) -> TableTest:
    """Independence of rows and columns (McNemar: of the two off-diagonal counts).

    Where none is asked for: Fisher's exact test where an expected count is below 5, else Pearson's chi-square
    without Yates's correction, which makes it too cautious.

    Parameters
    ----------
    counts : array of shape (n_rows, n_columns)
        No row and no column of zeros; at least two of each.
    """
    if min(counts.shape) < 2:
        raise TooFewValues("one of the columns has a single value: there is nothing to compare")
    is_square = counts.shape == (2, 2)
    expected = stats.contingency.expected_freq(counts)
    test: CountTest = asked or ("fisher" if needs_fisher(counts) else "chi_square")
    if test in ("mcnemar", "chi_square_corrected") and not is_square:
        raise TooFewValues(f"{test} needs a table of 2 by 2; this one is {counts.shape[0]} by {counts.shape[1]}")
    main, interval = _run(test, counts, seed)
    ratios = (odds_ratio(counts), risk_ratio(counts)) if is_square and test != "mcnemar" else ()
    return TableTest(
        test=test,
        statistic=main.statistic,
        df=main.df,
        p=main.p,
        effect=cramers_v(counts) if test != "mcnemar" else _discordant_odds(counts),
        expected=expected.tolist(),
        residuals=_adjusted_residuals(counts, expected).tolist(),
        ratios=ratios,
        p_method=main.p_method,
        p_interval=interval,
        tests=tuple(_run(name, counts, seed)[0] for name in SIDE_BY_SIDE) if ratios else (),
        has_filled_cells=is_square and bool((counts == 0).any()),
    )


SIDE_BY_SIDE: tuple[CountTest, ...] = ("chi_square", "chi_square_corrected", "fisher")


def _run(test: CountTest, counts: Floats, seed: int) -> tuple[CountP, tuple[float, float] | None]:
    """The test, and the 95 % interval of a p that was drawn."""
    if test == "mcnemar":
        b, c = float(counts[0, 1]), float(counts[1, 0])
        if b + c == 0:
            raise TooFewValues("no pair changed: McNemar's test has nothing to go by")
        if b + c < 25:
            p = float(stats.binomtest(int(min(b, c)), int(b + c)).pvalue)
            return CountP(test, min(b, c), None, p, "exact"), None
        # As in R, never a correction beyond 0: statsmodels makes 1 / (b + c) of two equal counts.
        statistic = max(0.0, abs(b - c) - 1) ** 2 / (b + c)
        p = float(stats.chi2.sf(statistic, 1))
        return CountP(test, statistic, 1.0, p, "chi-square, continuity corrected"), None
    if test == "fisher":
        if counts.size > 4 and counts.sum() > MOST_ROWS:
            raise TooFewValues(f"Fisher's test of a table of {int(counts.sum())} rows takes too long; use chi_square")
        found = fisher_p(counts, seed=seed)
        interval = None if found.ci_low is None or found.ci_high is None else (found.ci_low, found.ci_high)
        return CountP(test, None, None, found.p, found.method), interval
    is_corrected = test == "chi_square_corrected"
    pearson = stats.chi2_contingency(counts, correction=is_corrected)
    method = "chi-square, Yates" if is_corrected else "chi-square"
    return CountP(test, float(pearson.statistic), float(pearson.dof), float(pearson.pvalue), method), None


def cramers_v(counts: Floats) -> Effect:
    """Cramér's V from chi-square, with the interval of the noncentral chi-square, within [0, 1].

    References
    ----------
    Smithson (2003). Confidence intervals. Sage.
    """
    chi2 = float(stats.chi2_contingency(counts, correction=False).statistic)
    n, k = float(counts.sum()), min(counts.shape) - 1
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    tail = (1 - LEVEL) / 2

    def bound(share: float) -> float:
        if float(stats.chi2.cdf(chi2, df)) < share:
            return 0.0
        high = max(1.0, 2 * chi2)
        while float(stats.ncx2.cdf(chi2, df, high)) > share:
            high *= 2
        nc = optimize.brentq(lambda value: float(stats.ncx2.cdf(chi2, df, value)) - share, 1e-12, high, xtol=1e-9)
        return min(1.0, math.sqrt(float(nc) / (n * k)))

    v = math.sqrt(chi2 / (n * k))
    # Where chi-square is below its own 2.5 % point no noncentrality fits: the interval then ends at V itself.
    return Effect("cramers_v", v, min(v, bound(1 - tail)), max(v, bound(tail)))


def odds_ratio(counts: Floats) -> Effect:
    """(a d) / (b c) of a 2 by 2 table, with Woolf's interval; with a zero, 0.5 is added to each cell (Haldane).

    Beside a zero SciPy's odds ratio and relative risk have no interval, and statsmodels adds 0.5 to that cell alone.
    """
    a, b, c, d = _cells(counts)
    return _ratio("odds_ratio", a * d / (b * c), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d))


def risk_ratio(counts: Floats) -> Effect:
    """Share of the first column in the first row over that in the second, with Katz's interval."""
    a, b, c, d = _cells(counts)
    ratio = (a / (a + b)) / (c / (c + d))
    return _ratio("risk_ratio", ratio, math.sqrt(max(0.0, 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))))


def _discordant_odds(counts: Floats) -> Effect:
    """b / c of the changed pairs, McNemar's odds ratio."""
    _, b, c, _ = _cells(counts)
    return _ratio("odds_ratio", b / c, math.sqrt(1 / b + 1 / c))


def _cells(counts: Floats) -> tuple[float, float, float, float]:
    cells = counts + 0.5 if (counts == 0).any() else counts
    return float(cells[0, 0]), float(cells[0, 1]), float(cells[1, 0]), float(cells[1, 1])


def _ratio(name: EffectName, value: float, error: float) -> Effect:
    half = Z_95 * error
    return Effect(name, value, value * math.exp(-half), value * math.exp(half))


def _adjusted_residuals(counts: Floats, expected: Floats) -> Floats:
    """(observed - expected) over its standard error under independence; beyond 2 a cell stands out (Agresti)."""
    n = counts.sum()
    rows = counts.sum(axis=1, keepdims=True) / n
    columns = counts.sum(axis=0, keepdims=True) / n
    residuals: Floats = (counts - expected) / np.sqrt(expected * (1 - rows) * (1 - columns))
    return residuals


def goodness_of_fit(counts: Floats, shares: Sequence[float] | None) -> TableTest:
    """Pearson's chi-square of counts against expected shares (all the same by default); the effect is Cohen's w."""
    if len(counts) < 2:
        raise TooFewValues("the column has a single value: there is nothing to compare")
    n = float(counts.sum())
    wanted = np.full(len(counts), 1 / len(counts)) if shares is None else np.asarray(shares, dtype=np.float64)
    if len(wanted) != len(counts) or (wanted <= 0).any() or abs(wanted.sum() - 1) > 1e-6:
        raise TooFewValues(f"shares: give {len(counts)} numbers above 0 whose sum is 1, in the order of the values")
    expected = n * wanted / wanted.sum()
    found = stats.chisquare(counts, expected)
    w = math.sqrt(float(found.statistic) / n)
    residuals = (counts - expected) / np.sqrt(expected * (1 - expected / n))
    return TableTest(
        test="goodness_of_fit",
        statistic=float(found.statistic),
        df=float(len(counts) - 1),
        p=float(found.pvalue),
        effect=Effect("cohens_w", w, None, None),
        expected=[expected.tolist()],
        residuals=[residuals.tolist()],
        ratios=(),
        p_method="chi-square",
    )


def as_counts(rows: Sequence[Sequence[float]]) -> Floats:
    """Counts as an array of shape (n_rows, n_columns)."""
    return np.array(rows, dtype=np.float64)

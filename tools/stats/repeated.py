"""The same subjects measured three times or more: Friedman's ranks, and the analysis of variance within subjects."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy import stats

from tools.stats.comparison import TestResult, TooFewValues, paired_t, wilcoxon
from tools.stats.effects import share_of_variance
from tools.stats.exact_ranks import friedman_p
from tools.stats.floats import Floats
from tools.stats.found import Effect, PairMethod, Sphericity
from tools.stats.multiplicity import correct
from tools.stats.post_hoc import PairComparison


def friedman(columns: Sequence[Floats]) -> TestResult:
    """Friedman's chi-square of ranks within subjects, corrected for ties; the effect is Kendall's W.

    p is counted out to 10 subjects, where the orders of their values are few enough.

    Parameters
    ----------
    columns : sequence of arrays of shape (n,)
        One for each of three or more times or treatments; a row is a subject.
    """
    table = _table(columns)
    ranks = np.apply_along_axis(stats.rankdata, 1, table)
    if np.ptp(ranks) == 0:
        raise TooFewValues("within each subject all values are the same: there is nothing to rank")
    found = stats.friedmanchisquare(*columns)
    n, k = table.shape
    w = Effect("kendalls_w", float(found.statistic) / (n * (k - 1)), None, None)
    h, exact = float(found.statistic), friedman_p(table)
    p, method = (float(found.pvalue), "chi-square") if exact is None else (exact, "exact")
    return TestResult("friedman", h, k - 1, None, p, w, None, p_method=method)


def repeated_anova(columns: Sequence[Floats]) -> tuple[TestResult, Sphericity]:
    """F of the times against the residuals within subjects; p is uncorrected, the corrected ones stand beside.

    The effect is partial eta squared. Subjects and times are taken out of the values before squaring.

    References
    ----------
    Greenhouse, Geisser (1959). Psychometrika 24, 95-112. Huynh, Feldt (1976). J. Educational Statistics 1, 69-82.
    """
    table = _table(columns)
    n, k = table.shape
    table = table - np.median(table)
    times = table.mean(axis=0)
    left = table - table.mean(axis=1, keepdims=True)
    residuals = left - left.mean(axis=0)
    between = n * float(((times - times.mean()) ** 2).sum())
    within = float((residuals**2).sum())
    if within <= 1e-28 * between or within == 0:
        raise TooFewValues("all subjects change alike: there is nothing to measure the change by")
    df1, df2 = k - 1, (k - 1) * (n - 1)
    f = (between / df1) / (within / df2)
    effect = share_of_variance(f, df1, df2, "partial_eta_squared")
    p = float(stats.f.sf(f, df1, df2))
    result = TestResult("repeated_anova", f, df1, df2, p, effect, None, p_method="F")
    return result, _sphericity(table, f)


def _sphericity(table: Floats, f: float) -> Sphericity:
    n, k = table.shape
    covariance = np.cov(table, rowvar=False)
    centered = covariance - covariance.mean(axis=0) - covariance.mean(axis=1)[:, None] + covariance.mean()
    geisser = float(np.trace(centered) ** 2 / ((k - 1) * (centered**2).sum()))
    # Of as few subjects as times the correction is not defined: there is none.
    room = (k - 1) * (n - 1 - (k - 1) * geisser)
    feldt = min(1.0, (n * (k - 1) * geisser - 2) / room) if room > 1e-9 else 1.0
    df1, df2 = k - 1, (k - 1) * (n - 1)
    corrected = [float(stats.f.sf(f, epsilon * df1, epsilon * df2)) for epsilon in (geisser, feldt)]
    return Sphericity(geisser, feldt, corrected[0], corrected[1])


def paired_differences(columns: Sequence[Floats], by_ranks: bool) -> list[PairComparison]:
    """Each two times by the paired t, or by Wilcoxon's ranks; p by Holm's steps, the interval is of one comparison."""
    pairs = list(combinations(range(len(columns)), 2))
    found: list[TestResult | None] = []
    for i, j in pairs:
        try:
            found.append((wilcoxon if by_ranks else paired_t)(columns[j], columns[i]))
        except TooFewValues:
            found.append(None)  # all differences are alike: no p
    corrected = correct([1.0 if one is None else one.p for one in found])
    made = []
    for (i, j), one, p in zip(pairs, found, corrected, strict=True):
        moved = None if one is None else one.difference
        value = float(np.median(columns[j] - columns[i])) if moved is None else moved.value
        low, high = (None, None) if moved is None else (moved.ci_low, moved.ci_high)
        method = PairMethod.NONE if one is None else PairMethod(f"{one.p_method}, Holm")
        made.append(PairComparison(i, j, value, p, low, high, method))
    return made


def residuals_within(columns: Sequence[Floats]) -> Floats:
    """What is left of the values without the subjects' and the times' means: whose normality F assumes."""
    table = _table(columns)
    left = table - table.mean(axis=1, keepdims=True)
    residuals: Floats = (left - left.mean(axis=0)).ravel()
    return residuals


def _table(columns: Sequence[Floats]) -> Floats:
    if len(columns) < 3:
        raise TooFewValues(f"{len(columns)} measurements of each subject; this test takes three or more")
    table: Floats = np.column_stack(columns)
    if len(table) < 2:
        raise TooFewValues(f"{len(table)} subjects have all values; the test needs at least 2")
    return table

"""crosstab in an exported script: pandas' table and SciPy's tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tools.crosstab.result import Counted
from tools.each_value import EachValue
from tools.results import MadeCall
from tools.scripting import Script
from tools.scripts.counted_p import need_fisher
from tools.scripts.each_value import show_each
from tools.stats.fisher import fisher_p


def script(writer: Script, number: int, call: MadeCall[Counted | EachValue[Counted]]) -> None:
    """The test of the counts, once or for each value of `by`."""
    row, column, shares = (call.arguments.get(name) for name in ("row", "column", "shares"))

    def count(result: Counted) -> str:
        if column is None:
            writer.need(count_values)
            return f"count_values(frame[{row!r}], {shares!r})"
        writer.need(count_pairs)
        need_fisher(writer)
        return f"count_pairs(pd.crosstab(frame[{row!r}], frame[{column!r}]), {result.test!r})"

    show_each(writer, number, "crosstab", call, count)


def count_pairs(table: pd.DataFrame, test: str) -> dict[str, Any]:
    """One test of a table of counts: its statistic, if it has one, and p."""
    counts = table.to_numpy()
    if test == "fisher":
        return {"test": test, "p": fisher_p(counts).p}
    if test == "mcnemar":
        b, c = counts[0, 1], counts[1, 0]
        if b + c < 25:
            return {"test": test, "p": float(stats.binomtest(int(min(b, c)), int(b + c)).pvalue)}
        statistic = (abs(b - c) - 1) ** 2 / (b + c)
        return {"test": test, "statistic": float(statistic), "p": float(stats.chi2.sf(statistic, 1))}
    found = stats.chi2_contingency(counts, correction=test == "chi_square_corrected")
    return {"test": test, "statistic": float(found.statistic), "df": float(found.dof), "p": float(found.pvalue)}


def count_values(values: pd.Series, shares: list[float] | None) -> dict[str, Any]:
    """Goodness of fit of the counts of values, in their order, to shares; even ones where none are given."""
    counts = values.value_counts().sort_index()
    found = stats.chisquare(counts, None if shares is None else counts.sum() * np.asarray(shares))
    return {"test": "goodness_of_fit", "statistic": float(found.statistic), "p": float(found.pvalue)}

"""What pictures ask of the table: counts, quantiles and samples, computed where the rows are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.data.base import drawn_rows, quote_string
from tools.plots.canvas import MAX_GROUPS
from tools.plots.notes import Notes
from tools.stats.summary import Row
from tools.warned import Warned

Fetch = Callable[[str], list[Row]]
"""Runs one SELECT over the view `data`. Its results have no names: a column of the table may have any name."""
Floats = NDArray[np.float64]
Correlate = Callable[[Sequence["Axis"], Sequence[tuple[int, int]]], Sequence[float | None]]
"""Gives Pearson's r of pairs of these columns, by their places; None where it is not defined."""

MAX_POINTS = 5_000
MAX_SAMPLE = 50_000


class NothingToDraw(Exception):
    """The columns hold nothing that the picture could show; the message says why."""


@dataclass(frozen=True)
class Axis:
    """One column as a picture takes it: `sql` is a number (of dates: days since 1970), `name` what it is called."""

    name: str
    sql: str
    is_time: bool = False


@dataclass(frozen=True)
class Group:
    """One colour: its label, a SQL condition that its rows keep, and how many there are."""

    label: str
    condition: str
    n: int


def count(fetch: Fetch, *present: str) -> tuple[int, tuple[Warned, ...]]:
    """Rows in which all of these expressions are present, and a note about the others; NothingToDraw if none is."""
    condition = " AND ".join(f"({sql}) IS NOT NULL" for sql in present) or "true"
    n, n_rows = fetch(f"SELECT count(*) FILTER ({condition}), count(*) FROM data")[0]
    if n == 0:
        raise NothingToDraw(f"none of {n_rows} rows holds all that the picture needs")
    return n, (Notes.MISSING_VALUES(n_left=n_rows - n),) if n_rows > n else ()


def groups(fetch: Fetch, color: Axis | None, *present: str) -> tuple[list[Group], tuple[Warned, ...]]:
    """The groups to draw, counted over the rows in which all of these expressions are present, and notes about the
    other rows; NothingToDraw where no row is left.

    They are the most frequent values of the grouping column, at most as many as there are colours; without a grouping
    column one group holds all.
    """
    n, missing = count(fetch, *present)
    if color is None:
        return [Group("", "true", n)], missing
    found = fetch(
        f"SELECT CAST({color.sql} AS VARCHAR), count(*) FROM data "
        f"WHERE {' AND '.join(f'({sql}) IS NOT NULL' for sql in present)} "
        "GROUP BY 1 ORDER BY 2 DESC, 1 NULLS LAST"
    )
    kept = sorted(found[:MAX_GROUPS], key=lambda row: _natural(row[0]))
    chosen = [Group("missing" if g is None else g, _is(color.sql, g), n) for g, n in kept]
    left = found[MAX_GROUPS:]
    n_left = sum(n for _, n in left)
    others = Notes.OTHER_GROUPS(most=MAX_GROUPS, n_groups=len(left), n_rows=n_left)
    return chosen, (*missing, others) if left else missing


def total(drawn: Sequence[Group]) -> int:
    """The rows in these groups, which is the n of a picture that draws them."""
    return sum(group.n for group in drawn)


def _natural(value: str | None) -> tuple[int, float, str]:
    """Numbers by size, words by letters, a missing value last."""
    if value is None:
        return (2, 0.0, "")
    try:
        return (0, float(value), "")
    except ValueError:
        return (1, 0.0, value)


def _is(column: str, value: str | None) -> str:
    if value is None:
        return f"{column} IS NULL"
    return f"CAST({column} AS VARCHAR) = {quote_string(value)}"


def sample(fetch: Fetch, sqls: Sequence[str], condition: str, most: int) -> tuple[Floats, int]:
    """The expressions' values where all are present, shape (n, len(sqls)), at most about `most`; and how many there
    were to choose from. The rows with the least and the largest value of each are always among them.
    """
    whole = " AND ".join([f"({sql}) IS NOT NULL" for sql in sqls] + [f"({condition})"])
    ((n,),) = fetch(f"SELECT count(*) FROM data WHERE {whole}")
    drawn = "true"
    if n > most:
        ends = ", ".join(f"arg_min(_row, {sql}), arg_max(_row, {sql})" for sql in sqls)
        kept = ", ".join(str(row) for row in fetch(f"SELECT {ends} FROM data WHERE {whole}")[0])
        drawn = f"({drawn_rows(n, most)} OR _row IN ({kept}))"
    rows = fetch(f"SELECT {', '.join(sqls)} FROM data WHERE {whole} AND {drawn}")
    return np.array(rows, dtype=np.float64).reshape(-1, len(sqls)), n


def quantiles(fetch: Fetch, sql: str, condition: str, shares: Sequence[float]) -> Floats:
    """Exact quantiles over all rows, interpolated linearly (R's type 7)."""
    listed = ", ".join(repr(float(share)) for share in shares)
    found = fetch(f"SELECT quantile_cont(CAST({sql} AS DOUBLE), [{listed}]) FROM data WHERE {condition}")[0][0]
    return np.array(found, dtype=np.float64)


def bin_counts(fetch: Fetch, sql: str, condition: str, edges: Floats) -> Floats:
    """How many values fall in each bin; bins hold their lower edge, the last one both."""
    low, width, n_bins = float(edges[0]), float(edges[1] - edges[0]), len(edges) - 1
    index = f"greatest(0, least({n_bins - 1}, CAST(floor((({sql}) - {low!r}) / {width!r}) AS BIGINT)))"
    rows = fetch(f"SELECT {index}, count(*) FROM data WHERE ({sql}) IS NOT NULL AND ({condition}) GROUP BY 1")
    counts = np.zeros(n_bins)
    for place, number in rows:
        counts[place] = number
    return counts


def grid_counts(fetch: Fetch, x: str, y: str, edges: tuple[Floats, Floats]) -> Floats:
    """How many points fall in each cell of a grid, shape (x bins, y bins)."""
    indices = []
    for sql, own in zip((x, y), edges, strict=True):
        step = f"(({sql}) - {float(own[0])!r}) / {float(own[1] - own[0])!r}"
        indices.append(f"greatest(0, least({len(own) - 2}, CAST(floor({step}) AS BIGINT)))")
    rows = fetch(
        f"SELECT {indices[0]}, {indices[1]}, count(*) FROM data "
        f"WHERE ({x}) IS NOT NULL AND ({y}) IS NOT NULL GROUP BY 1, 2"
    )
    counts = np.zeros((len(edges[0]) - 1, len(edges[1]) - 1))
    for i, j, number in rows:
        counts[i, j] = number
    return counts

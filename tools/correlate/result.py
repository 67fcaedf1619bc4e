"""What correlate finds, and what it warns of."""

from __future__ import annotations

from typing import Literal

from tools.pictured import Picture
from tools.results import Fields, Result
from tools.warned import Warns

Method = Literal["pearson", "spearman", "kendall", "point_biserial", "cramers_v"]


class Pair(Fields):
    """Two columns, in one group where there are groups; r and p are None where r is not defined.

    `levels` are a point-biserial r's two values; `p_interval` bounds a p that was drawn.
    """

    x: str
    y: str
    group: str | None = None
    group_values: tuple[str | None, ...] = ()
    r: float | None
    p: float | None
    n: int
    ci_low: float | None
    ci_high: float | None
    p_method: str | None
    p_is_bound: bool = False
    p_interval: tuple[float, float] | None = None
    levels: tuple[str, ...] = ()
    p_adjusted: float | None = None
    p_adjusted_is_bound: bool = False
    p_adjusted_method: str | None = None

    @property
    def p_read(self) -> float | None:
        """The p to judge it by: the adjusted one among many."""
        return self.p if self.p_adjusted is None else self.p_adjusted


class Correlations(Result):
    """All pairs; `by` names the columns where several make the groups."""

    method: Method
    pairs: tuple[Pair, ...]
    by: tuple[str, ...] | None = None
    controls: tuple[str, ...] = ()
    sampled: bool
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    interpretation: str
    picture: Picture


class CorrelationWarns(Warns):
    """Its warnings."""

    SAMPLED = "of about {most:,} rows drawn by chance of {n:,}"
    IDLE_CONTROLS = "of {n} controls only {n_counted} count: the others do not vary here, or say what these say"
    NO_R = "some pairs have no r: fewer than 3 complete rows, or a constant column"
    FEW_ROWS = "fewer than 10 complete rows: a single row can make or break r"

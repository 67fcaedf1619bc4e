"""What crosstab finds, and what it warns of."""

from __future__ import annotations

from tools.each_value import OfGroup
from tools.pictured import Picture
from tools.results import Fields
from tools.stats.found import CountP, CountTest, Effect
from tools.warned import Warns


class CountedRow(Fields):
    """One row of the table; an adjusted residual is None where a margin is 0."""

    row: str
    counts: tuple[int, ...]
    shares: tuple[float, ...]
    expected: tuple[float, ...]
    residuals: tuple[float | None, ...]


class Counted(OfGroup):
    """The counts of two columns (of one: a single row), and the test of them."""

    test: CountTest
    statistic: float | None
    df: float | None
    p: float
    p_is_bound: bool = False
    p_method: str
    p_interval: tuple[float, float] | None = None
    effect: Effect
    ratios: tuple[Effect, ...]
    tests: tuple[CountP, ...] = ()
    n: int
    missing: int
    columns: tuple[str, ...]
    table: tuple[CountedRow, ...]
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    interpretation: str
    picture: Picture | None = None
    p_adjusted: float | None = None
    p_adjusted_is_bound: bool = False
    p_adjusted_method: str | None = None


class CountWarns(Warns):
    """Its warnings."""

    FEW_EXPECTED = "{n} of {n_cells} expected counts are below 5 (the least {least:.2g}): the chi-square p is rough"
    FEW_EXPECTED_OF_FIT = "an expected count is {least:.2g}, below 5: the chi-square p is rough"
    ADDED_TO_CELLS = "a cell is 0: for {ratios} 0.5 was added to each cell"
    DRAWN_P = "p was drawn: between {low:.2g} and {high:.2g} with 95 % confidence"
    MISSING_VALUES = "{n} [row|rows] with missing values left out"

"""What find_outliers finds, and the dataset that it makes."""

from __future__ import annotations

from typing import Literal

from adapters.data.base import StepDone
from tools.pictured import Picture
from tools.results import Fields

OfOne = Literal["iqr", "zscore", "mad"]
"""Looks at each column by itself."""
OfSeveral = Literal["mahalanobis", "isolation_forest"]
"""Looks at several columns together."""
Method = Literal[OfOne, OfSeveral]
Cell = str | int | float | bool | None


class BoundsLine(Fields):
    """The bounds of a column, or of one of its groups, null where there is none, and how many values are outside."""

    column: str
    group: str | None = None
    low: float | None
    high: float | None
    count: int


class Outliers(Fields):
    """The bounds, and the rows with a value outside: `count` of them, of which `rows` lists the first by number.

    `total` is that count, and `truncated` says that not all are listed; this is no `Result`, where both tell of a list
    that was cut to size. `dataset`, `rows_kept` and `changed` are of the new dataset, where one was made.
    """

    method: Method
    threshold: float
    n: int
    missing: int
    bounds: tuple[BoundsLine, ...]
    count: int
    rows: tuple[dict[str, Cell], ...]
    total: int
    truncated: bool
    left_out: dict[str, int] | None = None
    ask_for_more: str | None = None
    bounds_left_out: int = 0
    values_left_out: int = 0
    dataset: str | None = None
    rows_kept: int | None = None
    changed: tuple[StepDone, ...] = ()
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    interpretation: str
    picture: Picture

"""What rater_agreement finds, and what it warns of."""

from __future__ import annotations

from typing import Literal

from tools.results import Result
from tools.warned import Warns


class Agreement(Result):
    """Kappa of two raters, and their ratings counted: `table` by `levels`, the first rater's down."""

    first: str
    second: str
    weights: Literal["none", "linear", "quadratic"]
    n: int
    missing: int
    kappa: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    p_is_bound: bool = False
    agreed: float
    expected: float
    p_method: str
    levels: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    interpretation: str


class AgreementWarns(Warns):
    """Its warnings."""

    MISSING_RATINGS = "{n} [row|rows] with a missing rating left out"
    FEW_ROWS = "with {n} [row|rows] the interval, which takes kappa for normal, is rough"
    NOTHING_IN_COMMON = "the columns have no category in common: they may not be ratings of the same thing"
    PREVAILING_CATEGORY = "{share:.0%} of the ratings are {name!r}: kappa is low then, however many agree"

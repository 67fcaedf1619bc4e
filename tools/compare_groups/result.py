"""What compare_groups finds, and what it warns of."""

from __future__ import annotations

from typing import Literal

from tools.each_value import OfGroup
from tools.pictured import Picture
from tools.results import Fields
from tools.stats.found import Effect, FactorLine, GroupTest, OtherTest, PairMethod, Power, Sphericity
from tools.warned import Warns


class Shift(Fields):
    """How far two means or shares lie apart, in the values' own unit; null where that is beyond float64."""

    name: str
    value: float | None
    ci_low: float | None
    ci_high: float | None


class MeanOfGroup(Fields):
    """One group of numbers."""

    group: str
    n: int
    mean: float | None
    sd: float | None
    median: float | None


class ShareOfGroup(Fields):
    """One group of yes and no."""

    group: str
    n: int
    yes: int
    share: float | None


class Assumption(Fields):
    """The test of one assumption; of a group, or of all. p is null where n allows no test."""

    name: str
    group: str | None
    statistic: float | None
    p: float | None
    holds: bool | None
    p_method: str | None
    p_is_bound: bool = False


class Pair(Fields):
    """Two groups: b minus a (means, mean ranks or shares), p corrected for all pairs, and a 95 % interval if any."""

    a: str
    b: str
    difference: float | None
    p: float
    ci_low: float | None
    ci_high: float | None
    p_method: PairMethod
    p_is_bound: bool = False


class Residual(Fields):
    """What two factors leave."""

    ss: float | None
    df: float


class Comparison(OfGroup):
    """One comparison; of two factors `statistic`, `p` and `effect` are the first one's, and `terms` has them all."""

    test: GroupTest
    statistic: float | None
    df: float | int | None
    p: float
    p_is_bound: bool = False
    p_method: str
    effect: Effect
    other_effects: tuple[Effect, ...] = ()
    difference: Shift | None
    n: int
    missing: int
    groups: tuple[MeanOfGroup | ShareOfGroup, ...]
    assumptions: tuple[Assumption, ...]
    why: str | None = None
    others: tuple[OtherTest, ...] = ()
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    interpretation: str
    sphericity: Sphericity | None = None
    event: str | None = None
    post_hoc: tuple[Pair, ...] = ()
    terms: tuple[FactorLine, ...] = ()
    residual: Residual | None = None
    sums_of_squares: Literal[1, 2, 3] | None = None
    df2: float | int | None = None
    power: Power | None = None
    picture: Picture | None = None
    p_adjusted: float | None = None
    p_adjusted_is_bound: bool = False
    p_adjusted_method: str | None = None


class CompareWarns(Warns):
    """Its warnings."""

    NOT_SPHERICAL = (
        "the differences between times do not spread alike (epsilon {epsilon:.2f}): go by the Greenhouse-Geisser p, "
        "{p:.2g}"
    )
    FEW_EXPECTED = "an expected count is {least:.2g}, below 5: p is rough"
    FACTORS_INTERACT = (
        "the factors interact: what one does depends on the other; read the cells, not the single factors"
    )
    NO_INTERACTION = "no interaction can be told: each pair of levels has one value, or pairs are empty"
    EMPTY_CELLS = "{n} [pair of levels has|pairs of levels have] no rows"
    FEW_VALUES = (
        "a group has only {n} [value: p and interval depend on it|values: p and interval depend on few of them]"
    )
    BARTLETT_OF_NOT_NORMAL = "a group is not normal (Shapiro-Wilk): Bartlett's test misleads; brown_forsythe is safer"
    GROUP_NOT_NORMAL = "a group is not normal (Shapiro-Wilk) and small: a test of ranks is safer"
    RESIDUALS_NOT_NORMAL = "the residuals are not normal (Shapiro-Wilk) and cells are small: p is rough"
    VARIANCES_DIFFER = "variances differ (Brown-Forsythe): Welch's test is safer"
    VARIANCES_OF_CELLS_DIFFER = "variances differ between cells (Brown-Forsythe): p is rough"
    TESTS_DISAGREE = "the tests do not agree at the 5 % level ({own}; {others})"
    EVENT_ABSENT = "no row holds {event!r}: make sure that it is the right word"
    MISSING_VALUES = "{n} [row|rows] with missing values left out"

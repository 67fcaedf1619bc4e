"""What analyze_distribution finds, and what it warns of."""

from __future__ import annotations

from tools.pictured import Picture
from tools.results import Fields, Result
from tools.stats.found import NormalityName
from tools.warned import Warns


class OfColumn(Result):
    """The column."""

    column: str


class OfGroup(Fields):
    """One group of it."""

    group: str


class Moments(Fields):
    """Where the values lie and which shape they have; None where n or a constant allows none."""

    n: int
    missing: int
    mean: float | None
    median: float | None
    sd: float | None
    skewness: float | None
    kurtosis: float | None
    skewness_biased: float | None
    kurtosis_biased: float | None
    pearson_mode_skewness: float | None
    pearson_median_skewness: float | None


class GroupMoments(Moments, OfGroup):
    """The moments of one group."""


class NormalityLine(Fields):
    """A test of normality, of one group where there are groups (`tools.stats.normality`)."""

    group: str | None = None
    name: NormalityName
    statistic: float | None
    p: float | None
    note: str | None = None
    p_method: str | None = None
    p_is_bound: bool = False


class Parameter(Fields):
    """A family's parameter."""

    name: str
    value: float


class FitLine(Fields):
    """A family fitted to all values (`tools.stats.families`)."""

    family: str
    params: tuple[Parameter, ...]
    log_likelihood: float
    aic: float
    ks: float
    ks_p: float | None
    ks_p_is_bound: bool = False
    ks_p_method: str


class Distribution(Moments, OfColumn):
    """The moments of the column, tests of normality, and fits where they were asked for, the best first."""

    tests: tuple[NormalityLine, ...]
    groups: tuple[GroupMoments, ...] | None = None
    fits: tuple[FitLine, ...] | None = None
    sampled: bool
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    interpretation: str
    picture: Picture


class DistributionWarns(Warns):
    """Its warnings."""

    SAMPLED = "tests and fits are of {n_drawn:,} values drawn by chance of {n:,}; the moments are of all"
    WITHOUT_GROUP = "{n} [value without a group is|values without a group are] not tested"
    MISSING_VALUES = "{n} [row|rows] with a missing value left out"
    FEW_VALUES = "with {n} values the tests see only gross departures: no proof of normality"
    MANY_FOR_SHAPIRO = "shapiro's p is known to {most:,} values only: of more, go by anderson_darling"
    MANY_VALUES = "with {n:,} values the tests see departures too small to matter: look at skewness and picture"
    NO_FITS = "no fits: {why}"
    KS_P_TOO_LARGE = "ks_p of a fit is too large: its parameters come from the same values"

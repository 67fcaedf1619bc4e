"""What regress finds."""

from __future__ import annotations

from typing import Literal

from tools.each_value import OfGroup
from tools.pictured import Picture
from tools.results import Fields


class TermLine(Fields):
    """One term: the estimate with its error, t or z, p and 95 % interval; of logit and poisson also exp(estimate)."""

    term: str
    estimate: float
    se: float | None
    statistic: float | None
    p: float | None
    p_is_bound: bool = False
    ci_low: float | None
    ci_high: float | None
    p_method: Literal["t", "normal"]
    ratio: float | None = None


class Vif(Fields):
    """How much the others' collinearity inflates the variance of a term's estimate."""

    term: str
    vif: float


class BreuschPagan(Fields):
    """The test of constant variance of the residuals."""

    statistic: float | None
    p: float | None
    p_is_bound: bool = False
    p_method: Literal["chi-square"]


class Influential(Fields):
    """The row of the largest Cook's distance."""

    row: int
    cook: float | None


class FullLeverage(Fields):
    """The first rows of leverage 1, and how many there are."""

    rows: tuple[int, ...]
    n: int


class LeastSquares(OfGroup):
    """A regression of numbers."""

    kind: Literal["ols", "wls"]
    coefficients: tuple[TermLine, ...]
    n: int
    df: int
    r2: float
    adj_r2: float
    sigma: float | None
    f: float | None
    f_p: float | None
    f_p_is_bound: bool = False
    f_p_method: Literal["F"]
    condition_number: float
    vif: tuple[Vif, ...]
    breusch_pagan: BreuschPagan
    durbin_watson: float | None
    durbin_watson_p: float | None = None
    durbin_watson_p_method: str | None = None
    durbin_watson_p_is_bound: bool = False
    most_influential: Influential
    full_leverage: FullLeverage | None = None
    robust: bool
    intercept: bool
    weights: str | None = None
    aliased: tuple[str, ...] = ()
    reference: dict[str, str]
    missing: int
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    interpretation: str
    picture: Picture | None = None


class Likelihood(OfGroup):
    """A regression of the chance of an event, or of counts."""

    kind: Literal["logit", "poisson"]
    coefficients: tuple[TermLine, ...]
    endless: tuple[str, ...] = ()
    n: int
    df: int
    pseudo_r2: float
    deviance: float
    null_deviance: float
    aic: float
    dispersion: float
    robust: bool
    exposure: str | None = None
    aliased: tuple[str, ...] = ()
    event: str | None = None
    reference: dict[str, str]
    missing: int
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    interpretation: str
    picture: Picture | None = None


Regression = LeastSquares | Likelihood

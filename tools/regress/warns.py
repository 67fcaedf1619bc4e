"""What regress warns of."""

from __future__ import annotations

from tools.warned import Warns


class RegressWarns(Warns):
    """Its warnings."""

    SINGLE_VALUE = "left out, as they have a single value in the rows without missing values: {names}"
    COLLINEAR = "left out, as they are collinear with the terms before them: {names}"
    NEARLY_COLLINEAR = "the terms are nearly collinear (condition number {condition:.0f}): estimates are unstable"
    HIGH_VIF = "variance inflation factor (VIF) above {bound:.0f}: {names}"
    EXACT_FIT = "the fit is exact: the residuals are rounding error only, so there are no standard errors and no p"
    NON_CONSTANT_VARIANCE = (
        "the residuals have non-constant variance (Breusch-Pagan p = {p:.2g}): use robust standard errors"
    )
    AUTOCORRELATION = (
        "{sign} autocorrelation of the residuals in the order of the rows (Durbin-Watson {statistic:.2f}, p {p}): "
        "if the rows are in time, standard errors and p are usually too {size}"
    )
    NO_P = "no p for {names}: the residuals behind it are rounding error only"
    FULL_LEVERAGE = (
        "{label} {rows} (_row) of leverage 1: the fit goes through the target there, whatever it is, and {names} "
        "cannot be estimated without: check it first"
    )
    NO_ROBUST_ERRORS = "no robust errors (HC3) for {names}: HC3 divides by 1 - leverage, which is 0 there"
    INFLUENTIAL_ROW = "an influential row (Cook's distance {cook:.1f}): check it"
    FEW_ROWS = "fewer than ten rows for each term: the model may be overfitted"
    NO_INTERCEPT = "without an intercept R² compares with 0, not with the mean: it is larger than usual"
    COMPLETE_SEPARATION = (
        "complete separation of {n} [row|rows]: no finite maximum likelihood estimate for {names}; the other terms are "
        "fitted to the other rows"
    )
    OVERDISPERSED = (
        "the counts are overdispersed (variance {dispersion:.1f} times Poisson's): p is too small; use robust"
    )
    FEW_EVENTS = "fewer than ten events for each term: the estimates are unstable"
    MISSING_VALUES = "{n} [row|rows] with {what} left out"

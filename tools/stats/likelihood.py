"""Logistic and Poisson regression by maximum likelihood, through statsmodels; coefficients as in least squares."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationError, PerfectSeparationWarning

from tools.stats.comparison import TooFewValues
from tools.stats.floats import LEVEL, Floats
from tools.stats.regression import Coefficient

Family = Literal["logit", "poisson"]


@dataclass(frozen=True)
class LikelihoodFit:
    """A generalized linear model: coefficients on the scale of the logit or the log, the intercept first."""

    coefficients: tuple[Coefficient, ...]
    n: int
    df: int
    deviance: float
    null_deviance: float
    pseudo_r2: float
    aic: float
    dispersion: float


def maximum_likelihood(
    x: Floats, y: Floats, terms: tuple[str, ...], family: Family, robust: bool = False
) -> LikelihoodFit:
    """Fit by iteratively reweighted least squares on centred and scaled columns.

    Parameters
    ----------
    x : array of shape (n, k)
    y : array of shape (n,)
        0 and 1 for logit, counts for poisson.
    robust : bool
        Standard errors by the sandwich (HC1), for counts that spread more than Poisson's.

    Raises
    ------
    TooFewValues
        If there are too few rows, a column is constant or says what others say, or the classes are told apart entirely.
    """
    n, k = x.shape
    if n - k - 1 < 1:
        raise TooFewValues(f"{n} rows are too few for {k + 1} coefficients")
    centers, scales = x.mean(axis=0), x.std(axis=0)
    if (scales == 0).any():
        raise TooFewValues(f"{terms[int(np.argmin(scales))]} is constant: it explains nothing")
    unit = (x - centers) / scales
    if np.linalg.matrix_rank(unit) < k:
        raise TooFewValues("a column says what other columns say together: leave one out")
    kind = sm.families.Binomial() if family == "logit" else sm.families.Poisson()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PerfectSeparationWarning)
            warnings.simplefilter("error", ConvergenceWarning)
            model = sm.GLM(y, np.column_stack([np.ones(n), unit]), family=kind)
            found = model.fit(cov_type="HC1" if robust else "nonrobust", tol=1e-12, maxiter=200)
    except (PerfectSeparationError, PerfectSeparationWarning, ConvergenceWarning) as error:
        raise TooFewValues("the columns tell the classes apart entirely: no finite coefficient fits best") from error
    # Back to the columns' own units: slopes over scales, the intercept moved to where all are 0.
    back = np.zeros((k + 1, k + 1))
    back[0, 0], back[0, 1:] = 1.0, -centers / scales
    back[1:, 1:] = np.diag(1 / scales)
    estimates = back @ np.asarray(found.params)
    errors = np.sqrt(np.diag(back @ np.asarray(found.cov_params()) @ back.T))
    reach = float(stats.norm.ppf(1 - (1 - LEVEL) / 2))
    coefficients = []
    for term, estimate, se in zip(("(intercept)", *terms), estimates, errors, strict=True):
        z = float(estimate / se)
        low, high = float(estimate - reach * se), float(estimate + reach * se)
        p = float(2 * stats.norm.sf(abs(z)))
        coefficients.append(Coefficient(term, float(estimate), float(se), z, p, low, high))
    return LikelihoodFit(
        coefficients=tuple(coefficients),
        n=n,
        df=n - k - 1,
        deviance=float(found.deviance),
        null_deviance=float(found.null_deviance),
        pseudo_r2=1 - float(found.llf) / float(found.llnull),
        aic=float(found.aic),
        dispersion=float(found.pearson_chi2) / (n - k - 1),
    )

"""Which family of distributions do values come from? Fits by maximum likelihood, ranked by AIC."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, special, stats

from tools.stats.floats import Floats
from tools.stats.powers_of_two import times
from tools.stats.scaling import divided, exponent_of

Parameters = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Fit:
    """One family fitted: parameters by maximum likelihood, log-likelihood, AIC, and the distance to the values.

    `ks` is the largest distance between the fitted and the empirical distribution function, `ks_p` Kolmogorov's
    p-value of it: too large, because the parameters come from the same values. None for counts, where it does not hold.
    """

    family: str
    params: Parameters
    log_likelihood: float
    aic: float
    ks: float
    ks_p: float | None


@dataclass(frozen=True)
class _Family:
    """How to fit one family: to values of (x), to the parameters by name and the frozen distribution."""

    fit: Callable[[Floats], tuple[Parameters, stats.rv_frozen]]
    fits: Callable[[Floats], bool]


def fit_families(x: Floats, counts: bool = False) -> list[Fit]:
    """Fit the usual families, best (smallest AIC) first; families that the values cannot come from, or in which their
    likelihood grows without end, are left out.

    Values of any sign: normal, Student's t, logistic, Laplace, uniform. Only positive ones: also lognormal,
    exponential, gamma and Weibull, starting at 0. Counts: Poisson, geometric and negative binomial;
    densities do not compare with probabilities, so that no others stand beside them.

    SciPy's own searches take a spike for a fit (t), stop early (Weibull, a logistic about 0), or lose the digits of
    values far from 0 (gamma), and it fits no counts.

    Parameters
    ----------
    x : array of shape (n,), n >= 2
        No missing values.
    counts : bool
        The values are counts 0, 1, 2, …

    Raises
    ------
    ValueError
        If there are fewer than two values, or all are the same.

    References
    ----------
    Johnson, Kotz, Balakrishnan (1994). Continuous Univariate Distributions. Akaike (1974). IEEE Transactions on
    Automatic Control 19, 716-723.
    """
    exponent = exponent_of(x)
    x = divided(x, exponent)
    if len(x) < 2 or np.ptp(x) == 0:
        raise ValueError("a distribution needs two different values")
    families = COUNTS if counts else CONTINUOUS
    found = [_fitted(name, family, x, counts) for name, family in families.items() if family.fits(x)]
    return sorted((_in_units(fit, exponent, len(x)) for fit in found if fit is not None), key=lambda fit: fit.aic)


IN_UNITS = ("mean", "sd", "location", "scale", "low", "high")
"""Parameters in the values' own unit."""


def _in_units(fit: Fit, exponent: int, n: int) -> Fit:
    """The fit of the values from that of the values over 2^`exponent`: a density is per unit, so it is less by it."""
    if not exponent:
        return fit
    shift = exponent * math.log(2)
    params = tuple(
        (name, value + shift if name == "mean_log" else (times(value, exponent) or 0.0) if name in IN_UNITS else value)
        for name, value in fit.params
    )
    return replace(fit, params=params, log_likelihood=fit.log_likelihood - n * shift, aic=fit.aic + 2 * n * shift)


def _fitted(name: str, family: _Family, x: Floats, is_discrete: bool) -> Fit | None:
    try:
        with np.errstate(all="ignore"):
            params, frozen = family.fit(x)
            logs = frozen.logpmf(x) if is_discrete else frozen.logpdf(x)
            likelihood = float(logs.sum())
    except (ValueError, RuntimeError, stats.FitError):  # the likelihood has no maximum in this family
        return None
    if not math.isfinite(likelihood):
        return None
    distance = _distance(x, frozen, is_discrete)
    p = None if is_discrete else float(stats.kstwo.sf(distance, len(x)))
    return Fit(name, params, likelihood, 2 * len(params) - 2 * likelihood, distance, p)


def _distance(x: Floats, frozen: stats.rv_frozen, is_discrete: bool) -> float:
    values, n_each = np.unique(x, return_counts=True)
    after = np.cumsum(n_each) / len(x)
    fitted = frozen.cdf(values)
    above = np.abs(after - fitted).max()
    if is_discrete:
        return float(above)
    return float(max(above, np.abs(fitted - (after - n_each / len(x))).max()))


def _normal(x: Floats) -> tuple[Parameters, stats.rv_frozen]:
    center, scale = _center(x), float(x.std())
    return (("mean", center), ("sd", scale)), stats.norm(center, scale)


def _center(x: Floats) -> float:
    center = x.mean()
    return float(center + (x - center).mean())


def _student(x: Floats) -> tuple[Parameters, stats.rv_frozen]:
    # By quartiles, as long tails leave no finite sd to go by.
    low, center, high = (float(value) for value in np.quantile(x, (0.25, 0.5, 0.75)))
    scale = (high - low) / QUARTILES_OF_NORMAL or float(x.std())
    z = (x - center) / scale

    theta = _most_likely(
        lambda theta: stats.t.logpdf(z, math.exp(theta[2]), theta[0], math.exp(theta[1])), [0.0, -0.2, math.log(5.0)]
    )
    df, location, width = math.exp(theta[2]), center + scale * theta[0], scale * math.exp(theta[1])
    return (("df", df), ("location", location), ("scale", width)), stats.t(df, location, width)


def _logistic(x: Floats) -> tuple[Parameters, stats.rv_frozen]:
    center, scale = _center(x), float(x.std())
    z = (x - center) / scale
    moved, log_width = _most_likely(lambda theta: stats.logistic.logpdf(z, theta[0], math.exp(theta[1])), [0.0, -0.6])
    location, width = center + scale * moved, scale * math.exp(log_width)
    return (("location", location), ("scale", width)), stats.logistic(location, width)


QUARTILES_OF_NORMAL = 1.349
"""How many standard deviations lie between a normal's quartiles."""
BOUNDS = ((-5.0, 5.0), (-7.0, 3.0), (-1.0, 7.0))


def _most_likely(log_density: Callable[[Floats], Floats], start: list[float]) -> list[float]:
    """Where standardized values are most likely: location, log of scale, log of df where there is one."""
    bounds = BOUNDS[: len(start)]
    found = optimize.minimize(
        lambda theta: -float(log_density(theta).mean()),
        start,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-14},
    )
    # On equal values the curve may become a spike, ever narrower and likelier: no best fit. (Many df are a normal.)
    if any(value <= low for value, (low, _) in zip(found.x[1:], bounds[1:], strict=True)):
        raise ValueError("the likelihood grows without end as the curve narrows to a spike")
    return [float(value) for value in found.x]


def _laplace(x: Floats) -> tuple[Parameters, stats.rv_frozen]:
    middle, width = map(float, stats.laplace.fit(x))
    return (("location", middle), ("scale", width)), stats.laplace(middle, width)


def _uniform(x: Floats) -> tuple[Parameters, stats.rv_frozen]:
    low, high = float(x.min()), float(x.max())
    return (("low", low), ("high", high)), stats.uniform(low, high - low)


def _lognormal(x: Floats) -> tuple[Parameters, stats.rv_frozen]:
    logs = np.log(x)
    mean_log, sd_log = float(logs.mean()), float(logs.std())
    return (("mean_log", mean_log), ("sd_log", sd_log)), stats.lognorm(sd_log, scale=math.exp(mean_log))


def _exponential(x: Floats) -> tuple[Parameters, stats.rv_frozen]:
    mean = float(x.mean())
    return (("mean", mean),), stats.expon(scale=mean)


def _gamma(x: Floats) -> tuple[Parameters, stats.rv_frozen]:
    """The shape solves log(k) - digamma(k) = log(mean) - mean(log)."""
    gap = -float(np.log(x / x.mean()).mean())
    shape = _root(lambda log_k: log_k - float(special.digamma(math.exp(log_k))) - gap)
    scale = float(x.mean()) / shape
    return (("shape", shape), ("scale", scale)), stats.gamma(shape, scale=scale)


def _weibull(x: Floats) -> tuple[Parameters, stats.rv_frozen]:
    """The shape k solves sum(x^k log x) / sum(x^k) - 1/k = mean(log x)."""
    logs = np.log(x)
    top, middle = float(logs.max()), float(logs.mean())

    def slope(log_k: float) -> float:
        k = math.exp(log_k)
        powers = np.exp(k * (logs - top))
        return float((powers * logs).sum() / powers.sum()) - 1 / k - middle

    shape = _root(slope)
    scale = math.exp(top) * float(np.exp(shape * (logs - top)).mean()) ** (1 / shape)
    return (("shape", shape), ("scale", scale)), stats.weibull_min(shape, scale=scale)


def _poisson(x: Floats) -> tuple[Parameters, stats.rv_frozen]:
    mean = float(x.mean())
    return (("mean", mean),), stats.poisson(mean)


def _geometric(x: Floats) -> tuple[Parameters, stats.rv_frozen]:
    """The number of failures before the first success."""
    p = 1 / (1 + float(x.mean()))
    return (("p", p),), stats.geom(p, loc=-1)


def _negative_binomial(x: Floats) -> tuple[Parameters, stats.rv_frozen]:
    """Mean and size; the size r solves sum(digamma(x + r)) - n digamma(r) + n log(r / (r + mean)) = 0."""
    mean = float(x.mean())
    if x.var() <= mean:
        raise ValueError("no more spread than a Poisson's: the size would be infinite")
    values, n_each = np.unique(x, return_counts=True)

    def slope(log_r: float) -> float:
        r = math.exp(log_r)
        gained = float((n_each * (special.digamma(values + r) - special.digamma(r))).sum()) / len(x)
        return gained + math.log(r / (r + mean))

    size = _root(slope, 12.0)  # beyond, it is a Poisson to the last digit, and the slope is noise
    return (("mean", mean), ("size", size)), stats.nbinom(size, size / (size + mean))


def _root(function: Callable[[float], float], highest: float = 20.0) -> float:
    """exp of where the function of a logarithm crosses 0, between e^-20 and e^highest; ValueError if nowhere."""
    return math.exp(float(optimize.brentq(function, -20.0, highest, xtol=1e-14)))


def _any(x: Floats) -> bool:
    return True


def _positive(x: Floats) -> bool:
    return bool(x.min() > 0)


CONTINUOUS: Mapping[str, _Family] = {
    "normal": _Family(_normal, _any),
    "t": _Family(_student, _any),
    "logistic": _Family(_logistic, _any),
    "laplace": _Family(_laplace, _any),
    "uniform": _Family(_uniform, _any),
    "lognormal": _Family(_lognormal, _positive),
    "exponential": _Family(_exponential, lambda x: bool(x.min() >= 0)),
    "gamma": _Family(_gamma, _positive),
    "weibull": _Family(_weibull, _positive),
}
COUNTS: Mapping[str, _Family] = {
    "poisson": _Family(_poisson, _any),
    "geometric": _Family(_geometric, _any),
    "negative_binomial": _Family(_negative_binomial, _any),
}

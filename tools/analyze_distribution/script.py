"""analyze_distribution in an exported script: SciPy's and statsmodels' tests, and the fits that have a closed form."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tools.analyze_distribution.result import Distribution
from tools.results import MadeCall
from tools.scripting import Script
from tools.scripts.described import describe_numbers
from tools.scripts.in_order import in_order
from tools.stats.normality import stephens_p


def script(writer: Script, number: int, call: MadeCall[Distribution]) -> None:
    """Moments and tests of the column or of each group, and the families that were fitted."""
    result, by = call.result, call.arguments.get("by")
    if result.sampled:
        writer.lines.append("# (tests and fits of a sample that statagent drew: left out here)")
        return
    writer.need(describe_numbers, test_normality, fit_families, k_squared, anderson, stephens_p)
    writer.imports.add("import numpy as np")
    writer.lines += [
        f"frame = {writer.rows(call.arguments)}",
        f"moments = describe_numbers(frame[{result.column!r}])",
        "result = {name: moments[name] for name in ('n', 'missing', 'mean', 'median', 'sd', 'skewness', 'kurtosis')}",
    ]
    if by is None:
        writer.lines.append(f"result['tests'] = test_normality(frame[{result.column!r}])")
    else:
        writer.lines += [
            "result['tests'] = []",
            f"for group in in_order(frame[{by!r}].dropna().astype(str).unique()):",
            f"    values = frame[{result.column!r}][frame[{by!r}].astype(str) == group]",
            "    result['tests'] += [{'group': group, **test} for test in test_normality(values)]",
        ]
        writer.need(in_order)
    families = [fit.family for fit in result.fits or ()]
    if families:
        writer.lines.append(f"result['fits'] = fit_families(frame[{result.column!r}], {families!r})")
    writer.lines.append(f"show({number}, 'analyze_distribution', result)")


def k_squared(z: Any) -> tuple[float, float]:
    """D'Agostino's K²; SciPy's takes a skewness of exactly 0 for another."""
    parts = [stats.skewtest(z).statistic] if stats.skew(z) != 0 else []
    statistic = sum(float(part) ** 2 for part in [*parts, stats.kurtosistest(z).statistic])
    return statistic, float(stats.chi2.sf(statistic, 2))


def anderson(z: Any) -> tuple[float, float]:
    """Anderson and Darling's statistic and Stephens's p, which is no smaller than 1e-30."""
    statistic = float(stats.anderson(z, "norm", method="interpolate").statistic)
    return statistic, max(1e-30, stephens_p(statistic, len(z)))


def test_normality(values: pd.Series) -> list[dict[str, Any]]:
    """Six tests of normality: statistic and p, None where there are too few values."""
    from statsmodels.stats.diagnostic import lilliefors

    x = values.dropna().to_numpy(dtype="float64")
    names = ("shapiro", "anderson_darling", "dagostino", "jarque_bera", "ks", "lilliefors")
    if len(x) < 3 or x.max() == x.min():
        return [{"name": name, "statistic": None, "p": None} for name in names]
    z = (x - x.mean()) / x.std(ddof=1)
    few = (None, None)
    found = {
        "shapiro": stats.shapiro(z),
        "anderson_darling": anderson(z) if len(z) >= 8 else few,
        "dagostino": k_squared(z) if len(z) >= 8 else few,
        "jarque_bera": stats.jarque_bera(z),
        "ks": stats.kstest(z, "norm"),
        "lilliefors": lilliefors(z, pvalmethod="approx") if len(z) >= 4 else few,
    }
    lines: list[dict[str, Any]] = []
    for name in names:
        statistic, p = (None if value is None else float(value) for value in tuple(found[name])[:2])
        lines.append({"name": name, "statistic": statistic, "p": p})
    return lines


def fit_families(values: pd.Series, families: list[str]) -> list[dict[str, Any]]:
    """The families in the order given, with their AIC where the fit is closed."""
    x = values.dropna().to_numpy(dtype="float64")
    fitted: dict[str, tuple[Any, int]] = {
        "normal": (stats.norm(x.mean(), x.std()), 2),
        "laplace": (stats.laplace(*stats.laplace.fit(x)), 2),
        "uniform": (stats.uniform(x.min(), x.max() - x.min()), 2),
    }
    if x.min() > 0:
        fitted["lognormal"] = (stats.lognorm(np.log(x).std(), scale=math.exp(np.log(x).mean())), 2)
    if x.min() >= 0 and x.max() > 0:
        fitted["exponential"] = (stats.expon(scale=x.mean()), 1)
        fitted["poisson"] = (stats.poisson(x.mean()), 1)
        fitted["geometric"] = (stats.geom(1 / (1 + x.mean()), loc=-1), 1)
    lines: list[dict[str, Any]] = []
    for family in families:
        line: dict[str, Any] = {"family": family}
        if family in fitted:  # the others are fitted step by step: their digits differ with the steps
            frozen, n_params = fitted[family]
            logs = frozen.logpmf(x) if family in ("poisson", "geometric") else frozen.logpdf(x)
            line["aic"] = float(2 * n_params - 2 * logs.sum())
        lines.append(line)
    return lines

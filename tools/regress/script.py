"""regress in an exported script: the coefficients again, by statsmodels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tools.each_value import EachValue
from tools.regress import Regress
from tools.regress.result import Likelihood, Regression
from tools.results import MadeCall
from tools.scripting import Script
from tools.scripts.as_words import as_words
from tools.scripts.each_value import show_each
from tools.scripts.in_order import in_order


def script(writer: Script, number: int, call: MadeCall[Regression | EachValue[Regression]]) -> None:
    """The coefficients, once or for each value of `by`."""
    writer.need(in_order, as_words, terms_of, fit_terms)
    writer.imports.add("import numpy as np")
    given = Regress.model_validate(call.arguments)
    show_each(writer, number, "regress", call, lambda result: _fit(writer, given, result))


def _fit(writer: Script, given: Regress, result: Regression) -> str:
    """The lines that prepare the rows in the frame, and the expression of the fit."""
    if isinstance(result, Likelihood) and result.endless:
        writer.lines.append("# (complete separation, no finite maximum likelihood estimate: left out here)")
        return "{}"
    measure = "exposure" if given.exposure else "weights"
    weights = given.exposure or given.weights
    used = [given.target, *given.features, *([weights] if weights else [])]
    writer.lines.append(f"frame = frame[{used!r}].dropna()")
    y, more = f"frame[{given.target!r}]", f", robust={given.robust}"
    if weights:
        writer.lines.append(f"frame = frame[frame[{weights!r}] > 0]")
        more += f", {measure}=frame[{weights!r}]"
    if not given.intercept:
        more += ", intercept=False"
    if isinstance(result, Likelihood) and result.event is not None:
        y = f"(as_words(frame[{given.target!r}], [{result.event!r}]) == {result.event!r}).astype('float64')"
    for name in given.categories or ():
        writer.lines.append(f"frame[{name!r}] = as_words(frame[{name!r}], [{result.reference[name]!r}])")
    for name in given.numbers or ():
        writer.lines.append(f"frame[{name!r}] = frame[{name!r}].astype('float64')")
    own = f".drop(columns={list(result.aliased)!r}, errors='ignore')" if result.aliased else ""
    powers = [(one.column, one.power) for one in given.powers or ()]
    products = [one.columns for one in given.interactions or ()]
    writer.lines.append(f"terms = terms_of(frame, {given.features!r}, {powers!r}, {products!r}){own}")
    return f"fit_terms(terms, {y}, {result.kind!r}{more})"


def terms_of(
    frame: pd.DataFrame, features: list[str], powers: list[tuple[str, int]], products: list[list[str]]
) -> pd.DataFrame:
    """A column for each number, and for each value of a category but the first; then powers, then products."""
    parts: dict[str, dict[str, pd.Series]] = {}
    for name in features:
        if pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name]):
            parts[name] = {name: frame[name].astype("float64")}
        else:
            words = as_words(frame[name], [])
            levels = in_order(set(words))[1:]
            parts[name] = {f"{name}[{level}]": (words == level).astype("float64") for level in levels}
    columns = {label: values for part in parts.values() for label, values in part.items()}
    for name, power in powers:
        columns[f"{name}^{power}"] = parts[name][name] ** power
    for product in products:
        made = {"": pd.Series(1.0, index=frame.index)}
        for name in product:
            made = {f"{a}:{b}".lstrip(":"): x * y for a, x in made.items() for b, y in parts[name].items()}
        columns |= made
    return pd.DataFrame(columns)


def fit_terms(
    terms: pd.DataFrame,
    y: pd.Series,
    kind: str,
    robust: bool,
    weights: pd.Series | None = None,
    intercept: bool = True,
    exposure: pd.Series | None = None,
) -> dict[str, Any]:
    """Coefficients with standard errors and p, the intercept first; terms centred and scaled while they are fitted."""
    import statsmodels.api as sm

    centers, scales = terms.mean() * intercept, terms.std(ddof=0)
    design = ((terms - centers) / scales).to_numpy()
    if intercept:
        design = sm.add_constant(design, has_constant="add")
    if kind in ("ols", "wls"):
        even = np.ones(len(y)) if weights is None else weights.to_numpy(dtype="float64")
        model = sm.WLS(y.to_numpy(dtype="float64"), design, weights=even, hasconst=intercept)
        found = model.fit(method="qr", cov_type="HC3" if robust else "nonrobust")
    else:
        family = sm.families.Binomial() if kind == "logit" else sm.families.Poisson()
        measured = None if exposure is None else exposure.to_numpy(dtype="float64")
        model = sm.GLM(y.to_numpy(dtype="float64"), design, family=family, exposure=measured)
        found = model.fit(cov_type="HC1" if robust else "nonrobust", tol=1e-12)
    slopes = found.params[intercept:] / scales.to_numpy()
    errors = found.bse[intercept:] / scales.to_numpy()
    if robust and kind not in ("ols", "wls"):  # statsmodels leaves out HC1's n / (n - k - 1) in these models
        errors = errors * math.sqrt(len(y) / (len(y) - len(terms.columns) - 1))
    lines = []
    if intercept:
        lines.append({"term": "(intercept)", "estimate": float(found.params[0] - (slopes * centers.to_numpy()).sum())})
    shape = stats.t(found.df_resid) if kind in ("ols", "wls") else stats.norm()
    tails = 2 * shape.sf(abs(slopes / errors))
    for term, slope, error, p in zip(terms.columns, slopes, errors, tails, strict=True):
        lines.append({"term": term, "estimate": float(slope), "se": float(error), "p": float(p)})
    result: dict[str, Any] = {"kind": kind, "n": len(y), "coefficients": lines}
    return {**result, "r2": float(found.rsquared)} if kind in ("ols", "wls") else result

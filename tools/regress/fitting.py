"""One regression over the rows of a table: the fit, and its result in the columns' own units."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from adapters.data.base import DuckTable
from tools import stats
from tools.errors import ToolError
from tools.regress.fit_warnings import warnings_of, warnings_of_likelihood
from tools.regress.model_rows import MAX_LABEL, Model, ModelRows, read_rows
from tools.regress.model_units import find_units
from tools.regress.result import (
    BreuschPagan,
    FullLeverage,
    Influential,
    LeastSquares,
    Likelihood,
    Regression,
    TermLine,
    Vif,
)
from tools.regress.saying import sentence
from tools.regress.warns import RegressWarns
from tools.results import if_any
from tools.warned import Warned, said

if TYPE_CHECKING:
    from tools.stats import Blocks, Coefficient, DurbinWatson, Rows


def regression_of(model: Model, table: DuckTable, known: Sequence[Warned] = ()) -> Regression:
    """The regression of the terms that say something of their own; the others are named in `aliased`.

    Parameters
    ----------
    known : sequence of Warned
        What is to be warned of besides, whatever the rows are.

    Raises
    ------
    ToolError
        If there are too few rows, or nothing varies.
    """
    rows = read_rows(model, table)
    try:
        try:
            return _fitted(model, rows, known)
        except stats.Aliased as error:
            if not 0 < len(error.own) < len(rows.terms.names):
                raise
            return _fitted(model, rows.only(error.own), known)
    except stats.TooFewValues as error:
        raise ToolError(str(error)) from error


def _fitted(model: Model, rows: ModelRows, known: Sequence[Warned]) -> Regression:
    fit = _least_squares if model.kind in ("ols", "wls") else _likelihood
    return fit(model, rows, known)


def _least_squares(model: Model, rows: ModelRows, known: Sequence[Warned]) -> LeastSquares:
    names = rows.terms.names
    units = find_units(rows.blocks, len(names), is_counts=False)
    fit = stats.least_squares(units.apply(rows.blocks), names, model.robust, model.intercept)
    coefficients = tuple(TermLine(**_values(one), p_method="t") for one in units.own(fit.coefficients, names))
    warnings = warnings_of(fit, names, model.robust) + ([] if model.intercept else [RegressWarns.NO_INTERCEPT()])
    (pagan, pagan_p), (top, cook) = fit.breusch_pagan, fit.most_influential
    return LeastSquares(
        kind="ols" if model.weights is None else "wls",
        coefficients=coefficients,
        n=fit.n,
        df=fit.df,
        r2=fit.r2,
        adj_r2=fit.adj_r2,
        sigma=units.own_sigma(fit.sigma),
        f=_finite(fit.f),
        f_p=_finite(fit.f_p),
        f_p_method="F",
        condition_number=fit.condition_number,
        vif=tuple(Vif(term=term, vif=vif) for term, vif in zip(names, fit.vif, strict=True)),
        breusch_pagan=BreuschPagan(statistic=_finite(pagan), p=_finite(pagan_p), p_method="chi-square"),
        **_durbin_watson(fit.durbin_watson),
        most_influential=Influential(row=top, cook=_finite(cook)),
        **if_any(full_leverage=FullLeverage(rows=fit.alone, n=fit.n_alone) if fit.n_alone else None),
        robust=model.robust,
        intercept=model.intercept,
        **if_any(weights=None if model.weights is None else model.weights.name),
        **_of_rows(model, rows, warnings, known),
        interpretation=sentence(model, None, coefficients, (), fit.n, fit.r2),
    )


def _likelihood(model: Model, rows: ModelRows, known: Sequence[Warned]) -> Likelihood:
    names = rows.terms.names
    kind: Literal["logit", "poisson"] = "logit" if model.is_logit else "poisson"
    blocks = rows.blocks if kind == "logit" else _counts(model, rows.blocks)
    units = find_units(rows.blocks, len(names), is_counts=True)
    fit = stats.maximum_likelihood(units.apply(blocks), names, kind, model.robust)
    coefficients = tuple(
        TermLine(**_values(one), p_method="normal", ratio=_exp(one.estimate))
        for one in units.own(fit.coefficients, names)
    )
    event = None if rows.event is None else rows.event[:MAX_LABEL]
    return Likelihood(
        kind=kind,
        coefficients=coefficients,
        **if_any(endless=fit.endless),
        n=fit.n,
        df=fit.df,
        pseudo_r2=fit.pseudo_r2,
        deviance=fit.deviance,
        null_deviance=fit.null_deviance,
        aic=fit.aic,
        dispersion=fit.dispersion,
        robust=model.robust,
        **if_any(exposure=None if model.weights is None else model.weights.name, event=event),
        **_of_rows(model, rows, warnings_of_likelihood(fit, names, model), known),
        interpretation=sentence(model, event, coefficients, fit.endless, fit.n, fit.pseudo_r2),
    )


def _of_rows(model: Model, rows: ModelRows, of_fit: Iterable[Warned], known: Sequence[Warned]) -> dict[str, Any]:
    """What there is to say of the rows and terms themselves, and the warnings."""
    single, aliased, warns, warnings = rows.terms.single, rows.aliased, RegressWarns, []
    if single:
        warnings.append(warns.SINGLE_VALUE(names=", ".join(single[:5])))
    if aliased:
        warnings.append(warns.COLLINEAR(names=", ".join(aliased[:5])))
    warnings += of_fit
    if rows.missing:
        lacking = {"weights": "missing values or weight 0", "exposure": "missing values or exposure 0"}
        what = "missing values" if model.weights is None else lacking[model.measure]
        warnings.append(warns.MISSING_VALUES(n=rows.missing, what=what))
    return {
        **if_any(aliased=(*aliased, *single)),
        "reference": rows.terms.reference,
        "missing": rows.missing,
        **said([*warnings, *known]),
    }


def _counts(model: Model, blocks: Blocks) -> Blocks:
    """The same rows; a y that is no count is an error."""

    def checked() -> Iterator[Rows]:
        for rows in blocks():
            if (rows.y < 0).any() or (rows.y % 1 != 0).any():
                raise ToolError(f"poisson needs counts; {model.target.name!r} holds numbers below 0 or with fractions")
            yield rows

    return checked


def _durbin_watson(found: DurbinWatson | None) -> dict[str, Any]:
    if found is None or math.isnan(found.p):
        return {"durbin_watson": None if found is None else found.statistic}
    return {
        "durbin_watson": found.statistic,
        "durbin_watson_p": found.p,
        "durbin_watson_p_method": found.p_method,
        **if_any(durbin_watson_p_is_bound=found.p_is_bound or None),
    }


def _values(one: Coefficient) -> dict[str, Any]:
    values = asdict(one)
    values["statistic"] = None if one.statistic is None else _finite(one.statistic)
    return values


def _exp(value: float) -> float | None:
    return math.exp(value) if value < 700 else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

"""regress: how a target depends on other columns."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from adapters.data.base import Table
from adapters.records import Column, Dataset, JsonValue
from prompts import render
from prompts.visible import one_line
from tools import stats
from tools.columns import NUMERIC, find_column, find_numeric, natural_order
from tools.context import ToolContext
from tools.each_value import each_value
from tools.errors import ToolError
from tools.results import ToolOutput
from tools.spec import Arguments, tool
from tools.terms import Grammar, Interaction, Power, Terms, check_named, make_terms

if TYPE_CHECKING:
    import pandas as pd

    from tools.stats import Coefficient, Floats

MAX_LABEL = 64
HIGH_CONDITION = 30.0
HIGH_VIF = 10.0
NEEDED = 10
"""Rows (of a logit: events) for each term, below which a fit is unsteady."""


class Regress(Arguments):
    """What is explained by what, and how."""

    dataset: str = Field(description="Name of a loaded dataset.")
    target: str = Field(description="The column that is explained.")
    features: list[str] = Field(
        description="The columns that explain it. Text and booleans become one term for each value but the first.",
        min_length=1,
        max_length=50,
    )
    categories: list[str] | None = Field(
        default=None, description="Features whose numbers are codes, such as 1, 2, 3 for regions: each value a term."
    )
    interactions: list[Interaction] | None = Field(default=None, description="Products of features as further terms.")
    powers: list[Power] | None = Field(default=None, description="Powers of features as further terms.")
    kind: Literal["ols", "wls", "logit", "poisson"] = Field(
        default="ols",
        description="ols: numbers. wls: numbers, each row with its weight. logit: a column of two values. poisson: "
        "counts.",
    )
    weights: str | None = Field(
        default=None, description="wls: column of weights above 0, proportional to 1 / variance of the target's value."
    )
    intercept: bool = Field(default=True, description="ols, wls: false fits through the origin, with R² against 0.")
    event: str | None = Field(
        default=None, description="logit: the value of target whose chance is explained; the second of two if null."
    )
    robust: bool = Field(
        default=False, description="Standard errors that hold when the residuals' spread changes (HC3; HC1 for others)."
    )
    by: str | None = Field(default=None, description="Column whose values each make a regression of their own.")
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )


@dataclass(frozen=True)
class _Model:
    """The arguments with their columns found."""

    arguments: Regress
    target: Column
    weights: Column | None
    grammar: Grammar

    @property
    def names(self) -> list[str]:
        """The columns that are read, the row's number first."""
        parts = [self.target, *self.grammar.features, *([self.weights] if self.weights else [])]
        return ["_row", *dict.fromkeys(column.name for column in parts)]

    @property
    def texts(self) -> list[str]:
        """Those that are read as words."""
        words = [column.name for column in self.grammar.features if self.grammar.is_category(column)]
        return [*words, self.target.name] if self.arguments.kind == "logit" else words


@tool(effect="read")
def regress(arguments: Regress, context: ToolContext) -> ToolOutput:
    """Explain a target by other columns: least squares (ols, wls), logistic (logit) or Poisson regression.

    Gives each coefficient with standard error, t or z, p and 95 % interval (for logit and poisson also its ratio,
    exp(estimate)); for ols and wls R², adjusted R², sigma, F, condition number, VIF, Breusch-Pagan, Durbin-Watson (rows
    in the file's order) and the row (`_row`) of largest influence (Cook). Categories are compared with their first
    value, named in `reference`. Rows with a missing value are left out and counted. With `by`, `results` has one
    regression for each value. A coefficient tells how the target goes with a column while the others stay the same; it
    is no cause. Read the warnings to the user. It only reads.
    """
    dataset = context.data.get(arguments.dataset)
    model = _model(arguments, dataset)
    by = None if arguments.by is None else find_column(dataset, arguments.by)
    if by is not None and by.name in model.names:
        raise ToolError(f"by: {by.name!r} is part of the model; within a group it does not vary")
    with context.data.open(dataset.name, arguments.where, context.watch) as table:
        content = _fit(model, table) if by is None else each_value(table, by, lambda part: _fit(model, part))
    return ToolOutput({**content, "picture": _picture(model)})


def _model(arguments: Regress, dataset: Dataset) -> _Model:
    target = find_column(dataset, arguments.target)
    features = [find_column(dataset, name) for name in dict.fromkeys(arguments.features)]
    if target in features:
        raise ToolError(f"{target.name!r} is the target: it cannot explain itself")
    is_least_squares = arguments.kind in ("ols", "wls")
    if arguments.kind == "wls" and arguments.weights is None:
        raise ToolError("wls needs weights: a column of numbers above 0")
    if arguments.weights is not None and not is_least_squares:
        raise ToolError(f"weights are for wls; {arguments.kind} takes none")
    if not arguments.intercept and not is_least_squares:
        raise ToolError(f"intercept: {arguments.kind} always has one")
    if arguments.event is not None and arguments.kind != "logit":
        raise ToolError("event is for logit")
    weights = None if arguments.weights is None else find_numeric(dataset, arguments.weights)
    coded = frozenset(find_column(dataset, name).name for name in arguments.categories or ())
    if strange := coded - {column.name for column in features}:
        raise ToolError(f"categories: {sorted(strange)[0]!r} is no feature: name it among the features too")
    grammar = Grammar(features, arguments.interactions or (), arguments.powers or (), coded)
    check_named(grammar, dataset)
    return _Model(arguments, target, weights, grammar)


def _fit(model: _Model, table: Table) -> dict[str, JsonValue]:
    """One regression over the rows of `table`."""
    frame = table.frame(model.names, as_text=model.texts)
    whole = frame.dropna()
    if whole.empty:
        raise ToolError("no row has a value in every one of these columns")
    if model.weights is not None:
        if (whole[model.weights.name] < 0).any():
            raise ToolError(f"weights: {model.weights.name!r} holds numbers below 0")
        whole = whole[whole[model.weights.name] > 0]  # a row of weight 0 says nothing, as in R
    y, event = _target(model, whole)
    terms = make_terms(model.grammar, whole)
    if not (math.isfinite(float(y.sum())) and math.isfinite(float(terms.values.sum()))):
        raise ToolError("there are infinite numbers among the values; leave them out with where")
    try:
        content = _fitted(model, terms, y, whole)
    except stats.TooFewValues as error:
        raise ToolError(str(error)) from error
    missing = len(frame) - len(whole)
    warnings = content.pop("warnings")
    assert isinstance(warnings, list)  # noqa: S101 - made by `_fitted`
    if missing:
        left = "missing values" if model.weights is None else "missing values or weight 0"
        warnings.append(f"{missing} rows with {left} left out")
    said: dict[str, JsonValue] = {} if event is None else {"event": event}
    content |= {**said, "reference": terms.reference, "missing": missing, "warnings": warnings}
    content["interpretation"] = _sentence(model, content)
    return content


def _target(model: _Model, frame: pd.DataFrame) -> tuple[Floats, str | None]:
    """The target as numbers; of a logit, 1 for the value that is the event."""
    kind, target, event = model.arguments.kind, model.target, model.arguments.event
    if kind == "logit":
        words = frame[target.name]
        levels = sorted(words.unique(), key=natural_order)
        if event is None and len(levels) != 2:
            raise ToolError(
                f"logit needs a target of two values; {target.name!r} has {len(levels)} in these rows: name the event"
            )
        chosen = levels[1] if event is None else event
        if chosen not in levels or len(levels) < 2:
            shown = ", ".join(repr(level[:MAX_LABEL]) for level in levels[:10])
            raise ToolError(f"event: {target.name!r} has {shown} in these rows: name one of two or more values")
        return stats.as_floats(words == chosen), chosen[:MAX_LABEL]
    if target.type not in NUMERIC:
        raise ToolError(f"{kind} needs a target of numbers; {target.name!r} holds {target.type}: try logit")
    y = frame[target.name].to_numpy(dtype="float64")
    if kind == "poisson" and ((y < 0).any() or (y % 1 != 0).any()):
        raise ToolError(f"poisson needs counts; {target.name!r} holds numbers below 0 or with fractions")
    return y, None


def _fitted(model: _Model, terms: Terms, y: Floats, frame: pd.DataFrame) -> dict[str, JsonValue]:
    kind, is_robust = model.arguments.kind, model.arguments.robust
    if kind in ("ols", "wls"):
        return _least_squares(model, terms, y, frame)
    assert kind in ("logit", "poisson")  # noqa: S101 - what is left
    fit = stats.maximum_likelihood(terms.values.astype("float64"), y, tuple(terms.names), kind, is_robust)
    warnings: list[JsonValue] = []
    if kind == "poisson" and fit.dispersion > 1.5 and not is_robust:
        warnings.append(f"the counts spread {fit.dispersion:.1f} times as Poisson's would: p is too small; use robust")
    if kind == "logit" and min(y.sum(), len(y) - y.sum()) < NEEDED * len(terms.names):
        warnings.append("fewer than ten events for each term: the estimates are unsteady")
    return {
        "kind": kind,
        "coefficients": [{**_line(c), "ratio": _exp(c.estimate)} for c in fit.coefficients],
        "n": fit.n,
        "df": fit.df,
        "pseudo_r2": fit.pseudo_r2,
        "deviance": fit.deviance,
        "null_deviance": fit.null_deviance,
        "aic": fit.aic,
        "dispersion": fit.dispersion,
        "robust": is_robust,
        "warnings": warnings,
    }


def _least_squares(model: _Model, terms: Terms, y: Floats, frame: pd.DataFrame) -> dict[str, JsonValue]:
    arguments, names = model.arguments, terms.names
    weights = None if model.weights is None else frame[model.weights.name].to_numpy(dtype="float64")
    fit = stats.least_squares(terms.values, y, tuple(names), arguments.robust, weights, arguments.intercept)
    # With weights, the residuals that should spread alike are those times the root of the weight.
    even = fit.residuals if weights is None else fit.residuals * weights**0.5
    is_exact = fit.sigma == 0
    pagan, pagan_p = (math.nan, math.nan) if is_exact else stats.breusch_pagan(terms.values, even)
    watson = math.nan if is_exact else stats.durbin_watson(fit.residuals)
    top = stats.most_influential(fit.cooks)
    content: dict[str, JsonValue] = {
        "kind": "ols" if weights is None else "wls",
        "coefficients": [_line(coefficient) for coefficient in fit.coefficients],
        "n": fit.n,
        "df": fit.df,
        "r2": fit.r2,
        "adj_r2": fit.adj_r2,
        "sigma": fit.sigma,
        "f": _finite(fit.f),
        "f_p": fit.f_p,
        "condition_number": fit.condition_number,
        "vif": [{"term": term, "vif": vif} for term, vif in zip(names, fit.vif, strict=True)],
        "breusch_pagan": {"statistic": _finite(pagan), "p": _finite(pagan_p)},
        "durbin_watson": _finite(watson),
        "most_influential": {"row": int(frame["_row"].iloc[top]), "cook": _finite(float(fit.cooks[top]))},
        "robust": arguments.robust,
        "intercept": arguments.intercept,
    }
    if model.weights is not None:
        content["weights"] = model.weights.name
    warnings: list[JsonValue] = []
    if fit.condition_number > HIGH_CONDITION:
        warnings.append(
            f"the terms nearly say the same (condition number {fit.condition_number:.0f}): estimates are unsteady"
        )
    crowded = [term for term, vif in zip(names, fit.vif, strict=True) if vif > HIGH_VIF]
    if crowded:
        warnings.append(f"VIF above {HIGH_VIF:.0f}: {', '.join(crowded[:5])}")
    if pagan_p < 0.05 and not arguments.robust:
        warnings.append(f"the residuals' spread changes (Breusch-Pagan p = {pagan_p:.2g}): use robust")
    if not 1.5 < watson < 2.5 and not is_exact:
        warnings.append(
            f"neighbouring rows go together (Durbin-Watson {watson:.2f}): p is too small if they are in time"
        )
    if fit.cooks[top] > 1:
        warnings.append(f"one row has a large influence (Cook {fit.cooks[top]:.1f}): look at it")
    if fit.df < NEEDED * len(names):
        warnings.append("fewer than ten rows for each term: the fit may be chance")
    if not arguments.intercept:
        warnings.append("without an intercept R² compares with 0, not with the mean: it is larger than usual")
    return {**content, "warnings": warnings}


def _sentence(model: _Model, content: dict[str, JsonValue]) -> str:
    coefficients = content["coefficients"]
    assert isinstance(coefficients, list)  # noqa: S101 - made by `_fitted`
    lines = [line for line in coefficients if isinstance(line, dict) and line["term"] != "(intercept)"]
    lines.sort(key=lambda line: float(str(line["p"])))
    share = content.get("r2", content.get("pseudo_r2"))
    return render(
        "regress",
        target=one_line(model.target.name),
        event=None if "event" not in content else one_line(str(content["event"])),
        kind=str(content["kind"]),
        share=f"{float(str(share)):.0%}",
        n=content["n"],
        clear=[_told(line) for line in lines if float(str(line["p"])) < 0.05][:3],
        n_clear=sum(float(str(line["p"])) < 0.05 for line in lines),
        n_terms=len(lines),
    )


def _told(line: dict[str, JsonValue]) -> dict[str, str]:
    number = "ratio" if "ratio" in line and line["ratio"] is not None else "estimate"
    value, p = float(str(line[number])), float(str(line["p"]))
    shown = f"times {value:.3g}" if number == "ratio" else f"{value:+.3g}"
    return {"term": one_line(str(line["term"])), "change": shown, "p": f"{p:.2g}"}


def _picture(model: _Model) -> JsonValue:
    """The call of plot that shows how well the line fits, or how the groups lie."""
    numbers = [c.name for c in model.grammar.features if c.type in NUMERIC and not model.grammar.is_category(c)]
    if model.arguments.kind == "logit" and numbers:
        return {"tool": "plot", "kind": "box", "x": model.target.name, "y": numbers[0]}
    if not numbers:
        return {"tool": "plot", "kind": "box", "x": model.grammar.features[0].name, "y": model.target.name}
    kind = "residuals" if len(model.grammar.features) == 1 else "scatter"
    return {"tool": "plot", "kind": kind, "x": numbers[0], "y": model.target.name}


def _line(coefficient: Coefficient) -> dict[str, JsonValue]:
    line = asdict(coefficient)
    line["statistic"] = _finite(coefficient.statistic)
    return line


def _exp(value: float) -> float | None:
    return math.exp(value) if value < 700 else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

"""regress: how a target depends on other columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from functools import reduce
from itertools import product
from operator import mul
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from adapters.records import Column, Dataset, JsonValue
from prompts.visible import one_line
from tools import stats
from tools.columns import NUMERIC, find_column, natural_order
from tools.context import ToolContext
from tools.errors import ToolError
from tools.results import ToolOutput
from tools.spec import Arguments, tool

if TYPE_CHECKING:
    import pandas as pd

    from tools.stats import Coefficient, Floats

MAX_LEVELS = 50
MAX_TERMS = 200
HIGH_CONDITION = 30.0
HIGH_VIF = 10.0


class Interaction(Arguments):
    """Columns whose product is a term of its own."""

    columns: list[str] = Field(description="Two or more of the features.", min_length=2, max_length=4)


class Power(Arguments):
    """A power of a column of numbers as a term of its own."""

    column: str = Field(description="One of the features, with numbers.")
    power: int = Field(description="2 for the square, and so on.", ge=2, le=6)


class Regress(Arguments):
    """What is explained by what, and how."""

    dataset: str = Field(description="Name of a loaded dataset.")
    target: str = Field(description="The column that is explained.")
    features: list[str] = Field(
        description="The columns that explain it. Text and booleans become one term for each value but the first.",
        min_length=1,
        max_length=50,
    )
    interactions: list[Interaction] | None = Field(default=None, description="Products of features as further terms.")
    powers: list[Power] | None = Field(default=None, description="Powers of features as further terms.")
    kind: Literal["ols", "logit", "poisson"] = Field(
        default="ols", description="ols: numbers. logit: a column of two values. poisson: counts."
    )
    robust: bool = Field(
        default=False, description="Standard errors that hold when the residuals' spread changes (HC3; HC1 for others)."
    )
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )


@tool(effect="read")
def regress(arguments: Regress, context: ToolContext) -> ToolOutput:
    """Explain a target by other columns: least squares (ols), logistic regression (logit) or Poisson regression.

    Gives each coefficient with standard error, t or z, p and 95 % interval (for logit and poisson also its ratio,
    exp(estimate)); for ols R², adjusted R², sigma, F, condition number, VIF, Breusch-Pagan, Durbin-Watson (rows in the
    file's order) and the row of largest influence (Cook). Categories are compared with their first value, named in
    `reference`. Rows with a missing value are left out and counted. A coefficient tells how the target goes with a
    column while the others stay the same; it is no cause. Read the warnings to the user. It only reads.
    """
    dataset = context.data.get(arguments.dataset)
    target = find_column(dataset, arguments.target)
    features = [find_column(dataset, name) for name in dict.fromkeys(arguments.features)]
    if target in features:
        raise ToolError(f"{target.name!r} is the target: it cannot explain itself")
    _check_named(arguments, dataset, features)
    with context.data.open(dataset.name, arguments.where, context.watch) as table:
        frame = table.frame([target.name, *(column.name for column in features)])
    whole = frame.dropna()
    if whole.empty:
        raise ToolError("no row has a value in every one of these columns")
    y, event = _target(arguments, target, whole)
    terms, x, reference = _terms(arguments, features, whole)
    try:
        content = _fitted(arguments, terms, x, y, whole)
    except stats.TooFewValues as error:
        raise ToolError(str(error)) from error
    missing = len(frame) - len(whole)
    warnings = content.pop("warnings")
    assert isinstance(warnings, list)  # noqa: S101 - made by `_fitted`
    if missing:
        warnings.append(f"{missing} rows with missing values left out")
    said = {} if event is None else {"event": event}
    return ToolOutput({**content, **said, "reference": reference, "missing": missing, "warnings": warnings})


def _check_named(arguments: Regress, dataset: Dataset, features: Sequence[Column]) -> None:
    names = {column.name for column in features}
    wanted = [name for interaction in arguments.interactions or () for name in interaction.columns]
    wanted += [power.column for power in arguments.powers or ()]
    for name in wanted:
        column = find_column(dataset, name)
        if column.name not in names:
            raise ToolError(f"{name!r} stands in a product or power: name it among the features too")
    for power in arguments.powers or ():
        if find_column(dataset, power.column).type not in NUMERIC:
            raise ToolError(f"powers: {power.column!r} holds no numbers")


def _target(arguments: Regress, target: Column, frame: pd.DataFrame) -> tuple[Floats, str | None]:
    """The target as numbers; of a logit, 1 for the second of its two values, which is the event."""
    if arguments.kind == "logit":
        words = frame[target.name].astype(str)
        levels = sorted(words.unique(), key=natural_order)
        if len(levels) != 2:
            raise ToolError(f"logit needs a target of two values; {target.name!r} has {len(levels)} in these rows")
        return (words == levels[1]).to_numpy(dtype="float64"), levels[1][:64]
    if target.type not in NUMERIC:
        raise ToolError(f"{arguments.kind} needs a target of numbers; {target.name!r} holds {target.type}: try logit")
    y = frame[target.name].to_numpy(dtype="float64")
    if arguments.kind == "poisson" and ((y < 0).any() or (y % 1 != 0).any()):
        raise ToolError(f"poisson needs counts; {target.name!r} holds numbers below 0 or with fractions")
    return y, None


def _terms(
    arguments: Regress, features: Sequence[Column], frame: pd.DataFrame
) -> tuple[list[str], Floats, dict[str, JsonValue]]:
    """Names and values of all terms, and the value that each category is compared with."""
    parts: dict[str, list[tuple[str, Floats]]] = {}
    reference: dict[str, JsonValue] = {}
    for column in features:
        if column.type in NUMERIC:
            parts[column.name] = [(column.name, frame[column.name].to_numpy(dtype="float64"))]
            continue
        if column.type not in ("text", "boolean"):
            raise ToolError(f"{column.name!r} holds {column.type}: derive a number from it with transform first")
        words = frame[column.name].astype(str)
        levels = sorted(words.unique(), key=natural_order)
        if len(levels) > MAX_LEVELS:
            raise ToolError(f"{column.name!r} has {len(levels)} values; a category may have {MAX_LEVELS}")
        reference[column.name] = levels[0][:64]
        parts[column.name] = [
            (f"{column.name}[{one_line(level, 32)}]", (words == level).to_numpy(dtype="float64"))
            for level in levels[1:]
        ]
    chosen = [term for column in features for term in parts[column.name]]
    by_name = {name.casefold(): terms for name, terms in parts.items()}  # as find_column forgives case
    for power in arguments.powers or ():
        name, values = by_name[power.column.casefold()][0]
        chosen.append((f"{name}^{power.power}", values**power.power))
    for interaction in arguments.interactions or ():
        for combination in product(*(by_name[name.casefold()] for name in interaction.columns)):
            label = ":".join(name for name, _ in combination)
            chosen.append((label, reduce(mul, (values for _, values in combination))))
    if not chosen or len(chosen) > MAX_TERMS:
        raise ToolError(f"the features make {len(chosen)} terms; there may be 1 to {MAX_TERMS}")
    return [name for name, _ in chosen], stats.as_columns([values for _, values in chosen]), reference


def _fitted(
    arguments: Regress, terms: Sequence[str], x: Floats, y: Floats, frame: pd.DataFrame
) -> dict[str, JsonValue]:
    if arguments.kind == "ols":
        rows = [int(row) for row in frame.index] if arguments.where is None else []
        return _least_squares(arguments, terms, x, y, rows)
    fit = stats.maximum_likelihood(x, y, tuple(terms), arguments.kind, arguments.robust)
    warnings: list[JsonValue] = []
    if arguments.kind == "poisson" and fit.dispersion > 1.5 and not arguments.robust:
        warnings.append(f"the counts spread {fit.dispersion:.1f} times as Poisson's would: p is too small; use robust")
    if arguments.kind == "logit" and min(y.sum(), len(y) - y.sum()) < 10 * len(terms):
        warnings.append("fewer than ten events for each term: the estimates are unsteady")
    return {
        "kind": arguments.kind,
        "coefficients": [{**_line(c), "ratio": _exp(c.estimate)} for c in fit.coefficients],
        "n": fit.n,
        "df": fit.df,
        "pseudo_r2": fit.pseudo_r2,
        "deviance": fit.deviance,
        "null_deviance": fit.null_deviance,
        "aic": fit.aic,
        "dispersion": fit.dispersion,
        "warnings": warnings,
    }


def _least_squares(
    arguments: Regress, terms: Sequence[str], x: Floats, y: Floats, rows: Sequence[int]
) -> dict[str, JsonValue]:
    """`rows` are the rows' `_row`, where all rows were read."""
    fit = stats.least_squares(x, y, tuple(terms), arguments.robust)
    pagan, pagan_p = stats.breusch_pagan(x, fit.residuals) if fit.sigma > 0 else (math.nan, math.nan)
    watson = stats.durbin_watson(fit.residuals) if fit.sigma > 0 else math.nan
    top = stats.most_influential(fit.cooks)
    warnings: list[JsonValue] = []
    if fit.condition_number > HIGH_CONDITION:
        warnings.append(
            f"the terms nearly say the same (condition number {fit.condition_number:.0f}): estimates are unsteady"
        )
    crowded = [term for term, vif in zip(terms, fit.vif, strict=True) if vif > HIGH_VIF]
    if crowded:
        warnings.append(f"VIF above {HIGH_VIF:.0f}: {', '.join(crowded[:5])}")
    if pagan_p < 0.05 and not arguments.robust:
        warnings.append(f"the residuals' spread changes (Breusch-Pagan p = {pagan_p:.2g}): use robust")
    if not 1.5 < watson < 2.5:
        warnings.append(
            f"neighbouring rows go together (Durbin-Watson {watson:.2f}): p is too small if they are in time"
        )
    if fit.cooks[top] > 1:
        warnings.append(f"one row has a large influence (Cook {fit.cooks[top]:.1f}): look at it")
    if fit.df < 10 * len(terms):
        warnings.append("fewer than ten rows for each term: the fit may be chance")
    return {
        "kind": "ols",
        "coefficients": [_line(coefficient) for coefficient in fit.coefficients],
        "n": fit.n,
        "df": fit.df,
        "r2": fit.r2,
        "adj_r2": fit.adj_r2,
        "sigma": fit.sigma,
        "f": fit.f if math.isfinite(fit.f) else None,
        "f_p": fit.f_p,
        "condition_number": fit.condition_number,
        "vif": [{"term": term, "vif": vif} for term, vif in zip(terms, fit.vif, strict=True)],
        "breusch_pagan": {"statistic": _finite(pagan), "p": _finite(pagan_p)},
        "durbin_watson": _finite(watson),
        "most_influential": {"row": rows[top] if rows else None, "cook": _finite(float(fit.cooks[top]))},
        "robust": arguments.robust,
        "warnings": warnings,
    }


def _line(coefficient: Coefficient) -> dict[str, JsonValue]:
    line = asdict(coefficient)
    line["statistic"] = _finite(coefficient.statistic)
    return line


def _exp(value: float) -> float | None:
    return math.exp(value) if value < 700 else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

"""regress: how a target depends on other columns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from adapters.data.base import Table
from adapters.records import Dataset, JsonValue
from prompts import render
from prompts.visible import one_line
from tools import stats
from tools.columns import NUMERIC, find_column, find_numeric, not_numbers_yet
from tools.context import ToolContext
from tools.each_value import each_content
from tools.errors import ToolError
from tools.groups import find_groups
from tools.kinds import CATEGORIES, NUMBERS, choose_kinds, warn_of_codes
from tools.p_values import p_words, settled
from tools.regress.fit_warnings import NEEDED, warnings_of
from tools.regress.model_rows import MAX_LABEL, Model, ModelRows, read_rows
from tools.regress.model_units import find_units
from tools.regress.sentences import SENTENCES
from tools.regress.terms import Grammar, Interaction, Power, check_named
from tools.regress.told import told
from tools.results import ToolOutput
from tools.spec import Arguments, tool

if TYPE_CHECKING:
    from tools.stats import Blocks, Coefficient, LinearFit, Rows


class Regress(Arguments):
    """What is explained by what, and how."""

    dataset: str = Field(description="Name of a loaded dataset.")
    target: str = Field(description="The column that is explained.")
    features: list[str] = Field(
        description="The columns that explain it. Text and booleans become one term for each value but the first.",
        min_length=1,
        max_length=50,
    )
    categories: list[str] | None = Field(default=None, description=CATEGORIES)
    numbers: list[str] | None = Field(default=None, description=NUMBERS)
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
    exposure: str | None = Field(
        default=None,
        description="poisson: column of what each count is out of (years at risk, area, members): explain the rate.",
    )
    intercept: bool = Field(default=True, description="ols, wls: false fits through the origin, with R² against 0.")
    event: str | None = Field(
        default=None, description="logit: the value of target whose chance is explained; the second of two if null."
    )
    robust: bool = Field(
        default=False,
        description="Standard errors that hold under non-constant variance of the residuals (HC3; HC1 for others).",
    )
    by: str | list[str] | None = Field(
        default=None, description="Column (or columns) whose values each make a regression of their own."
    )
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )


@tool(
    effect="read",
    gives="least squares, with weights or through the origin, logit, Poisson (counts, or rates by an "
    "exposure): coefficients, robust errors, diagnostics; categories (also codes), products, powers; "
    "by group",
    example={"dataset": "penguins", "target": "body_mass_g", "features": ["flipper_length_mm", "sex"]},
    sentences=SENTENCES,
    told=told,
)
def regress(arguments: Regress, context: ToolContext) -> ToolOutput[Any]:
    """Explain a target by other columns: least squares (ols, wls), logistic (logit) or Poisson regression.

    Gives each coefficient with standard error, t or z, p and 95 % interval (for logit and poisson also its ratio,
    exp(estimate)); for ols and wls R², adjusted R², sigma, F, condition number, VIF, Breusch-Pagan, Durbin-Watson with
    p (rows in the file's order), the row (`_row`) of largest influence (Cook) and in `full_leverage` the rows of
    leverage 1, that the fit goes through whatever their target is. Where residuals are only rounding there is no p.
    Categories are compared with their first value, named in `reference`. `aliased` names terms left out because those
    before say the same together, or their category has one value, `endless` (logit, poisson) those that no finite
    coefficient fits best. Rows with a missing value are left out and counted.
    With `by`, `results` has one regression for each value. A coefficient is an association of the column with the
    target, adjusted for the others; it is no cause. Read the warnings to the user. It only reads.
    """
    dataset = context.data.get(arguments.dataset)
    model = _model(arguments, dataset)
    by = find_groups(dataset, arguments.by)
    if by is not None:
        by.refuse(model.columns, "is part of the model; within a group it does not vary")
    with context.data.open(dataset.name, arguments.where, context.watch, is_lean=True) as table:
        if by is None:
            content = _fit(arguments, model, table)
        else:
            content = each_content(table, by, lambda part: _fit(arguments, model, part))
    if codes := _codes(arguments, model, dataset):
        warnings = content.setdefault("warnings", [])
        assert isinstance(warnings, list)  # noqa: S101 - made by `_fit`, or just now
        warnings.extend(codes)
    return ToolOutput(settled({**content, "picture": _picture(model)}))


def _model(arguments: Regress, dataset: Dataset) -> Model:
    target = find_column(dataset, arguments.target)
    features = [find_column(dataset, name) for name in dict.fromkeys(arguments.features)]
    if target in features:
        raise ToolError(f"{target.name!r} is the target: it cannot explain itself")
    is_least_squares = arguments.kind in ("ols", "wls")
    if arguments.kind == "wls" and arguments.weights is None:
        raise ToolError("wls needs weights: a column of numbers above 0")
    if arguments.weights is not None and not is_least_squares:
        raise ToolError(f"weights are for wls; {arguments.kind} takes none")
    if arguments.exposure is not None and arguments.kind != "poisson":
        raise ToolError(f"exposure is for poisson; {arguments.kind} takes none")
    if not arguments.intercept and not is_least_squares:
        raise ToolError(f"intercept: {arguments.kind} always has one")
    if arguments.event is not None and arguments.kind != "logit":
        raise ToolError("event is for logit")
    if arguments.kind != "logit" and target.type not in NUMERIC:
        way = "try logit" if target.distinct == 2 else not_numbers_yet(target)
        raise ToolError(f"{arguments.kind} needs a target of numbers; {target.name!r} holds {target.type}: {way}")
    measure = arguments.weights or arguments.exposure
    weights = None if measure is None else find_numeric(dataset, measure)
    kinds = choose_kinds(features, arguments.categories, arguments.numbers, dataset)
    grammar = Grammar(features, arguments.interactions or (), arguments.powers or (), kinds)
    check_named(grammar, dataset)
    named: Literal["weights", "exposure"] = "weights" if arguments.exposure is None else "exposure"
    return Model(target, weights, grammar, arguments.kind == "logit", arguments.event, named)


def _codes(arguments: Regress, model: Model, dataset: Dataset) -> list[JsonValue]:
    """Which features may be codes; whoever asks for a column's power takes it for a number."""
    said = [*(arguments.numbers or ()), *(power.column for power in arguments.powers or ())]
    return [warned.words for warned in warn_of_codes(model.grammar.kinds, said, dataset)]


def _fit(arguments: Regress, model: Model, table: Table) -> dict[str, JsonValue]:
    """One regression over the rows of `table`."""
    rows = read_rows(model, table)
    try:
        content = _fit_own(arguments, model, rows)
    except stats.TooFewValues as error:
        raise ToolError(str(error)) from error
    warnings = content.pop("warnings")
    assert isinstance(warnings, list)  # noqa: S101 - made just now
    if rows.terms.single:
        named = ", ".join(rows.terms.single[:5])
        warnings.insert(0, f"left out, as they have a single value in the rows without missing values: {named}")
        aliased = content.get("aliased", [])
        assert isinstance(aliased, list)  # noqa: S101 - made by `_fit_own`
        content["aliased"] = [*aliased, *rows.terms.single]
    if rows.missing:
        zero = {"weights": " or weight 0", "exposure": " or exposure 0"}[model.measure] if model.weights else ""
        left = f"missing values{zero}"
        warnings.append(f"{rows.missing} rows with {left} left out")
    said: dict[str, JsonValue] = {} if rows.event is None else {"event": rows.event[:MAX_LABEL]}
    content |= {**said, "reference": rows.terms.reference, "missing": rows.missing, "warnings": warnings}
    content["interpretation"] = _sentence(model, content)
    return content


def _fit_own(arguments: Regress, model: Model, rows: ModelRows) -> dict[str, JsonValue]:
    """The fit of the terms that say something of their own; the others are named in `aliased`."""
    fit = _least_squares if arguments.kind in ("ols", "wls") else _likelihood
    try:
        return fit(arguments, model, rows)
    except stats.Aliased as error:
        if not 0 < len(error.own) < len(rows.terms.names):
            raise
        aliased = [name for at, name in enumerate(rows.terms.names) if at not in error.own]
        content = fit(arguments, model, rows.only(error.own))
    warnings = content["warnings"]
    assert isinstance(warnings, list)  # noqa: S101 - made just now
    warnings.insert(0, f"left out, as they are collinear with the terms before them: {', '.join(aliased[:5])}")
    return {**content, "aliased": list(aliased)}


def _likelihood(arguments: Regress, model: Model, rows: ModelRows) -> dict[str, JsonValue]:
    kind, is_robust, names = arguments.kind, arguments.robust, rows.terms.names
    assert kind in ("logit", "poisson")  # noqa: S101 - what is left
    blocks = rows.blocks if kind == "logit" else _counts(model, rows.blocks)
    units = find_units(rows.blocks, len(names), is_counts=True)
    fit = stats.maximum_likelihood(units.apply(blocks), names, kind, is_robust)
    warnings: list[JsonValue] = []
    if fit.endless:
        warnings.append(
            f"complete separation of {fit.n_apart} rows: no finite maximum likelihood estimate for "
            f"{', '.join(fit.endless[:5])}; the other terms are fitted to the other rows"
        )
    if kind == "poisson" and fit.dispersion > 1.5 and not is_robust:
        warnings.append(
            f"the counts are overdispersed (variance {fit.dispersion:.1f} times Poisson's): p is too small; use robust"
        )
    if kind == "logit" and fit.n * min(fit.mean, 1 - fit.mean) < NEEDED * len(names):
        warnings.append("fewer than ten events for each term: the estimates are unstable")
    return {
        "kind": kind,
        "coefficients": [{**_line(c, "normal"), "ratio": _exp(c.estimate)} for c in units.own(fit.coefficients, names)],
        **({"endless": list(fit.endless)} if fit.endless else {}),
        "n": fit.n,
        "df": fit.df,
        "pseudo_r2": fit.pseudo_r2,
        "deviance": fit.deviance,
        "null_deviance": fit.null_deviance,
        "aic": fit.aic,
        "dispersion": fit.dispersion,
        "robust": is_robust,
        **({"exposure": model.weights.name} if model.weights else {}),
        "warnings": warnings,
    }


def _counts(model: Model, blocks: Blocks) -> Blocks:
    """The same rows; a y that is no count is an error."""

    def checked() -> Iterator[Rows]:
        for rows in blocks():
            if (rows.y < 0).any() or (rows.y % 1 != 0).any():
                raise ToolError(f"poisson needs counts; {model.target.name!r} holds numbers below 0 or with fractions")
            yield rows

    return checked


def _least_squares(arguments: Regress, model: Model, rows: ModelRows) -> dict[str, JsonValue]:
    names = rows.terms.names
    units = find_units(rows.blocks, len(names), is_counts=False)
    fit = stats.least_squares(units.apply(rows.blocks), names, arguments.robust, arguments.intercept)
    (pagan, pagan_p), (top, cook) = fit.breusch_pagan, fit.most_influential
    content: dict[str, JsonValue] = {
        "kind": "ols" if model.weights is None else "wls",
        "coefficients": [_line(coefficient, "t") for coefficient in units.own(fit.coefficients, names)],
        "n": fit.n,
        "df": fit.df,
        "r2": fit.r2,
        "adj_r2": fit.adj_r2,
        "sigma": units.own_sigma(fit.sigma),
        "f": _finite(fit.f),
        "f_p": _finite(fit.f_p),
        "f_p_method": "F",
        "condition_number": fit.condition_number,
        "vif": [{"term": term, "vif": vif} for term, vif in zip(names, fit.vif, strict=True)],
        "breusch_pagan": {"statistic": _finite(pagan), "p": _finite(pagan_p), "p_method": "chi-square"},
        **_durbin_watson(fit),
        "most_influential": {"row": top, "cook": _finite(cook)},
        **({"full_leverage": {"rows": list(fit.alone), "n": fit.n_alone}} if fit.n_alone else {}),
        "robust": arguments.robust,
        "intercept": arguments.intercept,
    }
    if model.weights is not None:
        content["weights"] = model.weights.name
    warnings = warnings_of(fit, names, arguments.robust)
    if not arguments.intercept:
        warnings.append("without an intercept R² compares with 0, not with the mean: it is larger than usual")
    return {**content, "warnings": warnings}


def _durbin_watson(fit: LinearFit) -> dict[str, JsonValue]:
    found = fit.durbin_watson
    if found is None or math.isnan(found.p):
        return {"durbin_watson": None if found is None else found.statistic}
    names = ("durbin_watson", "durbin_watson_p", "durbin_watson_p_method")
    said: dict[str, JsonValue] = dict(zip(names, (found.statistic, found.p, found.p_method), strict=True))
    return {**said, **({"durbin_watson_p_is_bound": True} if found.p_is_bound else {})}


def _sentence(model: Model, content: dict[str, JsonValue]) -> str:
    coefficients = content["coefficients"]
    assert isinstance(coefficients, list)  # noqa: S101 - made by `_fitted`
    lines = [line for line in coefficients if isinstance(line, dict) and line["term"] != "(intercept)"]
    has_p = any(line["p"] is not None for line in lines)
    lines.sort(key=_p_of)
    ratio = "odds ratio" if content["kind"] == "logit" else "rate ratio"
    share = content.get("r2", content.get("pseudo_r2"))
    endless = content.get("endless", [])
    assert isinstance(endless, list)  # noqa: S101 - made by `_likelihood`
    return render(
        "regress",
        target=one_line(model.target.name),
        event=None if "event" not in content else one_line(str(content["event"])),
        kind=str(content["kind"]),
        share=f"{float(str(share)):.0%}",
        n=content["n"],
        clear=[_told(line, ratio) for line in lines if _p_of(line) < 0.05][:3],
        n_clear=sum(_p_of(line) < 0.05 for line in lines),
        n_terms=len(lines),
        has_p=has_p,
        first=one_line(str(lines[0]["term"])) if lines else None,
        exposure=one_line(model.weights.name) if model.weights and model.measure == "exposure" else None,
        endless=[one_line(str(name)) for name in endless if name != "(intercept)"][:3],
    )


def _p_of(line: dict[str, JsonValue]) -> float:
    """Of a coefficient; 1 where it has none."""
    p = line["p"]
    return 1.0 if p is None else float(str(p))


def _told(line: dict[str, JsonValue], ratio: str) -> dict[str, str]:
    number = "ratio" if "ratio" in line and line["ratio"] is not None else "estimate"
    value, p = float(str(line[number])), float(str(line["p"]))
    shown = f"{ratio} {value:.3g}" if number == "ratio" else f"{value:+.3g}"
    return {"term": one_line(str(line["term"])), "change": shown, "p": p_words(p)}


def _picture(model: Model) -> JsonValue:
    """The call of plot that shows how well the line fits, or how the groups lie."""
    numbers = [c.name for c in model.grammar.features if c.type in NUMERIC and not model.grammar.is_category(c)]
    if model.is_logit and numbers:
        return {"tool": "plot", "kind": "box", "x": model.target.name, "y": numbers[0]}
    if not numbers:
        return {"tool": "plot", "kind": "box", "x": model.grammar.features[0].name, "y": model.target.name}
    kind = "residuals" if len(model.grammar.features) == 1 else "scatter"
    return {"tool": "plot", "kind": kind, "x": numbers[0], "y": model.target.name}


def _line(coefficient: Coefficient, p_method: str) -> dict[str, JsonValue]:
    line = {**asdict(coefficient), "p_method": p_method}
    line["statistic"] = None if coefficient.statistic is None else _finite(coefficient.statistic)
    return line


def _exp(value: float) -> float | None:
    return math.exp(value) if value < 700 else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

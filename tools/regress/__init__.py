"""regress: how a target depends on other columns."""

from __future__ import annotations

from pydantic import Field

from adapters.records import Dataset
from tools.columns import NUMERIC, find_column, find_numeric, not_numbers_yet
from tools.context import ToolContext
from tools.each_value import EachValue, each_value
from tools.errors import ToolError
from tools.groups import find_groups
from tools.kinds import CATEGORIES, NUMBERS, choose_kinds, warn_of_codes
from tools.pictured import Picture, pictured
from tools.regress.fitting import regression_of
from tools.regress.model_rows import Kind, Model
from tools.regress.result import Regression
from tools.regress.sentences import SENTENCES
from tools.regress.terms import Grammar, Interaction, Power, check_named
from tools.regress.told import told
from tools.results import ToolOutput
from tools.scripting import later
from tools.spec import Arguments, tool
from tools.warned import Warned, said


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
    kind: Kind = Field(
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
    script=later("tools.regress.script"),
)
def regress(arguments: Regress, context: ToolContext) -> ToolOutput[Regression | EachValue[Regression]]:
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
    codes, picture = _codes(arguments, model, dataset), _picture(model)
    with context.data.open(dataset.name, arguments.where, context.watch, is_lean=True) as table:
        if by is None:
            return ToolOutput(regression_of(model, table, codes).model_copy(update={"picture": picture}))
        results = each_value(table, by, lambda part: regression_of(model, part))
    warned = said(codes) if codes else {}
    return ToolOutput(EachValue[Regression](by=by.named, results=tuple(results), **warned, picture=picture))


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
        logit = f"try logit, as in `logit of {target.name} on {features[0].name}`"
        way = logit if target.distinct == 2 else not_numbers_yet(target)
        raise ToolError(f"{arguments.kind} needs a target of numbers; {target.name!r} holds {target.type}: {way}")
    measure = arguments.weights or arguments.exposure
    weights = None if measure is None else find_numeric(dataset, measure)
    kinds = choose_kinds(features, arguments.categories, arguments.numbers, dataset)
    grammar = Grammar(features, arguments.interactions or (), arguments.powers or (), kinds)
    check_named(grammar, dataset)
    kind: Kind = "wls" if is_least_squares and weights is not None else arguments.kind
    return Model(target, weights, grammar, kind, arguments.event, arguments.robust, arguments.intercept)


def _codes(arguments: Regress, model: Model, dataset: Dataset) -> list[Warned]:
    """Which features may be codes; whoever asks for a column's power takes it for a number."""
    sure = [*(arguments.numbers or ()), *(power.column for power in arguments.powers or ())]
    return warn_of_codes(model.grammar.kinds, sure, dataset)


def _picture(model: Model) -> Picture:
    """The call of plot that shows how well the line fits, or how the groups lie."""
    numbers = [c.name for c in model.grammar.features if c.type in NUMERIC and not model.grammar.is_category(c)]
    if model.is_logit and numbers:
        return pictured("box", model.target.name, numbers[0])
    if not numbers:
        return pictured("box", model.grammar.features[0].name, model.target.name)
    return pictured("residuals" if len(model.grammar.features) == 1 else "scatter", numbers[0], model.target.name)

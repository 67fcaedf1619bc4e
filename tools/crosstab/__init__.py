"""crosstab: how two columns of categories are associated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from adapters.data.base import DuckTable
from prompts import render
from prompts.visible import one_line
from tools import stats
from tools.agreement import disagreement
from tools.columns import find_column
from tools.context import ToolContext
from tools.counts import count_pairs
from tools.crosstab.result import Counted, CountedRow, CountWarns
from tools.crosstab.sentences import SENTENCES
from tools.crosstab.told import told
from tools.each_value import EachValue, corrected, each_value
from tools.effect_words import effect_words
from tools.errors import ToolError
from tools.groups import find_groups
from tools.p_values import p_words
from tools.pictured import pictured
from tools.results import ToolOutput, if_any
from tools.scripting import later
from tools.spec import Arguments, tool
from tools.warned import Warned, said

if TYPE_CHECKING:
    from tools.stats import Floats, TableTest


class Crosstab(Arguments):
    """Which columns are counted against each other, and by which test."""

    dataset: str = Field(description="Name of a loaded dataset.")
    row: str = Field(description="Column whose values make the rows.")
    column: str | None = Field(
        default=None, description="Column whose values make the columns; null: goodness of fit of `row` alone."
    )
    test: Literal["auto", "chi_square", "chi_square_corrected", "fisher", "mcnemar"] = Field(
        default="auto",
        description="auto: Fisher where an expected count is below 5 (to 2,000 rows), else chi-square without Yates's "
        "correction. mcnemar: the same people twice.",
    )
    shares: list[float] | None = Field(
        default=None, description="Goodness of fit: expected shares, in the order of the sorted values; even if null."
    )
    by: str | list[str] | None = Field(
        default=None, description="Column (or columns) whose values each make a table of their own."
    )
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )


@tool(
    effect="read",
    gives="counts of two columns, chi-square, Fisher, McNemar, goodness of fit; Cramér's V, odds and risk "
    "ratios with intervals; by group",
    example={"dataset": "penguins", "row": "species", "column": "island"},
    sentences=SENTENCES,
    told=told,
    script=later("tools.crosstab.script"),
)
def crosstab(arguments: Crosstab, context: ToolContext) -> ToolOutput[Counted | EachValue[Counted]]:
    """Count the pairs of values of two columns and test whether they are associated.

    Gives the table (counts, expected counts, shares within rows, adjusted residuals: beyond 2 a cell stands out), the
    statistic, df, p and `p_method` (how p was got), Cramér's V with 95 % interval, and for a 2 by 2 table the odds and
    risk ratios with intervals (of the first column, first row against second) and, in `tests`, chi-square without and
    with Yates's correction and Fisher's test side by side: `test` names the main one. Without `column` the counts of
    `row` are tested against shares. With `by`, `results` has one table for each value, p_adjusted by Holm over them.
    Rows with missing values are left out
    and counted. It only reads.
    """
    dataset = context.data.get(arguments.dataset)
    row = find_column(dataset, arguments.row)
    column = None if arguments.column is None else find_column(dataset, arguments.column)
    if column == row:
        raise ToolError("row and column are the same; give two columns, or leave column out for goodness of fit")
    by = find_groups(dataset, arguments.by)
    if by is not None:
        by.refuse([row, *([column] if column else [])], "is part of the table; give another column")
    picture = pictured("bar", row.name) if column is None else pictured("heatmap", row.name, column.name)

    def count(table: DuckTable) -> Counted:
        try:
            return _counted(arguments, *count_pairs(table, row, column))
        except stats.TooFewValues as error:
            raise ToolError(str(error)) from error

    with context.data.open(dataset.name, arguments.where, context.watch) as table:
        if by is None:
            return ToolOutput(count(table).model_copy(update={"picture": picture}))
        results = corrected(each_value(table, by, count), lambda found: found.p)
    return ToolOutput(EachValue[Counted](by=by.named, results=results, correction="holm", picture=picture))


def _counted(arguments: Crosstab, names: tuple[list[str], list[str]], counts: Floats, missing: int) -> Counted:
    if counts.size == 0:
        raise ToolError("no row has a value in both columns")
    if arguments.column is None:
        if arguments.test != "auto":
            raise ToolError(f"test: {arguments.test} needs a column; without one it is goodness of fit")
        found = stats.goodness_of_fit(counts[:, 0], arguments.shares)
        counts, names = counts.T, ([arguments.row], names[0])
    elif arguments.shares is not None:
        raise ToolError("shares are for goodness of fit: leave column out")
    else:
        found = stats.examine_counts(counts, None if arguments.test == "auto" else arguments.test)
    return Counted(
        test=found.test,
        statistic=found.statistic,
        df=found.df,
        p=found.p,
        p_method=found.p_method,
        **if_any(p_interval=found.p_interval),
        effect=found.effect,
        ratios=found.ratios,
        **if_any(tests=found.tests),
        n=int(counts.sum()),
        missing=missing,
        columns=tuple(name[:64] for name in names[1]),
        table=_rows(names[0], counts, found),
        **said([*_warnings(found, missing), *disagreement(found.test, found.p, found.effect)]),
        interpretation=_sentence(arguments, found, int(counts.sum())),
    )


def _rows(names: list[str], counts: Floats, found: TableTest) -> tuple[CountedRow, ...]:
    shares = counts / counts.sum(axis=1, keepdims=True)
    return tuple(
        CountedRow(
            row=name[:64],
            counts=tuple(int(count) for count in counts[place]),
            shares=tuple(round(float(share), 4) for share in shares[place]),
            expected=tuple(round(value, 2) for value in found.expected[place]),
            residuals=tuple(None if value != value else round(value, 2) for value in found.residuals[place]),
        )
        for place, name in enumerate(names)
    )


def _warnings(found: TableTest, missing: int) -> list[Warned]:
    warns, warnings, few = CountWarns, [], found.few_expected
    if few and found.test == "goodness_of_fit":
        warnings.append(warns.FEW_EXPECTED_OF_FIT(least=min(few)))
    elif few and found.test in ("chi_square", "chi_square_corrected"):
        n_cells = sum(map(len, found.expected))
        warnings.append(warns.FEW_EXPECTED(n=len(few), n_cells=n_cells, least=min(few)))
    if found.has_filled_cells:
        ratios = "the odds ratio and the risk ratio" if found.ratios else "the odds ratio"
        warnings.append(warns.ADDED_TO_CELLS(ratios=ratios))
    if found.p_interval is not None:
        warnings.append(warns.DRAWN_P(low=found.p_interval[0], high=found.p_interval[1]))
    if missing:
        warnings.append(warns.MISSING_VALUES(n=missing))
    return warnings


def _sentence(arguments: Crosstab, found: TableTest, n: int) -> str:
    return render(
        "crosstab",
        row=one_line(arguments.row),
        column=one_line(arguments.column or ""),
        test=found.test.replace("_", " "),
        n=n,
        p=found.p,
        p_shown=p_words(found.p, found.p_method),
        **effect_words(found.effect),
    )

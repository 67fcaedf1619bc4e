"""rater_agreement: how far two raters of the same rows agree beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from adapters.data.base import DuckTable
from adapters.file_words import match_words
from adapters.records import Column
from prompts import render
from prompts.visible import one_line
from tools.columns import NUMERIC, find_column, in_order
from tools.context import ToolContext
from tools.counts import count_pairs
from tools.errors import ToolError
from tools.p_values import p_words
from tools.rater_agreement.result import Agreement, AgreementWarns
from tools.rater_agreement.sentences import SENTENCES
from tools.rater_agreement.told import told
from tools.results import ToolOutput
from tools.scripting import later
from tools.spec import Arguments, tool
from tools.warned import Warned, said

if TYPE_CHECKING:
    from tools.rater_agreement.kappa import Kappa
    from tools.stats import Floats

FEW = 30
PREVAILING = 0.9


class RaterAgreement(Arguments):
    """Which columns hold the two ratings, and how far apart two categories are."""

    dataset: str = Field(description="Name of a loaded dataset.")
    first: str = Field(description="Column with the first rater's categories.")
    second: str = Field(description="Column with the second rater's categories of the same rows.")
    weights: Literal["none", "linear", "quadratic"] = Field(
        default="none",
        description="none: categories agree or do not. linear, quadratic: of ordered ones neighbours agree in part.",
    )
    order: list[str] | None = Field(
        default=None, description="The categories from low to high, where weights go by it; numbers have theirs."
    )
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )


@tool(
    effect="read",
    gives="Cohen's kappa of two raters, unweighted, linear or quadratic, with 95 % interval and p",
    example={"dataset": "penguins", "first": "species", "second": "island"},
    sentences=SENTENCES,
    told=told,
    script=later("tools.rater_agreement.script"),
)
def rater_agreement(arguments: RaterAgreement, context: ToolContext) -> ToolOutput[Agreement]:
    """Measure how far two raters agree beyond chance: Cohen's kappa with its 95 % interval.

    `agreed` is the share of rows with the same category (with weights: partly the same counts in part), `expected` the
    share that chance alone would give; kappa is (agreed - expected) / (1 - expected), at most 1, 0 for chance. `se` is
    for the interval, p (of kappa = 0, two-sided) goes by the error under chance (Fleiss, Cohen, Everitt 1969).
    Weighted kappa needs ordered categories: numbers, or `order`. `table` counts first against second. Rows with a
    missing rating are left out and counted. It only reads.
    """
    dataset = context.data.get(arguments.dataset)
    first, second = find_column(dataset, arguments.first), find_column(dataset, arguments.second)
    if first == second:
        raise ToolError("first and second are the same column; give the ratings of two raters")
    with context.data.open(dataset.name, arguments.where, context.watch) as table:
        counts, levels, missing = _square(table, first, second)
    levels, counts = _ordered(arguments, (first, second), levels, counts)
    # Loaded when it is first used: the prompt waits for no NumPy.
    from tools.rater_agreement.kappa import UndefinedKappaError, cohens_kappa

    try:
        found = cohens_kappa(counts, arguments.weights)
    except UndefinedKappaError as error:
        raise ToolError(f"{first.name!r} and {second.name!r}: {error}") from error
    return ToolOutput(
        Agreement(
            first=first.name,
            second=second.name,
            weights=arguments.weights,
            n=int(counts.sum()),
            missing=missing,
            **asdict(found),
            p_method="normal",
            levels=tuple(level[:64] for level in levels),
            table=tuple(tuple(int(count) for count in line) for line in counts),
            **said(_warnings(counts, levels, missing)),
            interpretation=_sentence(arguments, (first, second), found, int(counts.sum())),
        )
    )


def _sentence(arguments: RaterAgreement, columns: tuple[Column, Column], found: Kappa, n: int) -> str:
    first, second = (one_line(column.name) for column in columns)
    return render(
        "rater_agreement",
        first=first,
        second=second,
        weights=arguments.weights,
        kappa=f"{found.kappa:.2f}",
        interval=f"{found.ci_low:.2f} to {found.ci_high:.2f}",
        agreed=f"{found.agreed:.0%}",
        expected=f"{found.expected:.0%}",
        p=found.p,
        p_shown=p_words(found.p),
        n=n,
    ).strip()


def _square(table: DuckTable, first: Column, second: Column) -> tuple[Floats, list[str], int]:
    """Counts over the categories of both raters, these in their own order, and rows with a missing rating."""
    (rows, columns), counts, missing = count_pairs(table, first, second)
    levels = in_order({*rows, *columns})
    if not levels:
        raise ToolError(f"{first.name!r} and {second.name!r}: no row has a rating of both")
    places = {level: place for place, level in enumerate(levels)}
    square = counts[:0, :0].copy()
    square.resize((len(levels), len(levels)))
    for row, line in zip(rows, counts, strict=True):
        for column, count in zip(columns, line, strict=True):
            square[places[row], places[column]] = count
    return square, levels, missing


def _ordered(
    arguments: RaterAgreement, columns: Sequence[Column], levels: list[str], counts: Floats
) -> tuple[list[str], Floats]:
    """The categories in the order that weights go by, and the counts with them."""
    given = arguments.order
    if given is None:
        if arguments.weights != "none" and not all(column.type in NUMERIC for column in columns):
            listed = ", ".join(repr(level[:40]) for level in levels[:10])
            raise ToolError(f"{arguments.weights} weights go by the order of the categories: give order ({listed})")
        return levels, counts
    meant = match_words(given, levels)
    absent = [level for level in levels if level not in meant.values()]
    if absent or len(given) != len(set(given)):
        problem = f"lacks {absent[0][:40]!r}" if absent else "names a category twice"
        raise ToolError(f"order {problem}: give every category once, from low to high")
    unknown = [word for word in given if word not in meant]
    if unknown:
        raise ToolError(f"order: no rating is {unknown[0][:40]!r}; there are {', '.join(map(repr, levels[:10]))}")
    places = [levels.index(meant[word]) for word in given]
    return [levels[place] for place in places], counts[places][:, places]


def _warnings(counts: Floats, levels: Sequence[str], missing: int) -> list[Warned]:
    warns = AgreementWarns
    warnings = [warns.MISSING_RATINGS(n=missing)] if missing else []
    n = counts.sum()
    if n < FEW:
        warnings.append(warns.FEW_ROWS(n=int(n)))
    shares = (counts.sum(axis=0) + counts.sum(axis=1)) / (2 * n)
    if not (counts.sum(axis=0) * counts.sum(axis=1)).any():
        warnings.append(warns.NOTHING_IN_COMMON())
    if shares.max() > PREVAILING:
        name = levels[int(shares.argmax())]
        warnings.append(warns.PREVAILING_CATEGORY(share=shares.max(), name=name[:40]))
    return warnings

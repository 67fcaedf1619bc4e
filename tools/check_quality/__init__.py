"""check_quality: what may be wrong with the data, before anything is concluded from them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from adapters.count_words import agreeing
from adapters.data.base import DuckTable, quote_identifier
from adapters.records import Column
from tools import stats
from tools.check_quality.result import ColumnQuality, Quality
from tools.check_quality.sentences import SENTENCES
from tools.check_quality.told import told
from tools.columns import NUMERIC, find_column
from tools.context import ToolContext
from tools.number_scan import scan_numbers
from tools.results import ToolOutput
from tools.side_by_side import blocks
from tools.spec import Arguments, tool
from tools.stats.quality import Issue, IssueKind

MAX_ADVICE = 12

ADVICE = {
    IssueKind.DUPLICATES: "{count} [row repeats|rows repeat] an earlier one{column}; find out whether "
    "[it was|they were] counted twice",
    IssueKind.ALL_MISSING: "{column}: every value is missing; leave the column out",
    IssueKind.PLACEHOLDER: "{column}: {count} [value looks like a placeholder|values look like placeholders] "
    "({examples}); ask, then make [it|them] missing",
    IssueKind.NEGATIVE: "{column}: {count} [value is|values are] negative ({examples}) where none should be",
    IssueKind.NEAR_DUPLICATES: "{column}: {count} [row has a value|rows have values] alike but for case or spaces "
    "({examples}); join them",
    IssueKind.MIXED_TYPES: "{column}: {count} [value is|values are] of another kind than most ({examples}); mend or "
    "cast [it|them]",
    IssueKind.MOSTLY_MISSING: "{column}: {count} [value is|values are] missing, more than half; results speak for the "
    "rest alone",
    IssueKind.CONSTANT: "{column}: has one value only ({examples}); it can explain nothing",
    IssueKind.MISSING: "{column}: {count} [value is|values are] missing; find out whether "
    "[it lacks|they lack] at random",
    IssueKind.OUTLIERS: "{column}: {count} [value is|values are] far from the rest ({examples}); look at [it|them] "
    "before using a mean",
    IssueKind.IDENTIFIER: "{column}: every value is different; it names rows and should not enter a model",
}
"""Of `[one|more]` the count has its form."""


class CheckQuality(Arguments):
    """Which columns of which dataset."""

    dataset: str = Field(description="Name of a loaded dataset.")
    columns: list[str] | None = Field(default=None, description="Columns to check; all by default.", min_length=1)
    key: list[str] | None = Field(
        default=None,
        description="Columns that together should name each row; rows alike in these count as duplicates. Whole rows "
        "(all columns of the dataset) if null.",
        min_length=1,
    )
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )


@tool(
    effect="read",
    gives="what may be wrong with the data, counted, with advice",
    example={"dataset": "penguins"},
    sentences=SENTENCES,
    told=told,
)
def check_quality(arguments: CheckQuality, context: ToolContext) -> ToolOutput[Quality]:
    """Check data before use: missing and duplicate rows, constant columns, identifiers, mixed types, outliers (Tukey's
    fences), placeholders such as 999 or 1900-01-01, negative ages, categories that differ only by case or spaces.

    Gives counts and examples for each column, and advice with the worst first. A finding is a reason to look and to
    ask, not a proof; nothing is changed. `duplicates` counts rows that repeat an earlier one in every column of the
    dataset, whichever columns are checked, or in the columns of `key`.
    """
    dataset = context.data.get(arguments.dataset)
    names = arguments.columns
    columns = list(dataset.columns) if names is None else [find_column(dataset, name) for name in names]
    key = list(dataset.columns) if arguments.key is None else [find_column(dataset, name) for name in arguments.key]
    with context.data.open(dataset.name, arguments.where, context.watch, is_lean=True) as table:
        duplicates = stats.count_duplicate_rows(table.fetch, ", ".join(quote_identifier(c.name) for c in key))
        n_rows = table.count()
        findings = _findings(table, columns, n_rows)
    found = [(column.name, issue) for column in columns for issue in findings[column.name].issues]
    if duplicates:
        named = "" if arguments.key is None else f" in {', '.join(column.name[:64] for column in key)}"
        found.append((named, Issue(IssueKind.DUPLICATES, duplicates, ())))
    lines = tuple(_line(column, findings[column.name], n_rows) for column in columns)
    return ToolOutput(Quality(rows=n_rows, duplicates=duplicates, columns=lines, advice=tuple(_advice(found))))


def _findings(table: DuckTable, columns: Sequence[Column], n_rows: int) -> dict[str, stats.Finding]:
    """What is found of each column: many of one type at once in short tables."""
    quartiles = _quartiles(table, [column.name for column in columns if column.type in NUMERIC], n_rows)
    found: dict[str, stats.Finding] = {}
    for kind in dict.fromkeys(column.type for column in columns):
        for block in blocks([column.name for column in columns if column.type == kind], n_rows):
            table.step(f"looking at {block[0][:64]}")
            suspects = [stats.Suspect(quote_identifier(name), name, kind, quartiles.get(name)) for name in block]
            found |= zip(block, stats.find_issues(table.fetch, suspects, n_rows), strict=True)
    return found


def _line(column: Column, finding: stats.Finding, n_rows: int) -> ColumnQuality:
    return ColumnQuality(
        column=column.name,
        type=column.type,
        missing=finding.n_missing,
        missing_share=finding.n_missing / n_rows if n_rows else 0.0,
        distinct=finding.n_distinct,
        issues=tuple(finding.issues),
    )


def _quartiles(table: DuckTable, names: Sequence[str], n_rows: int) -> dict[str, tuple[float, float]]:
    """The first and the third of each column that has values, all from one scan."""
    lines = {name: summaries[0] for name, summaries in scan_numbers(table, names, n_rows).items()}
    return {name: (line.q1, line.q3) for name, line in lines.items() if line.q1 is not None and line.q3 is not None}


def _advice(found: Sequence[tuple[str, Issue]]) -> list[str]:
    """A sentence for each finding with the worst first; how many are left out is the last."""
    ordered = sorted(found, key=lambda pair: pair[1].rank)
    sentences = [
        agreeing(ADVICE[issue.kind], issue.count).format(
            column=column[:64], count=issue.count, examples=", ".join(issue.examples)
        )
        for column, issue in ordered[:MAX_ADVICE]
    ]
    n_left = len(ordered) - len(sentences)
    return [*sentences, f"{n_left} lesser findings stand with their columns"] if n_left else sentences

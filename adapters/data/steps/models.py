"""The steps that a table may take, as closed models: what Claude writes, what a recipe keeps, what the worker reads."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Columns = Annotated[list[str], Field(min_length=1, description="The columns.")]
AggregateName = Literal[
    "count", "count_distinct", "sum", "mean", "median", "min", "max", "sd", "variance", "first", "last", "q1", "q3"
]


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Derive(_Step):
    """A new column, or new values for an old one."""

    op: Literal["derive"]
    column: str = Field(description="The column to make or to replace.", min_length=1, max_length=200)
    expression: str = Field(
        description="SQL over the columns of a row, or a window such as lag(price) OVER (ORDER BY _row).", min_length=1
    )


class Filter(_Step):
    """Keep the rows for which a condition is true."""

    op: Literal["filter"]
    where: str = Field(description="SQL condition over the columns, e.g. price > 0 AND region <> 'x'.", min_length=1)


class Cast(_Step):
    """Another type; what cannot be converted becomes missing and is counted."""

    op: Literal["cast"]
    columns: Columns
    to: Literal["number", "integer", "date", "datetime", "boolean", "text"] = Field(description="The new type.")
    format: str | None = Field(default=None, description="Form of dates as in strptime, e.g. %d/%m/%Y.")


class DropMissing(_Step):
    """Drop the rows in which any of the columns is missing."""

    op: Literal["drop_missing"]
    columns: Columns | None = Field(default=None, description="All columns by default.")


class FillMissing(_Step):
    """Fill what is missing."""

    op: Literal["fill_missing"]
    columns: Columns
    method: Literal["mean", "median", "mode", "value", "forward", "knn"] = Field(
        description="By what: a statistic of the column, a value, the row before, or near rows."
    )
    value: bool | int | float | str | None = Field(default=None, description="For the method value.")
    by: Columns | None = Field(default=None, description="Mean, median, mode or forward within each of these groups.")
    features: Columns | None = Field(default=None, description="Columns of numbers that tell near rows; for knn.")
    n_neighbors: int = Field(default=5, ge=1, le=100, description="How many near rows are averaged; for knn.")


class DropRows(_Step):
    """Drop rows by their numbers."""

    op: Literal["drop_rows"]
    rows: list[int] = Field(description="Row numbers (_row) at this point.", min_length=1, max_length=1_000_000)


class Bound(_Step):
    """What values may be, in one group or in all; null: no bound on that side."""

    group: str | None = Field(default=None, description="A value of `by`; null where there are no groups.")
    low: float | None = Field(default=None, description="The least that stays.")
    high: float | None = Field(default=None, description="The most that stays.")
    value: float | None = Field(default=None, description="For put: value.")


class Fence(_Step):
    """Values below low or above high: drop their rows, or put the bound, a value or nothing in their place."""

    op: Literal["fence"]
    column: str = Field(description="A column of numbers.")
    bounds: Annotated[list[Bound], Field(min_length=1)] = Field(description="One, or one a group.")
    by: str | None = Field(default=None, description="Column whose values make the groups of the bounds.")
    put: Literal["drop", "bound", "value", "missing"] = Field(default="drop", description="What becomes of the rest.")


class Dedupe(_Step):
    """Keep one of the rows that are alike."""

    op: Literal["dedupe"]
    columns: Columns | None = Field(default=None, description="Columns that must be alike; all by default.")
    keep: Literal["first", "last"] = Field(default="first", description="Which of the rows stays.")


class Scale(_Step):
    """Put numbers on another scale: (x - mean) / sd, to 0..1, (x - median) / IQR, or log(1 + x)."""

    op: Literal["scale"]
    columns: Columns
    method: Literal["standard", "minmax", "robust", "log1p"] = Field(description="In the order above.")


class Encode(_Step):
    """Categories as numbers: 0, 1, … in order, or a column of 0 and 1 for each."""

    op: Literal["encode"]
    columns: Columns
    method: Literal["ordinal", "onehot"] = Field(description="ordinal: 0, 1, … onehot: a column for each.")
    categories: list[str] | None = Field(
        default=None, description="The categories in order; sorted by default.", min_length=1
    )


class Bin(_Step):
    """A category for each range of numbers."""

    op: Literal["bin"]
    column: str = Field(description="A column of numbers.")
    into: str = Field(description="The column to make.", min_length=1, max_length=200)
    edges: list[float] | None = Field(default=None, description="Increasing edges; [a, b), the last one [a, b].")
    n_bins: int | None = Field(default=None, ge=2, le=100, description="How many bins, in place of edges.")
    method: Literal["width", "quantile"] = Field(default="width", description="How n_bins are cut.")
    labels: list[str] | None = Field(default=None, description="One for each bin.")


class Select(_Step):
    """Keep these columns, in this order."""

    op: Literal["select"]
    columns: Columns


class Drop(_Step):
    """Leave these columns out."""

    op: Literal["drop"]
    columns: Columns


class Rename(_Step):
    """Another name for a column."""

    op: Literal["rename"]
    column: str = Field(description="The column.")
    to: str = Field(description="Its new name.", min_length=1, max_length=200)


class SortKey(_Step):
    """A column to sort by."""

    column: str = Field(description="The column.")
    descending: bool = Field(default=False, description="Largest first.")


class Sort(_Step):
    """Another order of the rows; missing values last, ties in the order that they had."""

    op: Literal["sort"]
    by: Annotated[list[SortKey], Field(min_length=1)] = Field(description="The columns, the most important first.")


class Sample(_Step):
    """Some rows by chance, in the order that they had; the same seed gives the same rows."""

    op: Literal["sample"]
    n: int | None = Field(default=None, ge=1, description="How many rows.")
    fraction: float | None = Field(default=None, gt=0, le=1, description="Which share of the rows, in place of n.")
    seed: int = Field(default=0, ge=0, lt=2**31, description="Seed of the choice.")


class Aggregated(_Step):
    """One value for each group."""

    column: str = Field(description="The column.")
    function: AggregateName = Field(description="What is computed of it.")
    into: str = Field(description="The column to make.", min_length=1, max_length=200)


class Aggregate(_Step):
    """One row for each group, groups in order."""

    op: Literal["aggregate"]
    by: list[str] = Field(description="Columns that make the groups; [] for one row.")
    values: Annotated[list[Aggregated], Field(min_length=1)] = Field(description="What is computed.")


class Pivot(_Step):
    """One row for each value of index, one column for each value of columns."""

    op: Literal["pivot"]
    index: Columns
    columns: str = Field(description="The column whose values become columns.")
    values: str = Field(description="The column whose values fill them.")
    function: AggregateName = Field(default="mean", description="What is computed where several rows fall together.")


class Unpivot(_Step):
    """One row for each of the columns: its name in one column, its value in another."""

    op: Literal["unpivot"]
    columns: Columns
    name: str = Field(default="name", description="The column for the names.", min_length=1, max_length=200)
    value: str = Field(default="value", description="The column for the values.", min_length=1, max_length=200)


class Join(_Step):
    """Columns of another dataset beside these, where the columns `on` are equal."""

    op: Literal["join"]
    dataset: str = Field(description="Name of the other dataset.")
    on: Columns
    how: Literal["inner", "left", "right", "full"] = Field(
        default="left",
        description="left: all rows of this one; right: of the other; full: of both; inner: common ones.",
    )


Step = Annotated[
    Derive | Filter | Cast | DropMissing | DropRows | FillMissing | Fence | Dedupe | Scale | Encode | Bin | Select
    | Drop | Rename | Sort | Sample | Aggregate | Pivot | Unpivot | Join,
    Field(discriminator="op"),
]  # fmt: skip

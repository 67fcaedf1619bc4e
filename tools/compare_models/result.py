"""What compare_models finds, and what it warns of."""

from __future__ import annotations

from typing import Literal

from tools.ml.metadata import Scores
from tools.ml.spec import Task
from tools.results import Fields, Result
from tools.warned import Warns


class Scored(Fields):
    """A model's scores on the rows of the comparison."""

    model: str
    type: str
    metrics: Scores


class Difference(Fields):
    """A measure of the first model minus that of the second, on the same rows.

    `p` stands where a test is usual; `p_adjusted` where more than two models are compared. `favors` is the model that
    the interval, and p where there is one, find better; null where they do not tell the two apart.
    """

    measure: str
    first: str
    second: str
    difference: float
    ci_low: float
    ci_high: float
    interval_method: str
    p: float | None = None
    p_is_bound: bool = False
    p_method: str | None = None
    p_adjusted: float | None = None
    p_adjusted_is_bound: bool = False
    favors: str | None


class ComparedModels(Result):
    """Models on the same rows, the best by its first measure first."""

    target: str
    task: Task
    rows: Literal["common_test_rows", "dataset"]
    dataset: str
    n: int
    confidence: float
    adjustment: str | None = None
    models: tuple[Scored, ...]
    differences: tuple[Difference, ...]
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    interpretation: str


class CompareModelsWarns(Warns):
    """Why the comparison may say less than it seems to."""

    FEW_ROWS = "with {n} rows the intervals are rough, and only large differences can be seen"
    FEW_DISAGREEMENTS = (
        "{first} and {second} are not both right or both wrong in {n} [row|rows] only: fewer than 6 can show no "
        "difference"
    )
    PART_OF_THE_TEST_ROWS = "only {n} of the {of} test rows of {model} are test rows of all these models"
    WITHOUT_TARGET = "{n} [row|rows] without a value of {target!r} [is|are] left out"
    ALIKE_ROWS = (
        "{n} [row is|rows are] alike, in the target and every feature, to rows that {model} was trained on; about "
        "as many would "
        "be by chance"
    )
    DEPENDENT_ROWS = (
        "rows of one {groups!r} are alike: tests and intervals take rows for independent, so they are too sure"
    )
    NOT_WEIGHTED = "{model} was trained with weights {weights!r}: here every row counts the same"
    NOT_CHECKED = "whether {model} was trained on some of these rows could not be checked: its own table is gone"
    UNKNOWN_CLASS = (
        "{n} [row has|rows have] a value of {target!r} that {model} was not trained on: it is never right there"
    )

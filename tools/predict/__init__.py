"""predict: a trained model looks at new rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from adapters.count_words import counted
from adapters.data.base import Watch
from adapters.records import Approval, PredictionSpec, Quote
from tools import ml, predictions
from tools.context import ToolContext
from tools.errors import ToolError
from tools.ml.metadata import Metadata
from tools.number_range import check_number
from tools.predict.by_quote import PredictionsBegun, begun_told, by_quote
from tools.predict.sentences import SENTENCES
from tools.predictions.cut import cut_of
from tools.predictions.result import Predicted
from tools.predictions.told import told
from tools.predictions.writing import Writing
from tools.results import Artifact, MadeCall, ToolOutput
from tools.scripting import later
from tools.spec import Arguments, tool


class Cell(BaseModel):
    """One value of a row."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    name: str = Field(description="Name of the column.")
    value: float | bool | str | None = Field(description="Its value; a date as 2026-11-24; null if missing.")


class Row(BaseModel):
    """One row given by the user in words."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    cells: list[Cell] = Field(description="The row's values.", min_length=1)


QUOTE = (
    "The quote of a prediction job that estimate_cost gave in this conversation: it then runs where that says, after "
    "the user's yes; of the other arguments only the model goes with it."
)


class Predict(Arguments):
    """The model, and a dataset or rows."""

    model: str = Field(description="A model's name as list_models gives it, or its type, or its target.")
    dataset: str | None = Field(default=None, description="Name of a loaded dataset to predict.")
    rows: list[Row] | None = Field(
        default=None,
        description="Rows given in words instead of a dataset.",
        min_length=1,
        max_length=100,
    )
    each_class: bool = Field(default=False, description="Give the probability of each class too.")
    threshold: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Of two classes: from which probability on a row is said to be the `event`; explain_model chooses "
        "one on purpose. None: that which is kept with the model, else the likelier class.",
    )
    event: str | None = Field(default=None, description="With threshold: the class; the second by default.")
    quote_id: str | None = Field(default=None, description=QUOTE)

    @model_validator(mode="after")
    def _leaves_the_quote_alone(self) -> Self:
        if self.quote_id is not None and {"rows", "each_class", "threshold", "event"} & self.model_fields_set:
            raise ValueError("with quote_id: rows, each_class, threshold and event are in the quote already")
        return self


def misfit(arguments: Predict, quote: Quote) -> str | None:
    """Why the quote is not for these predictions."""
    if not isinstance(quote.job.work, PredictionSpec):
        return "the quote is for a training: launch_training takes it"
    if arguments.dataset not in (None, quote.job.dataset):
        return f"dataset: the quote is for {quote.job.dataset!r}"
    return None


def told_of_any(call: MadeCall[Predicted | PredictionsBegun]) -> str:
    """The predictions in short, or that they are under way."""
    if isinstance(call.result, PredictionsBegun):
        return begun_told(call.result)
    return told(MadeCall(call.arguments, call.result))


@tool(
    effect="spend",
    gives="a CSV of predictions, checked against what training saw, in which a spreadsheet runs nothing "
    "(`raw_csv` for pipelines)",
    example={"model": "model_3f9a", "dataset": "penguins"},
    sentences=SENTENCES,
    told=told_of_any,
    script=later("tools.predict.script"),
    misfit=misfit,
)
def predict(
    arguments: Predict, context: ToolContext, approval: Approval | None = None
) -> ToolOutput[Predicted | PredictionsBegun]:
    """Predict with a trained model, for every row of a loaded dataset (load the file first) or for rows given in
    words. Free: it runs here. The table is checked against what training saw; read the warnings to the user.

    Gives n, a summary (counts of classes, or mean, min, max and sd), a preview of five rows, and a CSV file with
    `prediction` added to the columns. Of numbers also `prediction_low` and `prediction_high`: 90 of 100 true values lie
    between them if the rows come as the test rows did (split conformal; the same width for every row). Of classes also
    `probability`, which is the model's own and not calibrated (svm has none), with each_class that of each.
    Where the dataset holds the target too, `scored` gives the score on these rows beside that on the training's test
    rows. `odd` counts, for each feature, values that training did not see. `drift` is each feature's population
    stability index against training: above 0.25 the rows come otherwise; of fewer than 30 rows nobody can tell
    (`drift_unknown`). A column of another type than in training is in `wrong_types` (of the refusal, where its values
    cannot be read) with how many and an example. With `threshold`, or one that is kept
    with the model (keep_threshold), the prediction is the event from that probability on; the result says so.
    In the file a quote mark stands before text that a spreadsheet would run as a formula; a warning counts it.

    With the quote_id of estimate_cost's prediction job it runs where the quote says: the program shows the user the
    price and asks; only after a yes it runs. What is not done within some seconds goes on as a job (`job_id`, `state`,
    `status`): follow it with poll_job, which then gives the same result and file.
    """
    if approval is not None:
        return by_quote(arguments.model, approval, context)
    if (arguments.dataset is None) == (arguments.rows is None):
        raise ToolError("give one of: dataset, rows")
    model = context.models.get(arguments.model)
    pipeline, metadata = context.models.load(model)
    try:
        cut = cut_of(model, arguments.threshold, arguments.event, pipeline, metadata)
        predictor = ml.Predictor(pipeline, metadata, arguments.each_class, cut)
        with _open(arguments, metadata, context) as (names, n_rows, parts):
            done = predictions.predict_rows(
                predictions.Asked(model.model_id, metadata, predictor, names, n_rows), parts, _writing(context)
            )
    except ValueError as error:
        raise predictions.misfit_error(error) from error
    dataset = None if arguments.dataset is None else context.data.get(arguments.dataset)
    found = predictions.predicted(model, metadata, done, dataset, cut, is_kept=arguments.threshold is None)
    return ToolOutput(found, (Artifact(done.path, "csv", f"{counted(done.n, 'prediction')} of {model.target}"),))


def _writing(context: ToolContext) -> Writing:
    return Writing(context.data, context.artifacts, context.clock, context.raw_csv, context.cancel, context.progress)


def _cells(row: Row, number: int) -> dict[str, float | bool | str | None]:
    """The values of a row, each said once and small enough."""
    cells: dict[str, float | bool | str | None] = {}
    for cell in row.cells:
        if cell.name in cells:
            raise ToolError(f"rows: row {number} gives {cell.name!r} twice")
        if isinstance(cell.value, float):
            check_number(cell.name, cell.value)
        cells[cell.name] = cell.value
    return cells


@contextmanager
def _open(
    arguments: Predict, metadata: Metadata, context: ToolContext
) -> Iterator[tuple[tuple[str, ...], int, Iterator[predictions.Rows]]]:
    """The names of the table's columns, how many rows it has, and the rows."""
    if arguments.dataset is None:
        given = [_cells(row, number) for number, row in enumerate(arguments.rows or (), 1)]
        frame = ml.table_of_rows(given, {feature.name: feature.kind for feature in metadata.features})
        yield tuple(frame.columns), len(frame), iter([predictions.rows_of_frame(frame)])
        return
    watch = Watch(context.cancel, lambda sentence, fraction: None)
    with context.data.open(arguments.dataset, watch=watch, is_lean=True) as table:
        names = tuple(column.name for column in table.dataset.columns)
        ml.Doubts(metadata.features).check(names, table.dataset.rows)
        predictions.check_kinds(table, metadata)
        yield names, table.dataset.rows, predictions.rows_of_table(table)

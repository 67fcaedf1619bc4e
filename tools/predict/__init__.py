"""predict: a trained model looks at new rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from adapters.records import Model
from adapters.spreadsheet_csv import write_csv
from tools import ml
from tools.context import ToolContext
from tools.errors import ToolError
from tools.ml.metadata import Metadata
from tools.predict.result import FileWarns, Predicted
from tools.predict.sentences import SENTENCES
from tools.predict.told import told
from tools.results import Artifact, ToolOutput
from tools.scripting import later
from tools.spec import Arguments, tool
from tools.warned import Warned, said

if TYPE_CHECKING:
    import pandas as pd

N_PREVIEW = 5
N_OWN = 4
N_ADDED = 6
MAX_CELL = 64


class Cell(BaseModel):
    """One value of a row."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    name: str = Field(description="Name of the column.")
    value: float | bool | str | None = Field(description="Its value; a date as 2026-11-24; null if missing.")


class Row(BaseModel):
    """One row given by the user in words."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    cells: list[Cell] = Field(description="The row's values.", min_length=1)


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


@tool(
    effect="write",
    gives="a CSV of predictions, checked against what training saw, in which a spreadsheet runs nothing "
    "(`raw_csv` for pipelines)",
    example={"model": "model_3f9a", "dataset": "penguins"},
    sentences=SENTENCES,
    told=told,
    script=later("tools.predict.script"),
)
def predict(arguments: Predict, context: ToolContext) -> ToolOutput[Predicted]:
    """Predict with a trained model, for every row of a loaded dataset (load the file first) or for rows given in
    words. Free: it runs here. The table is checked against what training saw; read the warnings to the user.

    Gives n, a summary (counts of classes, or mean, min, max and sd), a preview of five rows, and a CSV file with
    `prediction` added to the columns. Of numbers also `prediction_low` and `prediction_high`: 90 of 100 true values lie
    between them if the rows come as the test rows did (split conformal; the same width for every row). Of classes also
    `probability`, which is the model's own and not calibrated (svm has none), with each_class that of each.
    In the file a quote mark stands before text that a spreadsheet would run as a formula; a warning counts it.
    """
    if (arguments.dataset is None) == (arguments.rows is None):
        raise ToolError("give one of: dataset, rows")
    model = context.models.get(arguments.model)
    pipeline, metadata = context.models.load(model)
    frame = _frame(arguments, metadata, context)
    try:
        prediction = ml.predict_table(pipeline, metadata, frame, arguments.each_class)
    except ValueError as error:
        raise ToolError(str(error)) from error
    path, formulas = _write(prediction.table, model, context)
    return ToolOutput(
        Predicted(
            n=len(prediction.table),
            model=model.model_id,
            target=model.target,
            summary=ml.summarize_predictions(prediction.table["prediction"].to_numpy()),
            preview=_preview(prediction),
            **said([*prediction.warnings, *formulas]),
            artifact=path.name,
        ),
        (Artifact(path, "csv", f"{len(prediction.table)} predictions of {model.target}"),),
    )


def _frame(arguments: Predict, metadata: Metadata, context: ToolContext) -> pd.DataFrame:
    if arguments.dataset is not None:
        with context.data.open(arguments.dataset) as table:
            return table.frame()
    given = [{cell.name: cell.value for cell in row.cells} for row in arguments.rows or ()]
    try:
        return ml.table_of_rows(given, {feature.name: feature.kind for feature in metadata.features})
    except ValueError as error:
        raise ToolError(str(error)) from error


def _write(table: pd.DataFrame, model: Model, context: ToolContext) -> tuple[Path, list[Warned]]:
    """The file, and what is to be said of cells that begin like a formula."""
    context.artifacts.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem = f"predictions_{model.model_id}_{context.clock():%Y%m%d_%H%M%S}"
    path, number = context.artifacts / f"{stem}.csv", 2
    while path.exists():
        path, number = context.artifacts / f"{stem}_{number}.csv", number + 1
    part = path.with_suffix(".part")
    n_formulas = write_csv(table, part, is_raw=context.raw_csv)
    part.replace(path)
    warns = FileWarns.FORMULAS_AS_THEY_ARE if context.raw_csv else FileWarns.FORMULAS_QUOTED
    return path, [warns(n=n_formulas)] if n_formulas else []


def _preview(prediction: ml.Prediction) -> tuple[dict[str, bool | int | float | str | None], ...]:
    own = [name for name in prediction.table.columns if name not in prediction.added]
    shown = prediction.table[[*own[:N_OWN], *prediction.added[:N_ADDED]]].head(N_PREVIEW)
    return tuple({str(name): _cell(value) for name, value in row.items()} for row in shown.to_dict("records"))


def _cell(value: object) -> bool | int | float | str | None:
    if value is None or value != value:
        return None
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, bool | int | float) else str(value)[:MAX_CELL]

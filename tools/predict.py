"""predict: a trained model looks at new rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from adapters.records import JsonValue, Model
from adapters.spreadsheet_csv import write_csv
from tools import ml
from tools.asked import Sentences, without_data
from tools.context import ToolContext
from tools.errors import ToolError
from tools.results import Artifact, ToolOutput
from tools.spec import Arguments, tool
from tools.telling import Outcome, as_table, listed, number

if TYPE_CHECKING:
    import pandas as pd

N_PREVIEW = 5
MAX_CELL = 64
FORMULAS = {
    False: "in the file a quote mark ' stands before each, so that a spreadsheet shows it and runs nothing",
    True: "raw_csv is on, so they stand in the file as they are; do not open it in a spreadsheet",
}


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


SENTENCES = (
    Sentences(
        (
            "[now] (predict|predictions for|predict for|make predictions for|make predictions on|score) "
            "[rows of|rows in|file] ({file:file}|{rows:data})",
            "(apply|use|run) [{model:model}|model] (to|on|for) ({file:file}|{rows:data})",
            "predict {target:col} (for|of|in) ({file:file}|{rows:data})",
        ),
        (),
        without_data,
    ),
)


def _told(outcome: Outcome[Any]) -> str:
    result = outcome.result
    summary = result["summary"]
    counts = summary.get("counts")
    if counts is not None:
        told = ", ".join(f"{label} {count}" for label, count in counts.items())
    else:
        told = ", ".join(f"{name} {number(value)}" for name, value in summary.items())
    preview = listed(result, "preview")
    table = as_table(list(preview[0]), [list(row.values()) for row in preview]) if preview else ""
    warnings = [f"Warning: {text}." for text in listed(result, "warnings")]
    head = f"{result['n']} predictions of {result['target']} by {result['model']}: {told}."
    return "\n\n".join([head, table, *warnings, f"All of them are in {result['artifact']}."])


@tool(
    effect="write",
    gives="a CSV of predictions, checked against what training saw, in which a spreadsheet runs nothing "
    "(`raw_csv` for pipelines)",
    example={"model": "model_3f9a", "dataset": "penguins"},
    sentences=SENTENCES,
    told=_told,
)
def predict(arguments: Predict, context: ToolContext) -> ToolOutput[Any]:
    """Predict with a trained model, for every row of a loaded dataset (load the file first) or for rows given in
    words. Free: it runs here. The table is checked against what training saw; read the warnings to the user.

    Gives n, a summary (counts of classes, or mean, min, max and sd), a preview of five rows, and a CSV file with
    `prediction` added to the columns; for classes also `probability`, which is the model's own and not calibrated.
    In the file a quote mark stands before text that a spreadsheet would run as a formula; a warning counts it.
    """
    if (arguments.dataset is None) == (arguments.rows is None):
        raise ToolError("give one of: dataset, rows")
    model = context.models.get(arguments.model)
    pipeline, metadata = context.models.load(model)
    frame = _frame(arguments, model, context)
    try:
        prediction = ml.predict_table(pipeline, metadata, frame)
    except ValueError as error:
        raise ToolError(str(error)) from error
    path, formulas = _write(prediction.table, model, context)
    values = prediction.table["prediction"].to_numpy()
    return ToolOutput(
        {
            "n": len(prediction.table),
            "model": model.model_id,
            "target": model.target,
            "summary": ml.summarize_predictions(values),
            "preview": _preview(prediction.table),
            "warnings": [*prediction.warnings, *formulas],
            "artifact": path.name,
        },
        (Artifact(path, "csv", f"{len(prediction.table)} predictions of {model.target}"),),
    )


def _frame(arguments: Predict, model: Model, context: ToolContext) -> pd.DataFrame:
    if arguments.dataset is not None:
        with context.data.open(arguments.dataset) as table:
            return table.frame()
    schema = model.metadata["schema"]
    assert isinstance(schema, list)  # noqa: S101 - written by fit_job
    kinds = {str(entry["name"]): str(entry["kind"]) for entry in schema if isinstance(entry, dict)}
    given = [{cell.name: cell.value for cell in row.cells} for row in arguments.rows or ()]
    try:
        return ml.table_of_rows(given, kinds)
    except ValueError as error:
        raise ToolError(str(error)) from error


def _write(table: pd.DataFrame, model: Model, context: ToolContext) -> tuple[Path, list[str]]:
    """The file, and what is to be said of cells that begin like a formula."""
    context.artifacts.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem = f"predictions_{model.model_id}_{context.clock():%Y%m%d_%H%M%S}"
    path, number = context.artifacts / f"{stem}.csv", 2
    while path.exists():
        path, number = context.artifacts / f"{stem}_{number}.csv", number + 1
    part = path.with_suffix(".part")
    n_formulas = write_csv(table, part, is_raw=context.raw_csv)
    part.replace(path)
    if not n_formulas:
        return path, []
    return path, [
        f"{n_formulas} cells or headers begin like a formula (= + - @, tab, line break): {FORMULAS[context.raw_csv]}"
    ]


def _preview(table: pd.DataFrame) -> list[JsonValue]:
    last = [name for name in ("prediction", "probability") if name in table.columns]
    shown = table[[*[name for name in table.columns if name not in last][:4], *last]].head(N_PREVIEW)
    return [{str(name): _cell(value) for name, value in row.items()} for row in shown.to_dict("records")]


def _cell(value: object) -> JsonValue:
    if value is None or value != value:
        return None
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, bool | int | float) else str(value)[:MAX_CELL]

"""export_model: a model as a zip file that predicts without us."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field

from adapters.data.workplace import workplace
from tools import ml
from tools.asked import Asked, Bound, KnownTable, Sentences, without_data
from tools.card_text import card_of
from tools.context import ToolContext
from tools.errors import ToolError
from tools.model_words import MODEL
from tools.predictions.result import Threshold
from tools.predictions.told import cut_told
from tools.results import Artifact, Fields, MadeCall, Result, ToolOutput, if_any
from tools.spec import Arguments, tool


class ExportModel(Arguments):
    """Which model."""

    model: str = Field(description="A model's name, id, type or target, as list_models gives them.")
    onnx: bool = Field(default=False, description="Add the model's ONNX form, where it has one that says the same.")


def _with_onnx(bound: Bound, known: KnownTable) -> Asked | None:
    asked = without_data(bound, known)
    return None if asked is None else {**asked, "onnx": True}


SENTENCES = (
    Sentences(
        (
            f"(export|download) {MODEL} [as [zip] (zip|file)]",
            "(export|download) model {model:name} [as [zip] (zip|file)]",
        ),
        (),
        without_data,
    ),
    Sentences((f"(export|download) ({MODEL}|model {{model:name}}) (as|with|to) onnx",), (), _with_onnx),
)


class OnnxLine(Fields):
    """What became of the ONNX form (included, not_installed, too_large, not_converted, other_numbers) and why; how far
    it is off at most on rows made of the model's schema.
    """

    state: str
    why: str
    largest_difference: float | None = None


class ExportedModel(Result):
    """The zip file, and what is in it."""

    model: str
    artifact: str
    size_bytes: int
    files: tuple[str, ...]
    threshold: Threshold | None = None
    onnx: OnnxLine | None = None


def _told(call: MadeCall[ExportedModel]) -> str:
    found = call.result
    cut = "" if found.threshold is None else f" It says {cut_told(found.threshold)}."
    return (
        f"{found.model} is in {found.artifact} ({found.size_bytes:,} bytes), with its card. Unpack it, "
        "`pip install -r requirements.txt`, then `python predict.py ROWS.csv PREDICTIONS.csv`."
        + cut
        + _onnx_told(found.onnx)
    )


def _onnx_told(onnx: OnnxLine | None) -> str:
    if onnx is None:
        return ""
    if onnx.state != "included":
        return f" There is no ONNX form of it in there: {onnx.why}."
    return (
        " model.onnx is in there too, which agreed with it on rows made of its schema: `pip install -r "
        "requirements_onnx.txt`, then `python predict_onnx.py ROWS.csv`."
    )


@tool(
    effect="write",
    gives="a model as a zip file with a script that predicts without statagent, its card and its metadata",
    example={"model": "model_3f9a"},
    sentences=SENTENCES,
    told=_told,
)
def export_model(arguments: ExportModel, context: ToolContext) -> ToolOutput[ExportedModel]:
    """Give the user a model to take along: a zip file with the model (skops), its metadata, its card, its training log,
    and `predict.py`, which predicts the rows of a CSV file and needs neither statagent nor Claude, only numpy, pandas,
    scikit-learn and skops of the versions in requirements.txt. A threshold that is kept with the model
    goes along (`--threshold` of the script overrides it). With `onnx` also `model.onnx` and `predict_onnx.py`, which
    needs numpy and onnxruntime alone, if that form says what the model says of 500 rows made of its schema (classes
    equal, numbers to 1e-5); else `onnx` of the result says why not. gradient_boosting, xgboost and naive_bayes have
    none.
    """
    model = context.models.get(arguments.model)
    pipeline, metadata = context.models.load(model)
    # Loaded when it is first used: the prompt waits for no scikit-learn.
    from tools.export_model.archive import write_archive
    from tools.export_model.onnx_form import onnx_form

    cut = None if model.cut is None else ml.Cut(event=model.cut[0], threshold=model.cut[1])
    whole = metadata.model_copy(update={"model_id": model.model_id, "cut": cut})
    form = onnx_form(pipeline, whole) if arguments.onnx else None
    with workplace(context.artifacts) as place:
        try:
            files = write_archive(
                place / "model.zip",
                pipeline,
                whole,
                card_of(model, metadata),
                context.models.log(model),
                form.files if form else {},
            )
            path = _publish(place / "model.zip", context.artifacts, model.model_id)
        except OSError as error:
            raise ToolError(f"the zip file cannot be written: {error.strerror}; nothing of it is kept") from error
    kept = None if model.cut is None else Threshold(event=model.cut[0], threshold=model.cut[1])
    line = (
        None
        if form is None
        else OnnxLine(state=form.state.value, why=form.why, largest_difference=form.largest_difference)
    )
    result = ExportedModel(
        model=model.model_id,
        artifact=path.name,
        size_bytes=path.stat().st_size,
        files=files,
        **if_any(threshold=kept, onnx=line),
    )
    return ToolOutput(result, (Artifact(path, "file", f"{model.model_id} as a zip file"),))


def _publish(part: Path, folder: Path, stem: str) -> Path:
    """Give the file its name, `<model_id>.zip`, or one with a number where that is taken."""
    number = 1
    while True:
        path = folder / (f"{stem}.zip" if number == 1 else f"{stem}_{number}.zip")
        try:
            os.link(part, path)
        except FileExistsError:
            number += 1
        else:
            return path

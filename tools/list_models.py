"""list_models: what was trained."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from adapters.records import JsonValue, Model
from tools.asked import Sentences, without_data
from tools.context import ToolContext
from tools.job_lines import equation_of, model_worth
from tools.ml.spec import ClassCurve
from tools.results import ToolOutput
from tools.spec import Arguments, tool
from tools.telling import Outcome, as_table, listed, number

N_STEPS = 10
"""Of a curve that is listed; its picture has more."""


class ListModels(Arguments):
    """All models, or one in full."""

    model: str | None = Field(default=None, description="A model's name, type or target, to see it in full.")


SENTENCES = (
    Sentences(
        (
            "(list|show) [all|my|our] models",
            "which models (do i have|are there|do we have|have i trained)",
            "what models (are there|do i have|do we have)",
            "[my] models",
        ),
        (),
        without_data,
    ),
)


def _told(outcome: Outcome[Any]) -> str:
    models = listed(outcome.result, "models")
    if not models:
        return "There is no model yet."
    rows = [
        [
            model["model"],
            ", ".join(f"{k} {number(v)}" for k, v in model["metrics"].items()),
            model["test_rows"],
            model["created_at"],
        ]
        for model in models
    ]
    warned = [f"{model['model']}: {text}." for model in models for text in model["warnings"]]
    return "\n\n".join([as_table(["model", "scores", "on test rows", "trained"], rows), *warned])


@tool(
    effect="read",
    gives="trained models with scores, importance, confusion and ROC curves",
    example={},
    sentences=SENTENCES,
    told=_told,
)
def list_models(arguments: ListModels, context: ToolContext) -> ToolOutput[Any]:
    """List the user's trained models, newest first: type, target, metrics on `test_rows` rows beside a baseline, how
    the model stands `against_baseline` (better, within_chance, not_better), warnings (read them to the user), when,
    version.

    With `model` one is shown in full: features, permutation importance (drop in r2 or accuracy when a column is
    shuffled), a linear model's penalty and coefficients, confusion matrix (a row for each true class), each class's ROC
    `curve` against all others with its area and average precision (plot draws it: roc, precision_recall), row counts,
    parameters. It only reads.
    """
    if arguments.model is None:
        return ToolOutput({"models": [_line(model) for model in context.models.all()]})
    model = context.models.get(arguments.model)
    names = ("importance", "classes", "confusion", "small_classes", "rows", "spec", "versions")
    details = {name: model.metadata[name] for name in names if name in model.metadata} | equation_of(model)
    curves = [_points(curve) for curve in _Metadata.model_validate(model.metadata).curves]
    return ToolOutput({"models": [{**_line(model), **details, **({"curve": list(curves)} if curves else {})}]})


class _Metadata(BaseModel):
    """What is read of the metadata here; what was trained earlier has no curves."""

    curves: list[ClassCurve] = []


def _points(curve: ClassCurve) -> JsonValue:
    """The curve's numbers, and some of its points as [false, found]."""
    last = len(curve.false) - 1
    places = sorted({round(last * step / N_STEPS) for step in range(N_STEPS + 1)})
    points: list[JsonValue] = [[round(curve.false[place], 4), round(curve.found[place], 4)] for place in places]
    return {**curve.model_dump(exclude={"false", "found"}), "points": points}


def _line(model: Model) -> dict[str, JsonValue]:
    return {
        "model": model.model_id,
        "type": model.type,
        "target": model.target,
        **model_worth(model),
        "created_at": model.created_at.isoformat(timespec="seconds"),
        "version": model.version,
    }

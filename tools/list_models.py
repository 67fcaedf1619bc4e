"""list_models: what was trained."""

from __future__ import annotations

from pydantic import Field

from adapters.records import JsonValue, Model
from tools.context import ToolContext
from tools.results import ToolOutput
from tools.spec import Arguments, tool


class ListModels(Arguments):
    """All models, or one in full."""

    model: str | None = Field(default=None, description="A model's name, type or target, to see it in full.")


@tool(effect="read")
def list_models(arguments: ListModels, context: ToolContext) -> ToolOutput:
    """List the user's trained models, newest first: type, target, metrics on test rows, when, version.

    With `model` one is shown in full: features, baseline, permutation importance (drop in r2 or accuracy when a
    column is shuffled), confusion matrix (a row for each true class), row counts, parameters, warnings. It only reads.
    """
    if arguments.model is None:
        return ToolOutput({"models": [_line(model) for model in context.models.all()]})
    model = context.models.get(arguments.model)
    names = ("baseline", "importance", "classes", "confusion", "rows", "warnings", "spec", "versions")
    details = {name: model.metadata[name] for name in names if name in model.metadata}
    return ToolOutput({"models": [{**_line(model), **details}]})


def _line(model: Model) -> dict[str, JsonValue]:
    return {
        "model": model.model_id,
        "type": model.type,
        "target": model.target,
        "metrics": model.metadata["metrics"],
        "created_at": model.created_at.isoformat(timespec="seconds"),
        "version": model.version,
    }

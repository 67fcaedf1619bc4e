"""restore_model: a deleted model is there again."""

from __future__ import annotations

from pydantic import Field

from tools.asked import Sentences, without_data
from tools.context import ToolContext
from tools.model_words import NAMED
from tools.results import MadeCall, Result, ToolOutput
from tools.spec import Arguments, tool


class RestoreModel(Arguments):
    """Which model."""

    model: str | None = Field(
        default=None, description="The deleted model's id, name or target; the one deleted last by default."
    )


SENTENCES = (
    Sentences(
        (
            f"(restore|undelete|bring back|recover) ([my|this|that|last] [deleted] model|it|{NAMED})",
            f"bring {NAMED} back",
            "(restore|undelete|bring back|recover) model {model:name}",
            "bring [my|this|that] [deleted] model back",
        ),
        (),
        without_data,
    ),
)


class RestoredModel(Result):
    """What is there again."""

    model: str
    name: str | None
    version: int
    target: str


def _told(call: MadeCall[RestoredModel]) -> str:
    found = call.result
    named = "" if found.name is None else f" ({found.name})"
    return f"{found.model}{named}, version {found.version} for {found.target}, is there again."


@tool(
    effect="write",
    gives="a deleted model, back in the list",
    example={"model": "model_3f9a"},
    sentences=SENTENCES,
    told=_told,
)
def restore_model(arguments: RestoreModel, context: ToolContext) -> ToolOutput[RestoredModel]:
    """Bring a deleted model back: it is listed and predicts as before. Without a name, the one deleted last."""
    model = context.models.restore(arguments.model)
    return ToolOutput(RestoredModel(model=model.model_id, name=model.name, version=model.version, target=model.target))

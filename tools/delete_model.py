"""delete_model: a model is out of the list, and can be brought back."""

from __future__ import annotations

from pydantic import Field

from tools.asked import Sentences, without_data
from tools.context import ToolContext
from tools.model_room import mib, size_bytes
from tools.model_words import NAMED
from tools.results import MadeCall, Result, ToolOutput
from tools.spec import Arguments, tool


class DeleteModel(Arguments):
    """Which model."""

    model: str = Field(description="A model's id or name, or `name:2` for its version 2, as list_models gives them.")


SENTENCES = (
    Sentences(
        (
            f"(delete|remove|discard) ([my|this|that] model|{NAMED})",
            "(delete|remove|discard) model {model:name}",
        ),
        (),
        without_data,
    ),
)


class DeletedModel(Result):
    """What was deleted, and how much room it takes until that is needed."""

    model: str
    name: str | None
    version: int
    target: str
    size_bytes: int


def _told(call: MadeCall[DeletedModel]) -> str:
    found = call.result
    named = "" if found.name is None else f" ({found.name})"
    kept = f"Its {mib(found.size_bytes)} are kept until their room is needed"
    back = f"`restore model {found.model}` brings it back"
    return f"{found.model}{named}, version {found.version} for {found.target}, is deleted. {kept}: {back}."


@tool(
    effect="write",
    gives="a model out of the list; restore_model brings it back",
    example={"model": "model_3f9a"},
    sentences=SENTENCES,
    told=_told,
)
def delete_model(arguments: DeleteModel, context: ToolContext) -> ToolOutput[DeletedModel]:
    """Delete one version of a model, when the user asks for it by name; it is no longer listed and no longer predicts.
    restore_model brings it back until its room on the disk is needed for others: tell the user so.
    """
    model = context.models.get(arguments.model)
    context.models.delete(model)
    return ToolOutput(
        DeletedModel(
            model=model.model_id,
            name=model.name,
            version=model.version,
            target=model.target,
            size_bytes=size_bytes(model),
        )
    )

"""rename_model: a model is called as its owner likes."""

from __future__ import annotations

from pydantic import Field

from tools.asked import Sentences, without_data
from tools.context import ToolContext
from tools.model_words import MODEL
from tools.results import MadeCall, Result, ToolOutput
from tools.spec import Arguments, tool


class RenameModel(Arguments):
    """Which model, and what it is called from now on."""

    model: str = Field(description="A model's name, id, type or target, as list_models gives them.")
    name: str = Field(description="The new name: letters, digits, blanks, _ . and -.", min_length=1, max_length=64)


SENTENCES = (
    Sentences(
        (
            f"(rename|call|name) {MODEL} [to|as|into] {{name:title}}",
            "(rename|call|name) model {model:name} (to|as|into) {name:title}",
        ),
        (),
        without_data,
    ),
)


class RenamedModel(Result):
    """The model, what it is called, and how many versions bear the name."""

    model: str
    name: str
    former_name: str | None
    versions: int


def _told(call: MadeCall[RenamedModel]) -> str:
    found = call.result
    many = "" if found.versions == 1 else f", and so are all {found.versions} of its versions"
    return f"{found.model} is called **{found.name}** now{many}."


@tool(
    effect="write",
    gives="a model's new name, for all of its versions",
    example={"model": "model_3f9a", "name": "prices"},
    sentences=SENTENCES,
    told=_told,
)
def rename_model(arguments: RenameModel, context: ToolContext) -> ToolOutput[RenamedModel]:
    """Give a model a name that the user likes, instead of its id. All of its versions (models of the same type for the
    same target), later ones too, bear it: the name means the newest, `name:2` is version 2.
    """
    model = context.models.get(arguments.model)
    versions = context.models.rename(model, arguments.name)
    return ToolOutput(
        RenamedModel(model=model.model_id, name=arguments.name, former_name=model.name, versions=versions)
    )

"""model_card: one page on a model, for whoever is to trust it."""

from __future__ import annotations

from pydantic import Field

from tools.asked import Sentences, without_data
from tools.card_text import card_of
from tools.context import ToolContext
from tools.model_lines import metadata_of
from tools.model_words import MODEL
from tools.results import MadeCall, Result, ToolOutput
from tools.spec import Arguments, tool


class ModelCard(Arguments):
    """Which model."""

    model: str = Field(description="A model's name, id, type or target, as list_models gives them.")


SENTENCES = (
    Sentences(
        (
            f"model card [(of|for) ({MODEL}|model {{model:name}})]",
            f"card (of|for) ({MODEL}|model {{model:name}})",
        ),
        (),
        without_data,
    ),
)


class CardOfModel(Result):
    """The card, in Markdown, section by section."""

    model: str
    card: tuple[str, ...]


def _told(call: MadeCall[CardOfModel]) -> str:
    cut = ["The rest stands in model_card.md beside the model."] if call.result.truncated else []
    return "\n\n".join([*call.result.card, *cut])


@tool(
    effect="read",
    gives="a page on a model: data, split, scores with intervals and baseline, features, caveats, limits",
    example={"model": "model_3f9a"},
    sentences=SENTENCES,
    told=_told,
)
def model_card(arguments: ModelCard, context: ToolContext) -> ToolOutput[CardOfModel]:
    """The model's card in Markdown, for people who are to rely on it: the table and how it was parted, scores with
    intervals beside the baseline, features with their importance, settings, caveats, limits, and all that it takes to
    have the model again.
    """
    model = context.models.get(arguments.model)
    sections = card_of(model, metadata_of(model)).split("\n\n## ")
    card = (sections[0], *(f"## {section.strip()}" for section in sections[1:]))
    return ToolOutput(CardOfModel(model=model.model_id, card=card))

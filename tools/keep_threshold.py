"""keep_threshold: from which probability on a model says a class, kept with it."""

from __future__ import annotations

from pydantic import Field

from tools.asked import Sentences, without_data
from tools.context import ToolContext
from tools.errors import ToolError
from tools.model_words import MODEL
from tools.predictions.cut import check_cut
from tools.results import MadeCall, Result, ToolOutput
from tools.spec import Arguments, tool
from tools.telling import number


class KeepThreshold(Arguments):
    """Which model, and its threshold from now on."""

    model: str = Field(description="A model's name, id, type or target, as list_models gives them.")
    threshold: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Of two classes: from which probability on a row is said to be the `event`. None: the likelier "
        "class again.",
    )
    event: str | None = Field(default=None, description="With threshold: the class; the second by default.")


OF = f"[(for|of|with|by) {MODEL}]"
SENTENCES = (
    Sentences(
        (
            f"(keep|set|use|take) [a|as] (threshold|cutoff|cut off) [of|to|at] {{threshold:num}} {OF}",
            f"(keep|set|use|take) {{threshold:num}} as [a|its] (threshold|cutoff|cut off) {OF}",
            f"(keep|set|use|take|change) (threshold|cutoff|cut off) {OF} (to|at) {{threshold:num}}",
            f"(forget|drop|remove|clear) [kept] (threshold|cutoff|cut off) {OF}",
        ),
        (),
        without_data,
    ),
)


class KeptThreshold(Result):
    """What the model says from which probability on, now and before; nothing where it is the likelier class."""

    model: str
    event: str | None = None
    threshold: float | None = None
    former_event: str | None = None
    former_threshold: float | None = None


def _told(call: MadeCall[KeptThreshold]) -> str:
    found = call.result
    if found.threshold is None:
        return f"{found.model} says the likelier class{' again' if found.former_threshold is not None else ''}."
    former = (
        ""
        if found.former_threshold is None
        else f" (it was {found.former_event} from {number(found.former_threshold)})"
    )
    return (
        f"{found.model} says **{found.event}** from a probability of {number(found.threshold)} on{former}; "
        "its card, `predict` and `export_model` hold to it."
    )


@tool(
    effect="write",
    gives="a model's own threshold of a class, which predict and an export then hold to",
    example={"model": "model_3f9a", "threshold": 0.3},
    sentences=SENTENCES,
    told=_told,
)
def keep_threshold(arguments: KeepThreshold, context: ToolContext) -> ToolOutput[KeptThreshold]:
    """Keep a threshold with a model of two classes, one that the user says (explain_model chooses one on purpose and
    keeps it with `keep`): predict and export_model use it without being told and say so, until it is changed, or
    forgotten by a call without `threshold`. It is of this version only, and changes no score that was measured.
    """
    model = context.models.get(arguments.model)
    if arguments.threshold is None and arguments.event is not None:
        raise ToolError("event goes with threshold")
    cut = None
    if arguments.threshold is not None:
        cut = check_cut(arguments.threshold, arguments.event, *context.models.load(model))
    context.models.keep_threshold(model, cut)
    now, before = cut or (None, None), model.cut or (None, None)
    return ToolOutput(
        KeptThreshold(
            model=model.model_id,
            event=now[0],
            threshold=now[1],
            former_event=before[0],
            former_threshold=before[1],
        )
    )

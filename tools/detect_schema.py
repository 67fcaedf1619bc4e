"""detect_schema: what a table could predict, and from what."""

from __future__ import annotations

from pydantic import Field

from tools import ml
from tools.asked import Sentences
from tools.context import ToolContext
from tools.ml.spec import FeatureKind, Task
from tools.results import Fields, MadeCall, Result, ToolOutput
from tools.schema import detect_in, levels_in
from tools.spec import Arguments, tool


class DetectSchema(Arguments):
    """Which dataset, and the target if the user named one."""

    dataset: str = Field(description="Name of a loaded dataset.")
    target: str | None = Field(default=None, description="The column to predict, if the user said so.")


TRAIN = "(train|fit|build|make|learn|create)"
SENTENCES = (
    Sentences(
        (
            "what (could|can) (i|we) predict",
            "what (could|can) be predicted [from (it|data|{dataset:data})]",
            "what is [best] target",
            "which column should (i|we) predict",
            "what could we learn from (this|it|data)",
            "what model (could|can|should) (i|we) train",
            "detect schema",
            "suggest [a] target",
            f"{TRAIN} model",
        ),
        ("data",),
    ),
)


class Candidate(Fields):
    """Another column that may be the target."""

    target: str
    confidence: float


class FoundFeature(Fields):
    """A column to predict from: what it is, and as what a model takes it unless the person says otherwise."""

    name: str
    kind: ml.ColumnKind
    used_as: FeatureKind
    confidence: float


class Dropped(Fields):
    """A column that says nothing about the target, what it is, and why it is left out."""

    name: str
    kind: ml.ColumnKind
    confidence: float
    reason: str


class Detected(Result):
    """What the table could predict; `ask_which` where nobody should go on before the person has named the target."""

    target: str
    target_kind: ml.ColumnKind
    task: Task
    problem: ml.Problem
    confidence: float
    ask_which: bool
    task_confidence: float
    candidates: tuple[Candidate, ...]
    features: tuple[FoundFeature, ...]
    dropped: tuple[Dropped, ...]


def _told(call: MadeCall[Detected]) -> str:
    result = call.result
    features = ", ".join(f"{feature.name} ({feature.kind})" for feature in result.features)
    dropped = "; ".join(f"{one.name} ({one.reason})" for one in result.dropped)
    lines = [
        f"Likeliest target: **{result.target}** ({SHOWN[result.problem]}, confidence {result.confidence:.0%}).",
        f"From: {features}." if features else "No column is left to predict it from.",
        f"Left out: {dropped}." if dropped else "",
        *_asked(result),
    ]
    return "\n\n".join(line for line in lines if line)


def _asked(result: Detected) -> list[str]:
    """What the person should say next: which target is meant, where that is not sure."""
    others = [f"{one.target} ({one.confidence:.0%})" for one in result.candidates]
    example = f"`train a random forest to predict {result.target}`"
    if result.ask_which:
        which = " or ".join([f"{result.target} ({result.confidence:.0%})", *others])
        return [
            f"That is not sure enough to go on. **Which one should be predicted: {which}, or another column?**"
            f" Say for example {example}."
        ]
    also = [f"Other targets that you may mean: {', '.join(others)}."] if others else []
    return [*also, f"Say {example}, or name another target."]


SHOWN = {
    "regression": "regression",
    "binary": "classification into two classes",
    "multiclass": "classification into several classes",
}


@tool(
    effect="read",
    gives="what the table could predict, from which columns, with measured confidences",
    example={"dataset": "penguins", "target": "species"},
    sentences=SENTENCES,
    told=_told,
)
def detect_schema(arguments: DetectSchema, context: ToolContext) -> ToolOutput[Detected]:
    """Find what a dataset could predict: target, task, usable features, and dropped columns with the reason.

    `task` is regression or classification as estimate_cost takes it, `problem` tells binary and multiclass apart. Each
    column has a `kind` (number, category, ordinal, date, text, id, constant); `used_as` is how a model takes it: a
    number of kind category or ordinal is read as a number unless it is named in estimate_cost's `categories`.

    Each confidence is calibrated on public tables; a target that the user named has confidence 1. Where `ask_which` is
    true (confidence below 0.7) show the user the target and the `candidates` and ask which one is meant before anything
    is trained. It only reads.
    """
    dataset = context.data.get(arguments.dataset)
    schema = detect_in(dataset, arguments.target, levels_in(context.data, dataset))
    kinds = schema.kinds
    return ToolOutput(
        Detected(
            target=schema.target,
            target_kind=kinds[schema.target][0],
            task=schema.task,
            problem=schema.problem,
            confidence=schema.confidence,
            ask_which=schema.confidence < ml.SURE,
            task_confidence=schema.task_confidence,
            candidates=tuple(Candidate(target=name, confidence=share) for name, share in schema.candidates),
            features=tuple(
                FoundFeature(name=one.name, kind=kinds[one.name][0], used_as=one.kind, confidence=kinds[one.name][1])
                for one in schema.features
            ),
            dropped=tuple(
                Dropped(name=name, kind=kinds[name][0], confidence=kinds[name][1], reason=reason)
                for name, reason in schema.dropped
            ),
        )
    )

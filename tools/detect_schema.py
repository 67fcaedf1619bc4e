"""detect_schema: what a table could predict, and from what."""

from __future__ import annotations

from pydantic import Field

from tools.asked import Sentences
from tools.context import ToolContext
from tools.ml.spec import FeatureKind, Task
from tools.results import Fields, MadeCall, Result, ToolOutput
from tools.schema import detect_in
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
    """A column to predict from."""

    name: str
    kind: FeatureKind
    confidence: float


class Dropped(Fields):
    """A column that says nothing about the target, and why."""

    name: str
    reason: str


class Detected(Result):
    """What the table could predict."""

    target: str
    task: Task
    confidence: float
    candidates: tuple[Candidate, ...]
    features: tuple[FoundFeature, ...]
    dropped: tuple[Dropped, ...]


def _told(call: MadeCall[Detected]) -> str:
    result = call.result
    features = ", ".join(feature.name for feature in result.features)
    dropped = "; ".join(f"{one.name} ({one.reason})" for one in result.dropped)
    others = ", ".join(f"{one.target} ({one.confidence:.0%})" for one in result.candidates)
    lines = [
        f"Likeliest target: **{result.target}** ({result.task}, confidence {result.confidence:.0%}).",
        f"From: {features}." if features else "No column is left to predict it from.",
        f"Left out: {dropped}." if dropped else "",
        f"Other targets that you may mean: {others}." if others else "",
        f"Say `train a random forest to predict {result.target}`, or name another target.",
    ]
    return "\n\n".join(line for line in lines if line)


@tool(
    effect="read",
    gives="what the table could predict, from which columns, with measured confidences",
    example={"dataset": "penguins", "target": "species"},
    sentences=SENTENCES,
    told=_told,
)
def detect_schema(arguments: DetectSchema, context: ToolContext) -> ToolOutput[Detected]:
    """Find what a dataset could predict: target, task (regression or classification), usable features and their kinds
    (number, category, date, boolean), and the columns that are dropped with the reason.

    Each confidence is how often the rule behind it was right on public tables; a target that the user named has
    confidence 1. Below 0.7 show the user the `candidates` and ask which one is meant. It only reads.
    """
    schema = detect_in(context.data.get(arguments.dataset), arguments.target)
    return ToolOutput(
        Detected(
            target=schema.target,
            task=schema.task,
            confidence=schema.confidence,
            candidates=tuple(Candidate(target=name, confidence=share) for name, share in schema.candidates),
            features=tuple(
                FoundFeature(name=feature.name, kind=feature.kind, confidence=share)
                for feature, share in schema.features
            ),
            dropped=tuple(Dropped(name=name, reason=reason) for name, reason in schema.dropped),
        )
    )

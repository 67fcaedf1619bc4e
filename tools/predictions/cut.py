"""From which probability on a row is said to be the event, where that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.errors import ToolError
from tools.ml.metadata import Metadata

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


def cut_of(
    threshold: float | None, event: str | None, pipeline: Pipeline, metadata: Metadata
) -> tuple[str, float] | None:
    """The event and its threshold; ToolError where the model has no two classes."""
    if threshold is None:
        if event is not None:
            raise ToolError("event goes with threshold")
        return None
    classes = [] if metadata.spec.task == "regression" else [str(name) for name in pipeline[-1].classes_]
    if len(classes) != 2 or not hasattr(pipeline[-1], "predict_proba"):
        raise ToolError("threshold: it is for a model of two classes that gives probabilities")
    if event is not None and event not in classes:
        raise ToolError(f"event: {event[:80]!r} is none of the classes {', '.join(map(repr, classes))}")
    return event or classes[1], threshold

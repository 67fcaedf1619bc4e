"""The class that is said from a probability on: as it was asked for, else as it is kept with the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.records import Model
from tools.errors import ToolError
from tools.ml.metadata import Metadata

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Cut = tuple[str, float]
"""The event and its threshold."""


def cut_of(
    model: Model, threshold: float | None, event: str | None, pipeline: Pipeline, metadata: Metadata
) -> Cut | None:
    """The event and its threshold; None for the likelier class.

    Raises
    ------
    ToolError
        If an event is given alone, or a threshold for a model that has no probabilities of two classes.
    """
    if threshold is not None:
        return check_cut(threshold, event, pipeline, metadata)
    if event is not None:
        raise ToolError("event goes with threshold")
    return model.cut


def check_cut(threshold: float, event: str | None, pipeline: Pipeline, metadata: Metadata) -> Cut:
    """The event, the second class by default, and its threshold; ToolError where the model has no two classes."""
    classes = [] if metadata.spec.task == "regression" else [str(name) for name in pipeline[-1].classes_]
    if len(classes) != 2 or not hasattr(pipeline[-1], "predict_proba"):
        raise ToolError("threshold: it is for a model of two classes that gives probabilities")
    if event is not None and event not in classes:
        raise ToolError(f"event: {event[:80]!r} is none of the classes {', '.join(map(repr, classes))}")
    return event or classes[1], threshold

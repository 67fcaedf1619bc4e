"""The table of model types as estimate_cost's schema shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tools import ml

NAMES = tuple(model.name for model in ml.JOB_MODELS)


def _parameters() -> str:
    """Each set of parameters once, behind the models that have it."""
    owners: dict[str, list[str]] = {}
    for model in ml.MODEL_TYPES:
        names = dict.fromkeys(parameter.name for parameter in model.parameters)
        owners.setdefault(", ".join(names) or "none", []).append(model.name)
    return "; ".join(f"{', '.join(models)}: {names}" for names, models in owners.items())


if TYPE_CHECKING:
    ModelName = str
else:
    ModelName = Literal[*NAMES]
_OF_TASKS = (
    f"for {task}: {', '.join(model.name for model in ml.MODEL_TYPES if task in model.estimators)}"
    for task in ("regression", "classification")
)
TASKS = f"The type of model. {'; '.join(_OF_TASKS)}; for both {ml.AUTO.name}: the best of several types and settings"
PARAMETERS = (
    f"The model's parameters, by scikit-learn's names; one out of its range is told the range. {_parameters()}."
)

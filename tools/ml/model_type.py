"""What a kind of model is to the program: one row of the table in `model_types.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tools.ml.fit_times import Settings, Size
from tools.ml.parameter import Parameter
from tools.ml.spec import Task


@dataclass(frozen=True)
class Penalty:
    """The parameter that holds a model's penalty, what chooses it, and what stands where it cannot be chosen."""

    parameter: Literal["alpha", "C"]
    chosen_by: str
    usual: float


@dataclass(frozen=True)
class ModelType:
    """One kind of model.

    `estimators` names, for each task, what makes the estimator of the parameters by name; what is `fixed` is no choice
    of the person's. `phrase` is what people call it, as the offline planner reads it. `seconds` is a rough fit time on
    one core of the project's machine. A table of more than `max_rows` training rows is fitted to so many of them.
    `terms` is how many columns it makes of those that it is given.
    """

    name: str
    phrase: str
    estimators: Mapping[Task, str]
    seconds: Callable[[Size, Settings], float]
    parameters: tuple[Parameter, ...] = ()
    fixed: Settings = field(default_factory=dict)
    needs_scaling: bool = True
    scales_target: bool = False
    max_rows: int | None = None
    penalty: Penalty | None = None
    terms: Callable[[int, Settings], int] = lambda n_columns, settings: n_columns

    def parameters_of(self, task: Task) -> tuple[Parameter, ...]:
        """Those that it has for the task."""
        return tuple(one for one in self.parameters if one.task in (None, task))

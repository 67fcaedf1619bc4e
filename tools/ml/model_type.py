"""What a kind of model is to the program: one row of the table in `model_types.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tools.ml.fit_memory import no_more_b
from tools.ml.fit_times import Settings, Size
from tools.ml.parameter import Parameter
from tools.ml.spec import Defaults, Task

GpuWay = Literal["", "torch", "xgboost"]


@dataclass(frozen=True)
class Penalty:
    """The parameter that holds a model's penalty, what chooses it, and what stands where it cannot be chosen."""

    parameter: Literal["alpha", "C"]
    chosen_by: str
    usual: float


@dataclass(frozen=True)
class ModelType:
    """One kind of model.

    `estimators` names, for each task, what makes the estimator of the parameters by name, and `plain` scikit-learn's
    own where ours is another; what is `fixed` is no choice of the person's, and `usual` is where our defaults are other
    than scikit-learn's. `phrase` is what people call it, as the offline planner reads it. `seconds` is a rough fit time
    on one core of the project's machine, `memory_bytes` what the fit takes beside the prepared table. A table of more
    than `max_rows` training rows is fitted to so many of them.
    `terms` is how many columns it makes of those that it is given. `takes_missing` is whether numbers may stay missing,
    `takes_weights` whether rows can count differently.
    `libraries` are packages, beside scikit-learn, that the fit is made by.
    `spreads` is whether one fit of it is parts that joblib can send to a cluster, such as a forest's trees.
    `gpu` is what fits it on a GPU, where anything does: torch (its weights go into scikit-learn's network) or XGBoost.
    `starts` are the settings that `auto` begins with; a type without any is not among those that it compares.
    """

    name: str
    phrase: str
    estimators: Mapping[Task, str]
    seconds: Callable[[Size, Settings], float]
    memory_bytes: Callable[[Size, Settings], float] = no_more_b
    parameters: tuple[Parameter, ...] = ()
    fixed: Settings = field(default_factory=dict)
    usual: Settings = field(default_factory=dict)
    plain: Mapping[Task, str] = field(default_factory=dict)
    takes_missing: bool = False
    takes_weights: bool = True
    needs_scaling: bool = True
    scales_target: bool = False
    max_rows: int | None = None
    penalty: Penalty | None = None
    gpu: GpuWay = ""
    spreads: bool = False
    starts: tuple[Settings, ...] = ()
    libraries: tuple[str, ...] = ()
    terms: Callable[[int, Settings], int] = lambda n_columns, settings: n_columns

    def parameters_of(self, task: Task) -> tuple[Parameter, ...]:
        """Those that it has for the task."""
        return tuple(one for one in self.parameters if one.task in (None, task))

    def tried_of(self, task: Task, defaults: Defaults = "usual") -> tuple[Parameter, ...]:
        """Those that a search tries values of; not a penalty, where that is chosen by cross-validation anyway."""
        chosen = self.penalty.parameter if self.penalty is not None and defaults == "usual" else None
        return tuple(one for one in self.parameters_of(task) if one.tried is not None and one.name != chosen)

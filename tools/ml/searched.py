"""What a search over settings tried and found, as it is kept beside the model."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tools.ml.spec import ParameterValue, TrainingSpec

Ended = Literal["scored", "dropped", "failed", "out_of_time"]
"""Of one setting: scored on every fold, dropped as it fell behind, not fitted at all, or the time was over before."""
StoppedBy = Literal["trials", "seconds", "nothing_left"]
Ranked = Literal["r2", "roc_auc", "accuracy"]
NotCompared = Literal["too_many_rows", "too_many_terms", "missing_kept", "rows_weighed", "too_slow"]
"""Why a type of model was left out; the last where no fit of it would have ended within the time that was left."""


class Trial(BaseModel):
    """One type of model with the parameters that are not its defaults, and its score on each fold that it came to.

    `mean` and `sd` are of those folds: of one that was dropped they are of fewer folds than of the others.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="forbid")

    model: str
    params: tuple[ParameterValue, ...]
    folds: tuple[float, ...]
    mean: float | None
    sd: float | None
    seconds: float
    ended: Ended
    reason: str | None = None


class Searched(BaseModel):
    """Which settings were tried on the training rows alone, the best first, and why no more were.

    The first of `trials` is what the model is. `baseline` is the mean score of what knows nothing, on the same folds.
    The same job finds the same where `stopped_by` is not seconds. `asked` is the job as it was asked for.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="forbid")

    asked: TrainingSpec
    score: Ranked
    n_folds: int
    n_rows: int
    trials: tuple[Trial, ...]
    baseline: float
    not_compared: dict[str, NotCompared] = {}
    stopped_by: StoppedBy
    seconds: float

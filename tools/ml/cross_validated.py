"""What cross-validation found, as it is kept beside the model."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Standing = Literal["better", "within_chance", "not_better"]
"""How a model does beside its baseline."""
Parts = Literal["rows", "groups", "times"]


class FoldedScore(BaseModel):
    """One score over the folds: mean, sd, the interval of the mean, the score of each fold, the baseline's mean.

    `low` and `high` are the 95 % interval of `corrected_t.py`, cut to where the score can lie. None where a fold has
    no such score.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    baseline: float | None
    folds: tuple[float | None, ...]


class CrossValidated(BaseModel):
    """How models fitted just like the one that is kept do on rows that they have not seen, each row tested once.

    `n_rows` are all rows that can be used: the model that is kept was fitted to a part of them. `against_baseline` is
    judged by the folds' differences in r2, or in accuracy. `parts` is what the folds are of: rows, whole groups, or
    times in expanding windows; then the earliest rows are never tested, and there is no interval, as each window is
    trained on more rows than the one before.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    n_folds: int
    n_rows: int
    stratified: bool
    parts: Parts = "rows"
    interval: Literal["corrected_t", "none"] = "corrected_t"
    scores: dict[str, FoldedScore]
    against_baseline: Standing

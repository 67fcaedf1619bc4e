"""One prediction taken apart: what each feature adds to what the model says on average."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from tools.ml.coefficients import LINEAR
from tools.ml.spec import Scale
from tools.ml.validation import rank_scores

MAX_BACKGROUND = 1_000
MAX_DRAWS, FEWEST_DRAWS, MOST_ANSWERS = 400, 30, 40_000

Numbers = NDArray[np.float64]
Answer = Callable[[pd.DataFrame], Numbers]


@dataclass(frozen=True)
class Parts:
    """`average` and the features' `added` make up `said`, on its scale; `se` is sampling's error, 0 where exact."""

    scale: Scale
    method: Literal["additive", "shapley_sampling"]
    said: float
    average: float
    added: dict[str, float]
    se: dict[str, float]


def take_apart(pipeline: Pipeline, row: pd.DataFrame, background: pd.DataFrame, place: int, seed: int) -> Parts:
    """What each feature of one row adds to the mean prediction of the background rows.

    Of a linear model exactly, as its features simply add up: in the target's unit, or of two classes in log odds. Of
    other models Shapley values by sampling: features are switched from a background row's value to the row's own one
    after the other, in a random order, and each gets the mean change that its switch makes.

    Parameters
    ----------
    row : DataFrame of one row, with the features alone
    background : DataFrame with the features alone
        Training rows; at most 1,000 of them are taken, drawn by the seed.
    place : int
        Of a classifier the class's.

    References
    ----------
    Štrumbelj, Kononenko (2014). Explaining prediction models and individual predictions with feature contributions.
    Knowledge and Information Systems 41, 647-665.
    """
    return apart(*_answer_of(pipeline, place), row, background, seed)


def apart(
    answer: Answer, scale: Scale, is_additive: bool, row: pd.DataFrame, background: pd.DataFrame, seed: int
) -> Parts:
    """The same for anything that answers tables; `is_additive` where it simply adds its features up."""
    rng = np.random.default_rng(seed)
    known = background.iloc[rng.permutation(len(background))[:MAX_BACKGROUND]].reset_index(drop=True)
    said = float(answer(row)[0])
    if is_additive:
        average = float(np.mean(answer(known)))
        added = {name: said - float(np.mean(answer(_with(row, known, name)))) for name in row.columns}
        return Parts(scale, "additive", said, average, added, dict.fromkeys(added, 0.0))
    return _by_sampling(answer, scale, row, known, rng)


def _answer_of(pipeline: Pipeline, place: int) -> tuple[Answer, Scale, bool]:
    """What is taken apart, on which scale, and whether the features simply add up there."""
    is_linear = isinstance(pipeline["model"], LINEAR)
    if not hasattr(pipeline, "classes_"):
        return pipeline.predict, "target", is_linear
    if is_linear and len(pipeline.classes_) == 2:
        sign = 1.0 if place == 1 else -1.0
        return lambda frame: sign * pipeline.decision_function(frame), "log_odds", True
    has_probabilities = hasattr(pipeline, "predict_proba")
    return lambda frame: rank_scores(pipeline, frame)[:, place], "probability" if has_probabilities else "margin", False


def _with(row: pd.DataFrame, background: pd.DataFrame, name: str) -> pd.DataFrame:
    """The row as often as there are background rows, with that feature theirs."""
    rows = row.iloc[np.zeros(len(background), dtype=int)].reset_index(drop=True)
    rows[name] = background[name]
    return rows


def _by_sampling(
    answer: Answer, scale: Scale, row: pd.DataFrame, background: pd.DataFrame, rng: np.random.Generator
) -> Parts:
    names, p = list(row.columns), row.shape[1]
    n_draws = max(FEWEST_DRAWS, min(MAX_DRAWS, MOST_ANSWERS // (p + 1)))
    orders = np.array([rng.permutation(p) for _ in range(n_draws)])
    others = background.iloc[rng.integers(0, len(background), n_draws)]
    # Step s of a draw has the first s features of its order switched to the row's own value.
    steps = others.iloc[np.repeat(np.arange(n_draws), p + 1)].reset_index(drop=True)
    places = np.argsort(orders, axis=1)
    is_own = places[:, None, :] < np.arange(p + 1)[None, :, None]
    for at, name in enumerate(names):
        steps[name] = (
            steps[name].astype("object").mask(is_own[:, :, at].ravel(), row[name].iloc[0]).astype(row[name].dtype)
        )
    said = answer(steps).reshape(n_draws, p + 1)
    changes = np.take_along_axis(np.diff(said, axis=1), places, axis=1)
    errors = np.std(changes, axis=0, ddof=1) / np.sqrt(n_draws)
    return Parts(
        scale=scale,
        method="shapley_sampling",
        said=float(said[0, -1]),
        average=float(np.mean(said[:, 0])),
        added=dict(zip(names, np.mean(changes, axis=0).tolist(), strict=True)),
        se=dict(zip(names, errors.tolist(), strict=True)),
    )

"""How a model's prediction goes with one feature, the others as they are in the table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.inspection import partial_dependence
from sklearn.pipeline import Pipeline

from tools.ml.preprocessing import to_words
from tools.ml.spec import FeatureKind
from tools.ml.word_order import in_order

SEEN_ROWS = 1_000
MOST_STEPS = 20
"""Of a category, the most frequent; of numbers as many steps from the 5th percentile to the 95th."""
TAILS = (0.05, 0.95)


def depend_on(
    pipeline: Pipeline, frame: pd.DataFrame, name: str, kind: FeatureKind, place: int, seed: int
) -> tuple[list[float | str], list[float]]:
    """The feature's values and the mean prediction where every row has that value (scikit-learn's, by brute force).

    Parameters
    ----------
    frame : DataFrame with the features alone
        At most 1,000 of its rows are taken, drawn by the seed.
    place : int
        Of a classifier the class's; what is averaged is its probability, or its margin where there are none.

    Raises
    ------
    ValueError
        If the feature is a date, or has one value only.

    References
    ----------
    Friedman (2001). Greedy function approximation: a gradient boosting machine. Annals of Statistics 29(5), 1189-1232.
    """
    if kind == "date":
        raise ValueError(f"{name!r} is a date, which the model sees as several parts: no one line goes with it")
    rows = frame.iloc[np.random.default_rng(seed).permutation(len(frame))[:SEEN_ROWS]].copy()
    values: Sequence[float | str]
    if kind == "category":
        rows[name] = to_words(rows[name])
        values = in_order(rows[name].value_counts().index[:MOST_STEPS])
    else:
        rows[name] = rows[name].astype("float64")
        low, high = rows[name].quantile(list(TAILS))
        whole = np.unique(rows[name].dropna())
        values = (whole if len(whole) <= MOST_STEPS else np.linspace(low, high, MOST_STEPS)).tolist()
    if len(values) < 2:
        raise ValueError(f"{name!r} has one value only in the rows that are looked at")
    has_classes = hasattr(pipeline, "classes_")
    response = (
        "auto" if not has_classes else "predict_proba" if hasattr(pipeline, "predict_proba") else "decision_function"
    )
    found = partial_dependence(
        pipeline,
        rows,
        [name],
        categorical_features=[name] if kind == "category" else None,
        custom_values={name: np.array(values, dtype="object" if kind == "category" else "float64")},
        response_method=response,
        method="brute",
        kind="average",
    )["average"]
    mean = _of_class(found, place) if has_classes else found[0]
    return list(values), [float(value) for value in mean]


def _of_class(found: NDArray[np.float64], place: int) -> NDArray[np.float64]:
    """Of two classes scikit-learn gives the second's alone."""
    own: NDArray[np.float64] = found[place] if len(found) > 1 else found[0]
    return own if len(found) > 1 or place == 1 else 1 - own

"""From a table to what an estimator takes: dates into parts, missing filled in, numbers scaled, categories encoded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tools.ml.spec import Feature

DATE_PARTS = ("year", "month", "day", "day_of_week", "hour", "days")
MAX_CATEGORIES = 50
MISSING = "(missing)"


def split_columns(frame: pd.DataFrame, features: Sequence[Feature]) -> pd.DataFrame:
    """Each feature as float64 columns (numbers, booleans, six parts of a date) or as one column of words.

    Parameters
    ----------
    frame : DataFrame with a column for each feature
        Missing as NaN, NaT or None.

    Returns
    -------
    DataFrame with the same index
        Columns "name" or, of a date, "name (year)", …; `days` counts from 1970-01-01. Missing words are "(missing)".
    """
    columns: dict[str, pd.Series] = {}
    for feature in features:
        values = frame[feature.name]
        if feature.kind == "date":
            moments = pd.to_datetime(values, errors="coerce")
            for part in DATE_PARTS:
                columns[f"{feature.name} ({part})"] = _date_part(moments, part)
        elif feature.kind == "category":
            columns[feature.name] = to_words(values)
        else:
            present = values.astype("object").where(values.notna(), np.nan)
            columns[feature.name] = present.astype("float64")
    return pd.DataFrame(columns, index=frame.index)


def to_words(values: pd.Series) -> pd.Series:
    """Categories as words: 2, 2.0 and a 2 from a column with gaps are all "2"; missing is "(missing)"."""

    def word(value: object) -> str:
        if isinstance(value, bool | np.bool_):
            return str(bool(value)).lower()
        if isinstance(value, int | float | np.number):
            number = float(value)
            return str(int(number)) if number.is_integer() else repr(number)
        # A day as people write it, so that a row given in words finds it.
        return str(value).removesuffix(" 00:00:00") if isinstance(value, pd.Timestamp) else str(value)

    present = values.notna()
    words = values.astype("object").where(present, MISSING)
    return words.map({value: word(value) if value != MISSING else MISSING for value in words.unique()}).astype("object")


def _date_part(moments: pd.Series, part: str) -> pd.Series:
    if part == "days":
        days: pd.Series = (moments - pd.Timestamp(0)) / np.timedelta64(1, "D")
    else:
        days = getattr(moments.dt, part).astype("float64")
    return days


def build_pipeline(features: Sequence[Feature], estimator: BaseEstimator | None, needs_scaling: bool) -> Pipeline:
    """The one pipeline that every model is: it takes the table of `split_columns`. Without an estimator it prepares.

    Numbers: missing becomes the median, then mean 0 and sd 1 where the model needs it. Categories: one column for each
    of the 50 most frequent; rare ones share a column, and so does a value that training never saw.
    """
    numbers, words = [], []
    for feature in features:
        if feature.kind == "category":
            words.append(feature.name)
        elif feature.kind == "date":
            numbers += [f"{feature.name} ({part})" for part in DATE_PARTS]
        else:
            numbers.append(feature.name)
    impute = SimpleImputer(strategy="median", keep_empty_features=True)
    prepare_numbers = make_pipeline(impute, StandardScaler()) if needs_scaling else make_pipeline(impute)
    encode = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MAX_CATEGORIES, sparse_output=False)
    return Pipeline(
        [
            ("prepare", ColumnTransformer([("numbers", prepare_numbers, numbers), ("words", encode, words)])),
            ("model", "passthrough" if estimator is None else estimator),
        ]
    )


def pooled_values(pipeline: Pipeline) -> dict[str, int]:
    """How many of a category's values, in the training rows, were too rare for a column of their own."""
    columns = {name: list(columns) for name, _, columns in pipeline[0].transformers_}.get("words", [])
    if not columns:
        return {}
    rare = pipeline[0].named_transformers_["words"].infrequent_categories_
    return {name: len(values) for name, values in zip(columns, rare, strict=True) if values is not None}

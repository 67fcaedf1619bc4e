"""From a table to what an estimator takes: dates into parts, missing filled in, numbers scaled, categories encoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from tools.missing_group import MISSING

Matrix = NDArray[np.float64]

DATE_PARTS = ("year", "month", "day", "day_of_week", "hour", "days")
DROPPED = {"onehot": None, "onehot_drop_first": "first", "onehot_drop_binary": "if_binary"}
"""Which column of a category is left out, as scikit-learn's OneHotEncoder calls it."""


def split_columns(frame: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    """Each feature as float64 columns (numbers, booleans, six parts of a date) or as one column of words.

    Saved models hold this function by its name, with `kinds`: neither may change what it means.

    Parameters
    ----------
    frame : DataFrame with a column for each feature
        Missing as NaN, NaT or None.
    kinds : mapping of a feature's name to number, boolean, date or category
        In the order in which the model is fitted to them.

    Returns
    -------
    DataFrame with the same index
        Columns "name" or, of a date, "name (year)", …; `days` counts from 1970-01-01. Missing words are "(missing)".
    """
    columns: dict[str, pd.Series] = {}
    for name, kind in kinds.items():
        values = frame[name]
        if kind == "date":
            moments = pd.to_datetime(values, errors="coerce")
            for part in DATE_PARTS:
                columns[f"{name} ({part})"] = _date_part(moments, part)
        elif kind == "category":
            columns[name] = to_words(values)
        else:
            # What pandas holds with gaps of its own, or as objects, takes four times as long.
            is_plain = isinstance(values.dtype, np.dtype) and values.dtype.kind in "biuf"
            present = values if is_plain else values.astype("object").where(values.notna(), np.nan)
            columns[name] = present.astype("float64")
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
    if isinstance(values.dtype, pd.StringDtype):
        return words
    return words.map({value: word(value) if value != MISSING else MISSING for value in words.unique()}).astype("object")


def _date_part(moments: pd.Series, part: str) -> pd.Series:
    if part == "days":
        days: pd.Series = (moments - pd.Timestamp(0)) / np.timedelta64(1, "D")
    else:
        days = getattr(moments.dt, part).astype("float64")
    return days


def columns_step(kinds: Mapping[str, str]) -> tuple[str, FunctionTransformer]:
    """The pipeline's first step, with its name: `split_columns` of these kinds."""
    return "columns", FunctionTransformer(split_columns, kw_args={"kinds": dict(kinds)})


def build_pipeline(
    kinds: Mapping[str, str],
    estimator: BaseEstimator | None,
    fill: str | float = "median",
    fill_words: str = "own_value",
    scale: str = "standard",
    encode: str = "onehot",
    max_categories: int = 50,
    order: Sequence[Sequence[str]] | None = None,
) -> Pipeline:
    """The one pipeline that every model is: it takes the table as it is stored. Without an estimator it prepares.

    Its steps are "columns" (`split_columns`), "prepare" and "model"; before the last one "order" where codes of words
    stand among numbers: then each column has its feature's place, where otherwise numbers come first.

    Parameters
    ----------
    fill : median, mean, most_frequent, keep or a number
        What numbers have in place of missing; "keep" leaves them missing.
    fill_words : own_value or most_frequent
        What words have in place of missing; a value of their own is "(missing)".
    scale : standard (mean 0 and sd 1), minmax (0 to 1), robust (median 0, quartiles 1 apart) or none
        Of numbers.
    encode : onehot, onehot_drop_first, onehot_drop_binary or ordinal
        One column for each of a category's `max_categories` most frequent values, where rare ones share a column, and
        so does a value that training never saw; without the first value's column, or without that of the first of two.
        Or one column of codes, in the order of the words, -1 for what training never saw.
    order : list of words for each category, in the order of `kinds`
        What codes go by, where it is not the order of letters: of numbers that are categories, 2 is before 10.
    """
    words = [name for name, kind in kinds.items() if kind == "category"]
    columns = [column for name, kind in kinds.items() for column in column_names(name, kind)]
    numbers = [column for column in columns if column not in words]
    scalers = {"standard": [StandardScaler()], "minmax": [MinMaxScaler()], "robust": [RobustScaler()], "none": []}
    given = {"strategy": fill} if isinstance(fill, str) else {"strategy": "constant", "fill_value": fill}
    fillers = [] if fill == "keep" else [SimpleImputer(**given, keep_empty_features=True)]
    prepare_numbers = make_pipeline(*fillers, *scalers[scale]) if fillers or scalers[scale] else "passthrough"
    given_order = {} if order is None else {"categories": [list(words) for words in order]}
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, **given_order)
    if encode != "ordinal":
        codes = OneHotEncoder(
            drop=DROPPED[encode],
            handle_unknown="infrequent_if_exist",
            max_categories=max_categories,
            sparse_output=False,
        )
    usual = SimpleImputer(missing_values=MISSING, strategy="most_frequent", keep_empty_features=True)
    prepare_words = make_pipeline(usual, codes) if fill_words == "most_frequent" else codes
    steps = [
        columns_step(kinds),
        ("prepare", ColumnTransformer([("numbers", prepare_numbers, numbers), ("words", prepare_words, words)])),
    ]
    if encode == "ordinal" and columns != numbers + words:
        places = [(numbers + words).index(column) for column in columns]
        steps.append(("order", FunctionTransformer(take_columns, kw_args={"places": places})))
    return Pipeline([*steps, ("model", "passthrough" if estimator is None else estimator)])


def take_columns(X: Matrix, places: Sequence[int]) -> Matrix:
    """The columns of an array in another order: the first is that at `places[0]`.

    Saved models hold this function by its name: it may not change what it means.
    """
    return X[:, list(places)]


def column_names(name: str, kind: str) -> list[str]:
    """What the columns of a feature are called that `split_columns` makes of it."""
    return [f"{name} ({part})" for part in DATE_PARTS] if kind == "date" else [name]


def encoder_of(prepare: ColumnTransformer) -> OneHotEncoder | OrdinalEncoder | None:
    """What encodes the words; None where there are none."""
    if not {name: list(columns) for name, _, columns in prepare.transformers_}.get("words"):
        return None
    words = prepare.named_transformers_["words"]
    return words[-1] if isinstance(words, Pipeline) else words


def pooled_values(pipeline: Pipeline) -> dict[str, int]:
    """How many of a category's values, in the training rows, were too rare for a column of their own."""
    prepare = pipeline["prepare"]
    encode = encoder_of(prepare)
    if not isinstance(encode, OneHotEncoder):
        return {}
    columns = {name: list(columns) for name, _, columns in prepare.transformers_}["words"]
    rare = encode.infrequent_categories_
    return {name: len(values) for name, values in zip(columns, rare, strict=True) if values is not None}

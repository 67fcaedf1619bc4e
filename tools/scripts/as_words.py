"""Values as words, in an exported script."""

from __future__ import annotations

import pandas as pd


def as_words(values: pd.Series, names: list[str]) -> pd.Series:
    """The values as words, in the way in which the names of the groups are written."""
    kept = values.dropna()
    if all(isinstance(value, bool) for value in kept.tolist()):
        return kept.map({True: "true", False: "false"})
    words = kept.astype(str)
    if not set(names) <= set(words) and pd.api.types.is_numeric_dtype(kept):
        return kept.astype("int64").astype(str)  # integers beside missing values are read as 1.0, 2.0, …
    return words

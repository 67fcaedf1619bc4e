"""Columns of Arrow as pandas has them where DuckDB gives them to it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa


def as_pandas(column: Any) -> pd.Series:
    """An Arrow array as DuckDB gives it to pandas: decimals as float64, integers with gaps as Int64."""
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    if pa.types.is_integer(column.type) and column.null_count:
        return pd.Series(pd.array(column.to_pylist(), dtype="Int64"))
    values: pd.Series = column.to_pandas(date_as_object=False)
    return values

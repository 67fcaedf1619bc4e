"""Columns of a table as bytes that numpy reads back exactly, on any machine, and that hold no code.

A zip of plain arrays (`.npz`): numbers and moments as they are, words and truth values as codes into a list, and what
stands for which column in JSON. It needs numpy and pandas alone, so what predicts elsewhere takes it along.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

TOLD = "columns"
MOST_BYTES = 2**30
"""Unpacked, of one part."""
MIDNIGHT = (1980, 1, 1, 0, 0, 0)
PLAIN, CODED, MASKED = "plain", "coded", "masked"
WORDS = (str, bool, int, float)
"""What codes may stand for: what JSON gives back as it was."""

Columns = Mapping[str, "pd.Series[Any] | NDArray[Any]"]


def pack_columns(columns: Columns) -> bytes:
    """The columns, all of one length.

    Raises
    ------
    ValueError
        If a column holds values other than numbers, truth values, moments and words.
    """
    arrays: dict[str, NDArray[Any]] = {}
    told: list[dict[str, str]] = []
    for place, (name, values) in enumerate(columns.items()):
        column = pd.Series(values)
        if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biufM":
            form = PLAIN
            arrays[f"{place}"] = column.to_numpy()
        elif pd.api.types.is_integer_dtype(column.dtype):
            form = MASKED
            arrays[f"{place}"] = column.fillna(0).to_numpy(np.int64)
            arrays[f"{place}m"] = column.isna().to_numpy()
        else:
            form = CODED
            codes, words = pd.factorize(column.astype(object))
            strange = next((word for word in words if not isinstance(word, WORDS)), None)
            if strange is not None:
                raise ValueError(f"column {name!r} holds values of type {type(strange).__name__}, which cannot be sent")
            arrays[f"{place}"] = codes.astype(np.int32)
            arrays[f"{place}w"] = _as_bytes(list(words))
        told.append({"name": name, "form": form})
    arrays[TOLD] = _as_bytes(told)
    packed = io.BytesIO()
    # Not savez, which writes the time: the same columns are the same bytes.
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(_entry(name), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
    return packed.getvalue()


def unpack_columns(content: bytes) -> dict[str, pd.Series]:
    """The columns by name, in their order.

    Raises
    ------
    ValueError
        If the bytes are none that `pack_columns` makes, or unpack to more than 1 GiB.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise ValueError("the columns unpack to more than 1 GiB")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            told = json.loads(arrays[TOLD].tobytes())
            columns = {str(one["name"]): _column(arrays, str(place), one["form"]) for place, one in enumerate(told)}
    except (zipfile.BadZipFile, KeyError, TypeError, AttributeError, IndexError, EOFError, OSError) as error:
        raise ValueError("these bytes hold no columns") from error
    if len({len(column) for column in columns.values()}) > 1:
        raise ValueError("the columns are not of one length")
    return columns


def _column(arrays: Mapping[str, NDArray[Any]], place: str, form: str) -> pd.Series:
    values = arrays[place]
    if values.ndim != 1:
        raise ValueError("a column has one dimension")
    if form == PLAIN and values.dtype.kind in "biufM":
        return pd.Series(values)
    if form == MASKED:
        return pd.Series(pd.arrays.IntegerArray(values.astype(np.int64), arrays[f"{place}m"].astype(bool)))
    words = json.loads(arrays[f"{place}w"].tobytes())
    if form != CODED or not all(isinstance(word, WORDS) for word in words):
        raise ValueError("these bytes hold no columns")
    # The last one is what the code -1 gives: missing.
    found = np.empty(len(words) + 1, dtype=object)
    found[:-1] = words
    found[-1] = None
    return pd.Series(found[values], dtype=object)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(f"{name}.npy", MIDNIGHT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _as_bytes(value: object) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value).encode(), np.uint8)

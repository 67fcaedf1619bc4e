"""The steps of transform in pandas, as an exported script takes them. The writer copies what it needs."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

import numpy as np
import pandas as pd


def drop_missing(frame: pd.DataFrame, columns: list[str] | None = None) -> pd.DataFrame:
    """The rows in which none of the columns is missing."""
    return frame.dropna(subset=columns)


def drop_rows(frame: pd.DataFrame, rows: list[int]) -> pd.DataFrame:
    """All rows but those at these places."""
    return frame[~np.isin(np.arange(len(frame)), rows)]


def dedupe(frame: pd.DataFrame, columns: list[str] | None = None, keep: Any = "first") -> pd.DataFrame:
    """One of the rows that are alike; two missing values are alike."""
    return frame.drop_duplicates(subset=columns, keep=keep)


def sort(frame: pd.DataFrame, by: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows in order; missing values last, ties as they were."""
    # From the last key to the first, each keeping the order that the one before it made.
    for key in reversed(by):
        is_up = not key.get("descending", False)
        frame = frame.sort_values(key["column"], ascending=is_up, kind="stable", na_position="last")
    return frame


def sample(frame: pd.DataFrame, n: int | None = None, fraction: float | None = None, seed: int = 0) -> pd.DataFrame:
    """The rows whose MD5 of seed and row number is smallest, in the order that they had."""
    wanted = n if n is not None else round(len(frame) * (fraction or 0))
    sums = [hashlib.md5(f"{seed}-{row}".encode()).hexdigest() for row in range(len(frame))]  # noqa: S324 - no secret
    return frame.iloc[sorted(sorted(range(len(frame)), key=lambda row: (sums[row], row))[:wanted])]


def fill_missing(
    frame: pd.DataFrame, columns: list[str], method: str, value: Any = None, by: list[str] | None = None
) -> pd.DataFrame:
    """What is missing is filled, within the groups of `by`; of several modes the smallest is taken."""
    frame = frame.copy()
    for name in columns:
        parts = frame.groupby(by or (lambda row: 0), dropna=False)[name]
        if method == "value":
            frame[name] = frame[name].fillna(value)
        elif method == "forward":
            frame[name] = parts.ffill()
        elif method == "mode":
            modes = parts.transform(lambda part: part.mode().iloc[0] if part.notna().any() else None)
            frame[name] = frame[name].where(frame[name].notna(), modes)
        else:
            centre = parts.transform("mean" if method == "mean" else "median")
            frame[name] = frame[name].astype("float64").fillna(centre)
    return frame


def fence(
    frame: pd.DataFrame, column: str, bounds: list[dict[str, Any]], by: str | None = None, put: str = "drop"
) -> pd.DataFrame:
    """Values outside the bounds of their group: their rows are dropped, or something is put in their place."""
    values = frame[column].astype("float64") if put != "drop" else frame[column]
    outside = pd.Series(False, index=frame.index)
    for bound in bounds:
        inside = pd.Series(True, index=frame.index) if by is None else frame[by].astype(str) == bound.get("group")
        for side, is_beyond in (("low", values.lt), ("high", values.gt)):
            if bound.get(side) is None:
                continue
            beyond = inside & is_beyond(bound[side])
            outside |= beyond
            if put != "drop":
                new = {"bound": bound[side], "value": bound.get("value"), "missing": None}[put]
                values = values.mask(beyond, np.nan if new is None else new)
    return frame[~outside] if put == "drop" else frame.assign(**{column: values})


def scale(frame: pd.DataFrame, columns: list[str], method: str) -> pd.DataFrame:
    """Numbers on another scale, with the population's sd; a spread of 0 counts as 1."""
    frame = frame.copy()
    for name in columns:
        x = frame[name].astype("float64")
        if method == "log1p":
            frame[name] = np.log1p(x.where(x > -1))
            continue
        centre, spread = float(x.mean()), float(x.std(ddof=0))
        if method == "minmax":
            centre, spread = float(x.min()), float(x.max() - x.min())
        elif method == "robust":
            centre, spread = float(x.median()), float(x.quantile(0.75) - x.quantile(0.25))
        frame[name] = (x - centre) / (spread or 1.0)
    return frame


def encode(frame: pd.DataFrame, columns: list[str], method: str, categories: list[str] | None = None) -> pd.DataFrame:
    """Categories as 0, 1, … in their order, or as a column of 0 and 1 for each in the place of the column."""
    for name in columns:
        order = categories or sorted(frame[name].dropna().unique())
        if method == "ordinal":
            frame = frame.assign(**{name: frame[name].map({value: place for place, value in enumerate(order)})})
        else:
            place = list(frame.columns).index(name)
            made = pd.DataFrame({f"{name}_{value}": (frame[name] == value).astype("int64") for value in order})
            frame = pd.concat([frame.iloc[:, :place], made, frame.iloc[:, place + 1 :]], axis=1)
    return frame


def bin_numbers(
    frame: pd.DataFrame,
    column: str,
    into: str,
    edges: list[float] | None = None,
    n_bins: int | None = None,
    method: str = "width",
    labels: list[str] | None = None,
) -> pd.DataFrame:
    """A category for each range: [a, b), and [a, b] for the last one."""
    x = frame[column].astype("float64")
    n = n_bins or 2
    if edges is None and method == "quantile":
        edges = sorted(set(x.quantile([place / n for place in range(n + 1)])))
    elif edges is None:
        low, high = float(x.min()), float(x.max())
        edges = [*(low + (high - low) * place / n for place in range(n)), high]
    names = [f"[{low:g}, {high:g})" for low, high in itertools.pairwise(edges)]
    names[-1] = names[-1][:-1] + "]"
    place = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(names) - 1)
    found = pd.Series(np.array(labels or names, dtype=object)[place], index=frame.index)
    return frame.assign(**{into: found.where(x.between(edges[0], edges[-1]))})


def cast(frame: pd.DataFrame, columns: list[str], to: str, form: str | None = None) -> pd.DataFrame:
    """Another type; what cannot be converted is missing."""
    frame = frame.copy()
    for name in columns:
        if to == "text":
            frame[name] = frame[name].astype(str).where(frame[name].notna())
        elif to in ("date", "datetime"):
            frame[name] = pd.to_datetime(frame[name], format=form, errors="coerce")
        else:
            numbers = pd.to_numeric(frame[name], errors="coerce")
            frame[name] = numbers if to == "number" else numbers.round()
    return frame


def aggregate(frame: pd.DataFrame, by: list[str], values: list[dict[str, str]]) -> pd.DataFrame:
    """One row for each group, the groups in order, a missing one last."""
    functions: dict[str, Any] = {
        "count_distinct": "nunique",
        "sd": "std",
        "variance": "var",
        "q1": lambda part: part.quantile(0.25),
        "q3": lambda part: part.quantile(0.75),
        "sum": lambda part: part.sum(min_count=1),
    }
    parts = frame.groupby(by or (lambda row: 0), dropna=False, sort=True)
    found = {one["into"]: parts[one["column"]].agg(functions.get(one["function"], one["function"])) for one in values}
    return pd.DataFrame(found).reset_index(drop=not by)


def unpivot(frame: pd.DataFrame, columns: list[str], name: str = "name", value: str = "value") -> pd.DataFrame:
    """Each row once for each of the columns, one after the other."""
    kept = [column for column in frame.columns if column not in columns]
    long = frame.reset_index(drop=True).melt(kept, columns, name, value, ignore_index=False)
    return long.sort_index(kind="stable")


def join(frame: pd.DataFrame, other: pd.DataFrame, name: str, on: list[str], how: Any = "left") -> pd.DataFrame:
    """Columns of another table beside these, where `on` is equal."""
    return frame.merge(other, how="outer" if how == "full" else how, on=on, suffixes=("", f"_{name}"))

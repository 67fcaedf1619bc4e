"""The lines of an exported script for transform: each step in pandas, written only where it gives the stored table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from adapters.data import frame_sql
from adapters.data.base import DataError
from adapters.records import Dataset
from runtime.export import script_steps as steps
from runtime.export.script_writer import DERIVE, WHERE, Writer

MOST_CELLS = 20_000_000
"""A larger table is not computed twice for the sake of its script: it lies beside it."""
COLUMNS = frozenset(["column", "columns", "by", "on"])
NAMES: Mapping[str, str] = {"format": "form"}
"""An argument whose name a function of the script may not have."""
FUNCTIONS: Mapping[str, Callable[..., pd.DataFrame]] = {
    "drop_missing": steps.drop_missing,
    "drop_rows": steps.drop_rows,
    "dedupe": steps.dedupe,
    "sort": steps.sort,
    "sample": steps.sample,
    "fill_missing": steps.fill_missing,
    "fence": steps.fence,
    "scale": steps.scale,
    "encode": steps.encode,
    "bin": steps.bin_numbers,
    "cast": steps.cast,
    "aggregate": steps.aggregate,
    "unpivot": steps.unpivot,
}

Computed = tuple[pd.DataFrame, str]
"""The table after a step, and the step as an expression of Python over `frame`."""


def steps_in_pandas(writer: Writer, dataset: Dataset, parent: str) -> list[str] | None:
    """The lines that make the dataset of its parent; None where pandas does not give the very table that is stored.

    Every line is computed here first, as the script will compute it, and the end compared with what is stored.
    """
    frame = writer.frames.get(parent)
    recipe = dataset.recipe or {}
    listed = recipe.get("steps")
    if frame is None or not isinstance(listed, list) or dataset.rows * len(dataset.columns) > MOST_CELLS:
        return None
    before = dict(writer.helpers)
    lines = [f"frame = data[{parent!r}]"]
    try:
        for step in listed:
            frame, text = _take(writer, frame, dict(step) if isinstance(step, dict) else {})
            frame = frame.reset_index(drop=True)
            lines.append(f"frame = {text}.reset_index(drop=True)")
    # A value that pandas cannot treat as the steps do: then the table itself is given.
    except (DataError, ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        frame = None
    if frame is None or not writer.is_stored(frame, dataset.name):
        writer.helpers = before
        return None
    writer.frames[dataset.name] = frame
    return [*lines, f"data[{dataset.name!r}] = frame"]


def _take(writer: Writer, frame: pd.DataFrame, step: dict[str, Any]) -> Computed:
    """One step: what comes out, and how the script says it."""
    names = {str(name).casefold(): str(name) for name in frame.columns}
    op = str(step.pop("op"))
    given = {key: _named(value, names) if key in COLUMNS else value for key, value in step.items()}
    given = {NAMES.get(key, key): value for key, value in given.items() if value is not None}
    if op in ("select", "drop", "rename"):
        return _columns(frame, op, given)
    if op in ("filter", "derive"):
        return _sql(writer, frame, op, given)
    if op == "join":
        other = str(given.pop("dataset"))
        writer.need(steps.join)
        made = steps.join(frame, writer.frames[other], other, **given)
        return made, f"join(frame, data[{other!r}], {other!r}{_written(given)})"
    function = FUNCTIONS[op]
    accepted = {key: value for key, value in given.items() if key in function.__annotations__}
    writer.need(function)
    writer.imports |= {"import numpy as np", "import hashlib", "import itertools"}
    return function(frame, **accepted), f"{function.__name__}(frame{_written(accepted)})"


def _columns(frame: pd.DataFrame, op: str, given: Mapping[str, Any]) -> Computed:
    if op == "rename":
        names = {given["column"]: given["to"]}
        return frame.rename(columns=names), f"frame.rename(columns={names!r})"
    if op == "drop":
        return frame.drop(columns=given["columns"]), f"frame.drop(columns={given['columns']!r})"
    kept = list(dict.fromkeys(given["columns"]))
    return frame[kept], f"frame[{kept!r}]"


def _sql(writer: Writer, frame: pd.DataFrame, op: str, given: Mapping[str, Any]) -> Computed:
    writer.imports.add("import duckdb")
    if op == "filter":
        writer.helpers["where"] = WHERE.strip("\n")
        return frame_sql.rows_where(frame, given["where"]), f"where(frame, {given['where']!r})"
    writer.helpers["derive"] = DERIVE.strip("\n")
    made = frame_sql.with_derived(frame, given["column"], given["expression"])
    return made, f"derive(frame, {given['column']!r}, {given['expression']!r})"


def _named(value: Any, names: Mapping[str, str]) -> Any:
    """The columns as the table spells them, also within a list of keys."""
    if isinstance(value, list):
        return [_named(part, names) for part in value]
    if isinstance(value, dict):
        return {key: _named(part, names) if key in COLUMNS else part for key, part in value.items()}
    return names.get(value.casefold(), value) if isinstance(value, str) else value


def _written(arguments: Mapping[str, Any]) -> str:
    return "".join(f", {name}={value!r}" for name, value in arguments.items())

"""transform in an exported script: each step in pandas, written only where it gives the stored table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pandas as pd

from adapters.data import frame_sql
from adapters.data.base import DataError
from tools.results import MadeCall
from tools.scripting import Script
from tools.scripts.made import MADE_OTHERWISE, show_made
from tools.transform import in_pandas as steps
from tools.transform.result import Made

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

Computed = tuple[pd.DataFrame, Callable[[], str]]
"""The table after a step, and what writes the step as an expression of Python over `frame`."""


def script(writer: Script, number: int, call: MadeCall[Made]) -> None:
    """The lines that make the dataset of the one before."""
    name = call.result.dataset
    lines = _in_pandas(writer, name, str(call.arguments["dataset"]))
    if lines is None:
        writer.lay_beside(name, MADE_OTHERWISE)
    else:
        writer.lines += lines
    show_made(writer, number, "transform", name)


def _in_pandas(writer: Script, name: str, parent: str) -> list[str] | None:
    """The lines of the steps; None where pandas does not give the very table that is stored.

    Every line is computed here first, as the script will compute it, and the end compared with what is stored.
    """
    frame, dataset = writer.frames.get(parent), writer.dataset(name)
    listed = (dataset.recipe or {}).get("steps")
    if frame is None or not isinstance(listed, list) or dataset.rows * len(dataset.columns) > MOST_CELLS:
        return None
    written = []
    try:
        for step in listed:
            frame, write = _take(writer, frame, dict(step) if isinstance(step, dict) else {})
            frame = frame.reset_index(drop=True)
            written.append(write)
    # A value that pandas cannot treat as the steps do: then the table itself is given.
    except (DataError, ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None
    if not writer.is_stored(frame, name):
        return None
    writer.frames[name] = frame
    each = [f"frame = {write()}.reset_index(drop=True)" for write in written]
    return [f"frame = data[{parent!r}]", *each, f"data[{name!r}] = frame"]


def _take(writer: Script, frame: pd.DataFrame, step: dict[str, Any]) -> Computed:
    """One step: what comes out, and how the script says it."""
    names = {str(name).casefold(): str(name) for name in frame.columns}
    op = str(step.pop("op"))
    given = {key: _named(value, names) if key in COLUMNS else value for key, value in step.items()}
    given = {NAMES.get(key, key): value for key, value in given.items() if value is not None}
    if op in ("select", "drop", "rename"):
        made, text = _columns(frame, op, given)
        return made, lambda: text
    if op == "filter":
        return frame_sql.rows_where(frame, given["where"]), partial(writer.filtered, "frame", given["where"])
    if op == "derive":
        column, expression = given["column"], given["expression"]
        made = frame_sql.with_derived(frame, column, expression)
        return made, partial(writer.derived, "frame", column, expression)
    if op == "join":
        other = str(given.pop("dataset"))
        made = steps.join(frame, writer.frames[other], other, **given)
        return made, partial(_written, writer, steps.join, f"data[{other!r}], {other!r}", given)
    function = FUNCTIONS[op]
    accepted = {key: value for key, value in given.items() if key in function.__annotations__}
    return function(frame, **accepted), partial(_written, writer, function, "", accepted)


def _written(writer: Script, function: Callable[..., pd.DataFrame], first: str, arguments: Mapping[str, Any]) -> str:
    """The call of a function that the script copies, `frame` before its first arguments."""
    writer.need(function)
    writer.imports |= {"import numpy as np", "import hashlib", "import itertools"}
    named = [f"{name}={value!r}" for name, value in arguments.items()]
    return f"{function.__name__}({', '.join(['frame', *([first] if first else []), *named])})"


def _columns(frame: pd.DataFrame, op: str, given: Mapping[str, Any]) -> tuple[pd.DataFrame, str]:
    if op == "rename":
        names = {given["column"]: given["to"]}
        return frame.rename(columns=names), f"frame.rename(columns={names!r})"
    if op == "drop":
        return frame.drop(columns=given["columns"]), f"frame.drop(columns={given['columns']!r})"
    kept = list(dict.fromkeys(given["columns"]))
    return frame[kept], f"frame[{kept!r}]"


def _named(value: Any, names: Mapping[str, str]) -> Any:
    """The columns as the table spells them, also within a list of keys."""
    if isinstance(value, list):
        return [_named(part, names) for part in value]
    if isinstance(value, dict):
        return {key: _named(part, names) if key in COLUMNS else part for key, part in value.items()}
    return names.get(value.casefold(), value) if isinstance(value, str) else value

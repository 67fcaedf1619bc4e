"""Tables with every row and full numbers, out of what tools have found, and as CSV files."""

from __future__ import annotations

import importlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from adapters.records import Json, JsonValue
from adapters.spreadsheet_csv import write_csv
from runtime.telegram.tables import Table

Cell = str | int | float | bool | None


class Sheet(BaseModel):
    """A table as a file: cells are values; `left_out` rows of it are known of, and are not there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int = 0


def sheet_of(table: Table, results: Sequence[Json]) -> Sheet:
    """What stands behind a table that is shown: the newest result with the same columns, else the table as it is."""
    names = {name for name in table.head if name}
    for result in reversed(results):
        for records in _records_in(dict(result)):
            found = [record for record in records if names <= record.keys()]
            if names and len(found) >= len(table.rows):
                return _sheet(found, result)
    return Sheet(head=table.head, rows=table.rows)


def _records_in(value: JsonValue) -> Iterator[list[dict[str, Any]]]:
    """Every list of records in it, at any depth, and rows below the names of their columns."""
    inside: Sequence[JsonValue] = ()
    if isinstance(value, dict):
        inside = list(value.values())
        names, rows = value.get("columns"), value.get("rows")
        if isinstance(names, list) and isinstance(rows, list) and all(isinstance(row, list) for row in rows):
            yield [dict(zip(map(str, names), row, strict=False)) for row in rows if isinstance(row, list)]
    elif isinstance(value, list):
        inside = value
        records = [one for one in value if isinstance(one, dict)]
        if records and len(records) == len(value):
            yield records
    for one in inside:
        yield from _records_in(one)


def _sheet(records: Sequence[Mapping[str, Any]], result: Json) -> Sheet:
    head = list(dict.fromkeys(name for record in records for name in record))
    rows = tuple(tuple(_cell(record.get(name)) for name in head) for record in records)
    total = result.get("total")
    is_cut = result.get("truncated") is True
    return Sheet(
        head=tuple(head), rows=rows, left_out=max(0, total - len(rows)) if is_cut and isinstance(total, int) else 0
    )


def _cell(value: JsonValue) -> Cell:
    return json.dumps(value) if isinstance(value, list | dict) else value


def as_csv(sheet: Sheet) -> bytes:
    """The file; no cell of it is run as a formula by a spreadsheet."""
    pandas = importlib.import_module("pandas")  # a bot that makes no file needs none
    frame = pandas.DataFrame([list(row) for row in sheet.rows], columns=range(len(sheet.head)), dtype=object)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write_csv(frame.set_axis(list(sheet.head), axis="columns"), path)
        return path.read_bytes()

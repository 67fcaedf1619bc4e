"""What is said about a file's form is heeded or refused by name, in every format; dates, ids and zones alike in all."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest

from adapters.data.base import DataError, LoadOptions
from adapters.data.duck import DuckData
from evals.world.files import watch

Rows = list[dict[str, str]]
FORMATS = ("csv", "json", "xlsx", "parquet")


def write(folder: Path, kind: str, rows: Rows) -> Path:
    """A file of that kind with these texts."""
    path = folder / "files" / f"t.{kind}"
    if kind == "json":
        path.write_text(json.dumps(rows))
    elif kind == "csv":
        path.write_text("\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]))
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        assert book.active is not None
        book.active.append(list(rows[0]))
        for row in rows:
            book.active.append(list(row.values()))
        out = io.BytesIO()
        book.save(out)
        path.write_bytes(out.getvalue())
    else:
        with duckdb.connect() as connection:
            columns = ", ".join(f"unnest({[row[name] for row in rows]!r}) AS {name}" for name in rows[0])
            connection.execute(f"COPY (SELECT {columns}) TO '{path}' (FORMAT parquet)")
    return path


@pytest.mark.parametrize(
    ("kind", "options", "option"),
    [
        ("parquet", LoadOptions(day_first=True), "day_first"),
        ("parquet", LoadOptions(header=False), "header"),
        ("parquet", LoadOptions(delimiter=";"), "delimiter"),
        ("parquet", LoadOptions(sheet="x"), "sheet"),
        ("json", LoadOptions(header=True), "header"),
        ("json", LoadOptions(delimiter=","), "delimiter"),
        ("json", LoadOptions(sheet="x"), "sheet"),
        ("xlsx", LoadOptions(delimiter=","), "delimiter"),
        ("csv", LoadOptions(sheet="x"), "sheet"),
    ],
)
def test_what_a_format_does_not_know_is_refused_by_name(
    data: DuckData, tmp_path: Path, kind: str, options: LoadOptions, option: str
) -> None:
    path = write(tmp_path, kind, [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}])
    with pytest.raises(DataError, match=option):
        data.load(str(path), None, options, watch())
    assert data.load(str(path), None, LoadOptions(), watch()).rows == 2


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
def test_the_order_of_day_and_month_is_heeded(data: DuckData, tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, kind, [{"d": "01/02/2024", "k": "a"}, {"d": "03/04/2024", "k": "b"}])
    for day_first, month in ((True, 2), (False, 1)):
        data.load(str(path), "t", LoadOptions(day_first=day_first), watch())
        with data.open("t") as table:
            assert table.fetch("SELECT month(d) FROM data LIMIT 1") == [(month,)]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_day_beyond_twelve_in_another_column_settles_the_order(data: DuckData, tmp_path: Path, kind: str) -> None:
    rows = [{"start": "10/1/2016", "end_day": "9/30/2017"}, {"start": "11/2/2016", "end_day": "12/1/2017"}]
    dataset = data.load(str(write(tmp_path, kind, rows)), "t", LoadOptions(), watch())
    assert any("'9/30/2017' in column 'end_day' proves it" in warning for warning in dataset.warnings)
    with data.open("t") as table:
        assert table.fetch("SELECT CAST(start AS VARCHAR), CAST(end_day AS VARCHAR) FROM data LIMIT 1") == [
            ("2016-10-01", "2017-09-30")
        ]


@pytest.mark.parametrize("kind", FORMATS)
def test_ids_of_twenty_digits_keep_each(data: DuckData, tmp_path: Path, kind: str) -> None:
    ids = ["12345678901234567890", "12345678901234567891"]
    dataset = data.load(str(write(tmp_path, kind, [{"id": one, "k": "a"} for one in ids])), "t", LoadOptions(), watch())
    assert [column.type for column in dataset.columns] == ["text", "text"]
    with data.open("t") as table:
        assert table.fetch("SELECT id FROM data") == [(one,) for one in ids]


@pytest.mark.parametrize("kind", FORMATS)
def test_times_with_different_offsets_are_instants(data: DuckData, tmp_path: Path, kind: str) -> None:
    rows = [{"ts": "2024-10-27T02:30:00+02:00", "k": "a"}, {"ts": "2024-10-27T02:30:00+01:00", "k": "b"}]
    dataset = data.load(str(write(tmp_path, kind, rows)), "t", LoadOptions(), watch())
    assert any("every time is moved to UTC" in warning for warning in dataset.warnings)
    with data.open("t") as table:
        times = table.fetch("SELECT ts FROM data")
    assert times == [(datetime(2024, 10, 27, 0, 30),), (datetime(2024, 10, 27, 1, 30),)]  # noqa: DTZ001 - as stored

"""Excel books: which sheet, what the cells are, and books that swell."""

from __future__ import annotations

import io
import threading
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from adapters.data.base import Cancelled, DataError, LoadOptions, Watch
from adapters.data.duck import DuckData
from adapters.data.steps.models import Derive, FillMissing
from adapters.records import Dataset
from evals.world.files import Load, stored_files, watch
from evals.world.pace import is_within

NOON = datetime(2024, 1, 31, 13, 45, 6)  # noqa: DTZ001 - a book knows no zones
SALES: list[list[object]] = [
    ["id", "price", "day", "at", "ok", "code", "mixed"],
    [1, 1.1, date(2024, 1, 31), NOON, True, "007", "x"],
    [2, None, date(2024, 2, 1), None, False, "012", 5],
    [3, 3.25, None, NOON.replace(hour=8), None, "100", 6.5],
]

LoadBook = Callable[..., Dataset]


def book(**sheets: Sequence[Sequence[object]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.fixture
def load_book(data: DuckData, tmp_path: Path) -> LoadBook:
    def write_and_load(content: bytes, sheet: str | None = None, name: str = "book.xlsx") -> Dataset:
        path = tmp_path / "files" / name
        path.write_bytes(content)
        return data.load(str(path), None, LoadOptions(sheet=sheet), watch())

    return write_and_load


def test_cells_keep_their_types(load_book: LoadBook, data: DuckData) -> None:
    dataset = load_book(book(Sales=SALES))
    assert (dataset.name, dataset.rows) == ("book", 3)
    assert [(column.name, column.type, column.missing) for column in dataset.columns] == [
        ("id", "integer", 0),
        ("price", "number", 1),
        ("day", "date", 1),
        ("at", "datetime", 1),
        ("ok", "boolean", 1),
        ("code", "text", 0),
        ("mixed", "text", 0),
    ]
    rows = data.query('SELECT id, price, day, "at", code, mixed FROM book', 10, watch()).rows
    assert rows[0] == (1, 1.1, "2024-01-31", "2024-01-31T13:45:06", "007", "x")
    assert rows[2] == (3, 3.25, None, "2024-01-31T08:45:06", "100", "6.5")


def test_which_sheet_was_read_is_said_and_another_can_be_named(load_book: LoadBook) -> None:
    content = book(Empty=[], Sales=SALES, Other=[["a", "b"], [1, 2]])
    dataset = load_book(content)
    assert dataset.rows == 3
    assert "the book has 3 sheets; 'Sales' was read, name another to read it: 'Empty', 'Other'" in dataset.warnings[0]
    assert [column.name for column in load_book(content, "Other").columns] == ["a", "b"]
    with pytest.raises(DataError, match="there is no sheet 'sales'; nearest: 'Sales'"):
        load_book(content, "sales")


def test_titles_above_the_table_are_left_out(load_book: LoadBook) -> None:
    dataset = load_book(book(Sales=[["Sales 2024"], [], *SALES]))
    assert dataset.rows == 3
    assert "2 rows above the header are left out" in dataset.warnings


def test_a_book_is_known_by_its_content(load_book: LoadBook) -> None:
    assert load_book(book(Sales=SALES), name="export.csv").rows == 3


@pytest.mark.parametrize("first_row", [1, 3])
def test_what_merged_cells_leave_empty_is_said_and_can_be_filled(
    load_book: LoadBook, data: DuckData, first_row: int
) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "R&D"
    rows: list[list[object]] = [
        ["region", "city", "n"],
        ["N", "a", 1],
        [None, "b", 2],
        [None, "c", 3],
        ["S", "d", 4],
        [None, "e", 5],
    ]
    for at, row in enumerate(rows, start=first_row):
        for place, value in enumerate(row, start=2):
            sheet.cell(at, place, value)
    blocks = [f"B{first_row + 1}:B{first_row + 3}", f"B{first_row + 4}:B{first_row + 5}"]
    for block in blocks:
        sheet.merge_cells(block)
    out = io.BytesIO()
    made.save(out)
    assert load_book(out.getvalue(), name="m.xlsx").warnings == (
        f"column 'region': cells are merged ({', '.join(blocks)}), so that 3 below the first of each are empty; the "
        "step fill_missing of transform with the method forward fills them down",
    )
    data.transform("m", [FillMissing(op="fill_missing", columns=["region"], method="forward")], "f", watch())
    with data.open("f") as table:
        assert table.fetch("SELECT string_agg(region, '' ORDER BY _row) FROM data") == [("NNNSS",)]


def test_cells_merged_over_columns_are_said_and_a_merged_title_is_none(load_book: LoadBook) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (["Sales"], ["city", "q1", "q2"], ["a", 1, 2], ["b", "closed", None], ["c", 3, 4], ["d", 3, 4]):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("B4:C4")
    out = io.BytesIO()
    made.save(out)
    warnings = load_book(out.getvalue(), name="m.xlsx").warnings
    merged = [warning for warning in warnings if "merged" in warning]
    assert len(merged) == 1
    assert merged[0].startswith("cells are merged over several columns or with the header (B4:C4): only the first")


def test_durations_are_named_with_the_way_to_hours(load_book: LoadBook, data: DuckData) -> None:
    hours = [6.25, 30.5, 100.0, 0.5]
    (warning,) = load_book(book(S=[["d", "n"], *([timedelta(hours=one), 1] for one in hours)]), name="d.xlsx").warnings
    assert warning.startswith("column 'd' seems to hold durations or times of day")
    data.transform("d", [Derive(op="derive", column="h", expression=warning.split("such as ")[1])], "h", watch())
    with data.open("h") as table:
        assert [value for (value,) in table.fetch("SELECT h FROM data")] == hours


def test_dates_are_no_durations_and_formulas_without_results_are_said(load_book: LoadBook) -> None:
    assert load_book(book(S=[["d", "n"], [NOON, 1], [NOON, 2]]), name="d.xlsx").warnings == ()
    warnings = load_book(book(S=[["a", "b"], [1, "=A2*2"], [2, "=A3*2"]]), name="f.xlsx").warnings
    assert warnings == (
        "cells hold formulas that were never computed, so that they are empty here: open the book in a spreadsheet "
        "program and save it",
    )


def test_numbers_keep_every_digit(load_book: LoadBook, data: DuckData) -> None:
    values = [2 / 7, 1 / 3, 123456789.123456, 1e-12]
    load_book(book(S=[["x", "y"], *([value, 1] for value in values)]))
    assert [row[0] for row in data.query("SELECT x FROM book ORDER BY _row", 9, watch()).rows] == values


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (book(Empty=[]), "no sheet with anything in it"),
        (book(Sales=SALES)[:2000], "cannot be unpacked|cannot be read"),
    ],
)
def test_a_bad_book_is_one_sentence(load_book: LoadBook, content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        load_book(content)


def test_a_sheet_of_what_is_no_book_is_refused(load: Load, data: DuckData) -> None:
    source = load("a.csv", b"a\n1\n").source
    with pytest.raises(DataError, match="is no Excel file"):
        data.load(source, None, LoadOptions(sheet="x"), watch())


def test_a_book_that_swells_is_refused_at_once(load_book: LoadBook, data: DuckData) -> None:
    out = io.BytesIO(book(Sales=SALES))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b"<row/>" * (40 * 2**20))
    started = time.monotonic()
    with pytest.raises(DataError, match="unpacks to more than 100 MiB"):
        load_book(out.getvalue())
    assert is_within(5, since=started)
    assert stored_files(data._folder.parents[1]) == []


def test_opening_a_book_stops_within_a_second(data: DuckData, tmp_path: Path) -> None:
    path = tmp_path / "files" / "book.xlsx"
    path.write_bytes(book(Sales=[["a", "b"], *([i, i] for i in range(20_000))]))
    stop = threading.Event()
    stop.set()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        data.load(str(path), None, LoadOptions(), Watch(stop, lambda sentence, fraction: None))
    assert is_within(1, since=started)

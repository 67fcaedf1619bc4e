"""Wide tables: the time of a load grows with the columns, not with their square, and there is a limit.

Statements are counted, not seconds: each statement over a wide table takes time for all of its columns.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import openpyxl
import pytest

from adapters.data.base import DataError, LoadOptions
from adapters.data.column_profile import profile
from adapters.data.duck import DuckData
from adapters.data.json_table import _n_names
from adapters.data.many_columns import COLUMNS_AT_ONCE, MAX_COLUMNS, Question, ask_each
from adapters.data.quote_marks import find_quote_marks
from adapters.data.reading import read_into_data
from adapters.data.sheet_width import count_first_cells
from adapters.data.table import OpenDuckTable, attach
from adapters.data.total_row import find_total_row
from evals.world.files import watch

KINDS: dict[str, Sequence[str]] = {
    "whole": ("3", "5", "8"),
    "float": ("1.5", "2.25", "-4.125"),
    "word": ("red", "green", "red"),
    "iso": ("2024-01-31", "2024-02-01", "2024-02-02"),
    "slashed": ("31/01/2024", "01/02/2024", "02/02/2024"),
    "named": ("Jan 31, 2024", "Feb 1, 2024", "Feb 2, 2024"),
    "money": ("$1.50", "$2.25", "$3.00"),
    "kilos": ("3 kg", "4 kg", "about 5"),
    "truth": ("true", "FALSE", "true"),
    "flagged": ("3 e", "4 p", ":"),
    "code": ("NA", "DE", "FR"),
    "day": ("20240131", "20240201", "20240202"),
    "odd": ("1.5", "inf", "2.5"),
    "whole float": ("1.0", "2.0", "4.0"),
}
TYPES = {
    "whole": "integer", "float": "number", "word": "text", "iso": "date", "slashed": "date", "named": "date",
    "money": "number", "kilos": "text", "truth": "boolean", "flagged": "integer", "code": "text", "day": "integer",
    "odd": "number", "whole float": "number",
}  # fmt: skip


class Counting:
    """A connection that counts what is sent to the engine."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.n_statements = 0

    def execute(self, sql: str, parameters: object = None) -> duckdb.DuckDBPyConnection:
        self.n_statements += 1
        return self.connection.execute(sql, parameters)


def write_csv(path: Path, n_columns: int) -> Path:
    """Columns of all kinds in turn, each of three rows."""
    kinds = list(itertools.islice(itertools.cycle(KINDS), n_columns))
    rows = [[f"{kind} {place}" for place, kind in enumerate(kinds)]]
    rows += [[KINDS[kind][row] for kind in kinds] for row in range(3)]
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in rows) + "\n")
    return path


def n_statements(folder: Path, n_columns: int) -> int:
    """How many statements a load sends."""
    path = write_csv(folder / f"{n_columns}.csv", n_columns)
    with duckdb.connect() as engine:
        connection = Counting(engine)
        read = read_into_data(connection, path, LoadOptions(), folder, threading.Event())  # type: ignore[arg-type] # it has what is used
        found = profile(connection, read.descriptions)  # type: ignore[arg-type] # it has what is used
        find_total_row(connection, found.rows)  # type: ignore[arg-type] # it has what is used
        find_quote_marks(connection)  # type: ignore[arg-type] # it has what is used
        assert len(found.columns) == n_columns
        return connection.n_statements


def test_four_times_the_columns_send_hardly_more_statements(tmp_path: Path) -> None:
    few, many = n_statements(tmp_path, 400), n_statements(tmp_path, 1600)
    assert few > 20
    # One more for each 500 columns in each look, and none for a column.
    assert many - few < 1200 / 10


def test_columns_beyond_one_statement_are_told_apart() -> None:
    names = [f"c{place}" for place in range(COLUMNS_AT_ONCE + 2)]
    with duckdb.connect() as connection:
        values = ", ".join(f"'{name}' AS {name}" for name in names)
        connection.execute(f"CREATE TABLE data AS SELECT {values} FROM range(2)")
        found = ask_each(connection, names, Question("SELECT c, count(*), min(x) FROM {} GROUP BY c".format))
    assert found == {name: (2, name) for name in names}


@pytest.mark.parametrize("n_columns", [len(KINDS), 3 * 14 * len(KINDS)])
def test_wide_and_narrow_tables_are_read_alike(data: DuckData, tmp_path: Path, n_columns: int) -> None:
    dataset = data.load(str(write_csv(tmp_path / "files" / "t.csv", n_columns)), "t", LoadOptions(), watch())
    types = list(itertools.islice(itertools.cycle(TYPES.values()), n_columns))
    assert [column.type for column in dataset.columns] == types
    assert dataset.columns[-1].name == f"whole float {n_columns - 1}"
    assert [column.example for column in dataset.columns][:4] == ["3", "1.5", "red", "2024-01-31"]
    assert sum("infinite" in warning for warning in dataset.warnings) == n_columns / len(KINDS)
    with data.open("t") as table:
        rows = table.frame([f"slashed {n_columns - 10}", f"money {n_columns - 8}"])
    assert [str(day.date()) for day in rows.iloc[:, 0]] == ["2024-01-31", "2024-02-01", "2024-02-02"]
    assert list(rows.iloc[:, 1]) == [1.5, 2.25, 3.0]


def write_json(path: Path, n_columns: int) -> None:
    path.write_text(json.dumps([{f"c{place}": place for place in range(n_columns)}] * 2))


def write_numbers(path: Path, n_columns: int) -> None:
    header = ",".join(f"a_rather_long_name_of_a_column_{place}" for place in range(n_columns))
    path.write_text("\n".join([header, *[",".join(map(str, range(n_columns)))] * 2]))


def write_parquet(path: Path, n_columns: int) -> None:
    with duckdb.connect() as connection:
        values = ", ".join(f"{place} AS c{place}" for place in range(n_columns))
        connection.execute(f"COPY (SELECT {values}) TO '{path}' (FORMAT parquet)")


def write_book(path: Path, n_columns: int) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([f"c{place}" for place in range(n_columns)])
    sheet.append(list(range(n_columns)))
    book.save(path)


WRITERS = {"csv": write_numbers, "json": write_json, "parquet": write_parquet, "xlsx": write_book}


@pytest.mark.parametrize(("suffix", "write"), WRITERS.items())
def test_a_table_beyond_the_limit_is_refused_with_its_width(
    data: DuckData, tmp_path: Path, suffix: str, write: Callable[[Path, int], None]
) -> None:
    write(tmp_path / "files" / f"t.{suffix}", 6_000)
    with pytest.raises(DataError, match=rf"^'t.{suffix}' has 6,000 columns; at most 5,000 are read$"):
        data.load(str(tmp_path / "files" / f"t.{suffix}"), "t", LoadOptions(), watch())
    assert data.all() == ()


@pytest.mark.parametrize(("suffix", "write"), WRITERS.items())
def test_a_table_at_the_limit_is_read(
    data: DuckData, tmp_path: Path, suffix: str, write: Callable[[Path, int], None]
) -> None:
    write(tmp_path / "files" / f"t.{suffix}", MAX_COLUMNS)
    assert len(data.load(str(tmp_path / "files" / f"t.{suffix}"), "t", LoadOptions(), watch()).columns) == MAX_COLUMNS


def test_a_header_of_a_hundred_thousand_names_is_counted_whole(data: DuckData, tmp_path: Path) -> None:
    write_numbers(tmp_path / "files" / "t.csv", 100_000)
    with pytest.raises(DataError, match="100,000 columns; at most 5,000"):
        data.load(str(tmp_path / "files" / "t.csv"), "t", LoadOptions(), watch())


def test_a_file_of_one_endless_line_is_refused(data: DuckData, tmp_path: Path) -> None:
    (tmp_path / "files" / "t.csv").write_text("a," * 2_500_000)
    with pytest.raises(DataError, match="begins with a line of more than 4 MB"):
        data.load(str(tmp_path / "files" / "t.csv"), "t", LoadOptions(), watch())


def test_a_statement_over_a_wide_table_sees_the_columns_that_it_names(data: DuckData, tmp_path: Path) -> None:
    data.load(str(write_csv(tmp_path / "files" / "t.csv", 40 * len(KINDS))), "t", LoadOptions(), watch())
    with data.open("t") as table:
        assert table.fetch('SELECT "whole 0", _row FROM data ORDER BY _row') == [(3, 0), (5, 1), (8, 2)]
        assert table.fetch('SELECT min("float 1") FROM data') == [(-4.125,)]
        assert len(table.fetch("DESCRIBE data")) == 1
        assert len(table.frame().columns) == 40 * len(KINDS)
        groups = [(label, table.fetch('SELECT sum("whole 0") FROM data')) for label in table.each_group("word 2", 9)]
        assert groups == [("green", [(5,)]), ("red", [(11,)])]
        label = table.label(["word 2", "word 16"])
        assert table.fetch(f'SELECT count(DISTINCT {label}), max("whole 14") FROM data') == [(2, 8)]
    with data.open("t", '"whole 0" > 3') as table:
        assert table.fetch('SELECT "float 1" FROM data WHERE _row = 2') == [(-4.125,)]
        assert [len(batch) for batch in table.stream(["whole 0", "float 1", "whole 14"])] == [3]


class CountingStored(Counting):
    """Counts the statements over the stored table alone, which take time for all of its columns."""

    def execute(self, sql: str, parameters: object = None) -> duckdb.DuckDBPyConnection:
        self.n_statements += "stored.data" in sql
        return self.connection.execute(sql, parameters)


def test_a_statement_a_column_reads_the_stored_table_once_for_each_hundred(data: DuckData, tmp_path: Path) -> None:
    n_columns = 60 * len(KINDS)
    dataset = data.load(str(write_csv(tmp_path / "files" / "t.csv", n_columns)), "t", LoadOptions(), watch())
    with duckdb.connect() as engine:
        attach(engine, dataset.path)
        connection = CountingStored(engine)
        table = OpenDuckTable(dataset, connection, watch(), "rowid AS _row")  # type: ignore[arg-type] # it has what is used
        found = [table.fetch(f'SELECT count("{column.name}") FROM data') for column in dataset.columns]
    assert found == [[(3 - column.missing,)] for column in dataset.columns]
    assert 1 < connection.n_statements < n_columns / 50


def test_a_long_table_is_not_copied(data: DuckData, tmp_path: Path) -> None:
    header = ",".join(f"c{place}" for place in range(300))
    (tmp_path / "files" / "t.csv").write_text(header + ("\n" + ",".join(["1.5"] * 300)) * 10_001 + "\n")
    data.load(str(tmp_path / "files" / "t.csv"), "t", LoadOptions(), watch())
    with data.open("t") as table:
        assert table.fetch('SELECT sum("c7") FROM data') == [(15_001.5,)]
        assert table.fetch("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'near'") == [(0,)]


def test_names_with_marks_and_texts_with_marks_hide_no_column(data: DuckData, tmp_path: Path) -> None:
    names = ['say ""x""', "a'b", "plain", *(f"c{place}" for place in range(300))]
    header, row = ",".join(f'"{name}"' for name in names), ",".join(["4"] * len(names))
    (tmp_path / "files" / "t.csv").write_text(f"{header}\n{row}\n{row}\n")
    data.load(str(tmp_path / "files" / "t.csv"), "t", LoadOptions(), watch())
    with data.open("t") as table:
        for name in names:
            assert table.fetch(f"""SELECT '"' || "{name}" || '"' FROM data WHERE "c299" = 4""") == [('"4"',)] * 2
    with data.open("t", '"c9" = 4') as table:
        assert table.fetch('SELECT _row, "plain" FROM data ORDER BY _row') == [(0, 4), (1, 4)]


def test_records_that_have_too_many_names_together_are_refused_at_once(data: DuckData, tmp_path: Path) -> None:
    for suffix, text in (
        ("jsonl", "\n".join(json.dumps({f"c{place}": 1, "n": place}) for place in range(7_000))),
        ("json", json.dumps([{f"c{place}": 1, "n": place} for place in range(7_000)])),
    ):
        (tmp_path / f"t.{suffix}").write_text(text)
        assert _n_names(tmp_path / f"t.{suffix}") == 7_001
        (tmp_path / "files" / f"t.{suffix}").write_text(text)
        with pytest.raises(DataError, match=rf"^'t.{suffix}' has 7,001 columns; at most 5,000 are read$"):
            data.load(str(tmp_path / "files" / f"t.{suffix}"), "t", LoadOptions(), watch())


def test_a_sheets_width_is_that_of_its_first_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Wide"
    sheet.append(["a title"])
    sheet.append([f"c{place}" for place in range(6_000)])
    sheet.cell(2, 9_000).number_format = "0.00"
    book.save(tmp_path / "t.xlsx")
    assert (count_first_cells(tmp_path / "t.xlsx", "Wide"), sheet.max_column) == (6_000, 9_000)
    assert count_first_cells(tmp_path / "t.xlsx", "No such sheet") == 0

"""Files in, tables out, on a real DuckDB."""

from __future__ import annotations

import gzip
import io
import socket
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from adapters.data.base import Cancelled, DataError, LoadOptions, Watch
from adapters.data.duck import DuckData
from adapters.records import Dataset
from adapters.store.database import open_sqlite
from adapters.store.datasets import DatasetTable

Load = Callable[[str, bytes], Dataset]


def watch() -> Watch:
    return Watch(cancel=threading.Event(), progress=lambda sentence, fraction: None)


@pytest.fixture
def data(tmp_path: Path) -> DuckData:
    files = tmp_path / "files"
    files.mkdir()
    rows = DatasetTable(open_sqlite(tmp_path / "home" / "statagent.db"))
    return DuckData(rows, "ann", tmp_path / "home", [files], lambda: datetime.now(UTC))


@pytest.fixture
def load(data: DuckData, tmp_path: Path) -> Load:
    def write_and_load(name: str, content: bytes) -> Dataset:
        path = tmp_path / "files" / name
        path.write_bytes(content)
        return data.load(str(path), None, LoadOptions(), watch())

    return write_and_load


def stored_files(tmp_path: Path) -> list[str]:
    return sorted(path.suffix for path in (tmp_path / "home" / "data").rglob("*") if path.is_file())


def test_types_missing_values_and_distinct_counts_are_exact(load: Load) -> None:
    dataset = load("a.csv", b"n,x,d,t,b,s\n1,1.5,2020-01-02,2020-01-02 03:04:05,true,u\n2,NA,,,false,u\n,2,,,,v\n")
    found = [(c.name, c.type, c.missing, c.distinct, c.example) for c in dataset.columns]
    assert found == [
        ("n", "integer", 1, 2, "1"),
        ("x", "number", 1, 2, "1.5"),
        ("d", "date", 2, 1, "2020-01-02"),
        ("t", "datetime", 2, 1, "2020-01-02 03:04:05"),
        ("b", "boolean", 1, 2, "true"),
        ("s", "text", 0, 2, "u"),
    ]


def test_a_fraction_in_row_60000_is_not_lost(load: Load, data: DuckData) -> None:
    load("late.csv", b"a\n" + b"1\n" * 60_000 + b"1.5\n")
    with data.open("late", "_row = 60000") as table:
        assert table.fetch("SELECT a FROM data") == [(1.5,)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_header_tells_the_delimiter(load: Load, delimiter: str) -> None:
    dataset = load("d.csv", f"name{delimiter}city\nann{delimiter}rome\n".encode())
    assert [column.name for column in dataset.columns] == ["name", "city"]


def test_a_first_line_of_words_is_the_header_and_one_with_a_number_is_not(load: Load) -> None:
    assert [column.name for column in load("w.csv", b"inf,trt\n1,2\n").columns] == ["inf", "trt"]
    numbers = load("n.csv", b"1,a\n2,b\n")
    assert (numbers.rows, [column.name for column in numbers.columns]) == (2, ["column0", "column1"])
    assert numbers.warnings == ("no header line found: columns are named column0, column1, …",)


@pytest.mark.parametrize(
    ("encoding", "warning"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", None),
        ("utf-16-le", "zero byte"),
        ("cp1252", "not UTF-8: read as cp1252, a guess; look at line 3"),
    ],
)
def test_an_encoding_is_found_and_said(load: Load, data: DuckData, encoding: str, warning: str | None) -> None:
    content = "name,town\nann,Rom\nbob,Köln – “Süd”\n".encode(encoding)
    if warning == "zero byte":
        with pytest.raises(DataError, match="is a zero byte"):
            load("e.csv", content)
        return
    assert load("e.csv", content).warnings == (() if warning is None else (warning,))
    with data.open("e") as table:
        assert table.fetch("SELECT name, town FROM data") == [("ann", "Rom"), ("bob", "Köln – “Süd”")]


def test_japanese_text_in_shift_jis_is_read(load: Load, data: DuckData) -> None:
    dataset = load("j.csv", "名前,値\n東京,1\n大阪,2\n".encode("shift_jis"))
    assert [column.name for column in dataset.columns] == ["名前", "値"]
    assert dataset.warnings == ("not UTF-8: read as shift_jis, a guess; look at line 1",)


@pytest.mark.parametrize("word", ["Bjärne", "télé", "Zoé", "Åsa", "François"])
def test_a_latin_name_is_not_taken_for_japanese(load: Load, data: DuckData, word: str) -> None:
    load("b.csv", f"name,n\n{word}s,1\n".encode("cp1252"))
    with data.open("b") as table:
        assert table.fetch("SELECT name FROM data") == [(f"{word}s",)]


def test_latin_1_serves_where_windows_has_no_character(load: Load, data: DuckData) -> None:
    load("l.csv", b"a\n\xe9t\x81\n")
    with data.open("l") as table:
        assert table.fetch("SELECT a FROM data") == [("ét\x81",)]


def test_short_rows_are_filled_up_and_counted(load: Load, data: DuckData) -> None:
    dataset = load("short.csv", b"a,b,c\n1,2,3\n4,5\n" + b"1,2,3\n" * 50 + b"7\n")
    assert (dataset.rows, [column.missing for column in dataset.columns]) == (53, [0, 1, 2])
    assert dataset.warnings == ("2 rows are shorter than the header, the first in line 3: what they lack is missing",)
    with data.open("short", "_row = 1") as table:
        assert table.fetch("SELECT a, b, c FROM data") == [(4, 5, None)]


def test_lines_before_the_table_are_left_out_and_said(load: Load) -> None:
    dataset = load("report.csv", b"Sales report\n\nmade 2024-01-02\nname,n,x\nann,1,2.5\nbob,2,3.5\n")
    assert [(column.name, column.type) for column in dataset.columns] == [
        ("name", "text"),
        ("n", "integer"),
        ("x", "number"),
    ]
    assert dataset.rows == 2
    assert dataset.warnings == ("the table begins in line 4; what stands before it is left out ('Sales report', …)",)


def test_one_column_of_sentences_with_commas_is_one_column(load: Load, data: DuckData) -> None:
    load("s.csv", b"name\nSmith, John\nBrown, Ann\n")
    with data.open("s") as table:
        assert table.fetch("SELECT name FROM data") == [("Smith, John",), ("Brown, Ann",)]


def test_a_decimal_comma_does_not_make_the_comma_the_delimiter(load: Load) -> None:
    assert [column.name for column in load("c.csv", b"a;b\n1,5;2,5\n3,5;4,5\n").columns] == ["a", "b"]


def test_empty_and_repeated_names_are_replaced_and_said(load: Load) -> None:
    dataset = load("n.csv", b"a,,A,nan,_row\n1,2,3,4,5\n")
    assert [column.name for column in dataset.columns] == ["a", "column1", "A_2", "nan", "_row_2"]
    assert dataset.warnings == (
        "column 2 has no name: it is called 'column1'",
        "column 3 has the name 'A' again: it is called 'A_2'",
        "column 5 has the name '_row' again: it is called '_row_2'",
    )


def test_a_header_with_quotes_and_line_breaks_is_one_row(load: Load) -> None:
    dataset = load("q.csv", b'"it\'s, a","b\nb"\n1,2\n')
    assert ([column.name for column in dataset.columns], dataset.rows) == (["it's, a", "b\nb"], 1)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(load: Load, line_end: str) -> None:
    dataset = load("l.csv", line_end.join(["a,b", "1,x", "2,y", ""]).encode())
    assert (dataset.rows, [column.type for column in dataset.columns]) == (2, ["integer", "text"])


@pytest.mark.parametrize(
    ("content", "numbers", "kind", "warning"),
    [
        ("x;y\n1.234,5;a\n-2,25;b\n", [1234.5, -2.25], "number", "2 values such as '1.234,5' (first in row 0)"),
        ('x\n"1,234.5"\n"12"\n', [1234.5, 12.0], "number", "1 values such as '1,234.5'"),
        ('x\n"5,350,380"\n"1,000"\n', [5350380, 1000], "integer", "are read as numbers with a decimal point"),
        ("x\n15.17%\n3%\n", [15.17, 3.0], "number", "% is taken off, 15% is 15"),
        ("x\n$1.50\n-$ 2\n", [1.5, -2.0], "number", "2 values such as '$1.50'"),
        ("x;y\n5,00 €;a\n6,50 €;b\n", [5.0, 6.5], "number", "with a decimal comma"),
        ("x\n1\n?\n2.5\n-\n", [1.0, None, 2.5, None], "number", "2 values such as '?' are missing now"),
        ("x\n1e5\n.5\n", [1e5, 0.5], "number", None),
        ("x\ty\n1,234\ta\n5,678\tb\n", [1234, 5678], "integer", "could also be read the other way"),
        ("x;y\n1,234;a\n5,678;b\n", [1.234, 5.678], "number", "could also be read the other way"),
        ('x\n"1,234"\n"5,678"\n', [1234, 5678], "integer", "with a decimal point"),
    ],
)
def test_numbers_in_another_dress_are_numbers(
    load: Load, data: DuckData, content: str, numbers: list[float | None], kind: str, warning: str | None
) -> None:
    dataset = load("m.csv", content.encode())
    assert dataset.columns[0].type == kind
    assert (dataset.warnings == ()) if warning is None else (warning in dataset.warnings[0])
    with data.open("m") as table:
        assert table.fetch("SELECT x FROM data") == [(number,) for number in numbers]


@pytest.mark.parametrize(
    "values",
    [
        ["01234", "00501"],
        ["12345678901234567890", "x"],
        ["1.2.3", "4.5.6"],
        ["12", "apples"],
        ["2-1", "3-4"],
        ["-", "?"],
        ["?", "-", "n/a", "1"],
        ["1.234,5", "1,234.5"],
        ["4,6", "1,2"],
        ["E1", "E2"],
        [".", "e5"],
    ],
)
def test_codes_words_and_mixtures_stay_text(load: Load, data: DuckData, values: list[str]) -> None:
    dataset = load("t.csv", ("x\n" + "\n".join(f'"{value}"' for value in values) + "\n").encode())
    assert (dataset.columns[0].type, dataset.warnings) == ("text", ())
    with data.open("t") as table:
        assert [value for (value,) in table.fetch("SELECT x FROM data")] == values


@pytest.mark.parametrize(
    ("content", "first", "warning"),
    [
        ("d\n01/02/2020\n03/04/2020\n", "2020-02-01", "day before month, the first is 2020-02-01"),
        ("d\n01.02.2020\n03.04.2020\n", "2020-02-01", "every date would fit the other way too"),
        ("d\n01/13/2020\n03/04/2020\n", "2020-01-13", "month before day, the first is 2020-01-13"),
        ("d\n2020-02-01\n", "2020-02-01", None),
        ("d\n2020/02/01\n", "2020-02-01", None),
        ("d\n01/02/2020 10:00:05\n03/04/2020 11:00:00\n", "2020-02-01", "day before month"),
    ],
)
def test_the_order_of_day_and_month_is_said(
    load: Load, data: DuckData, content: str, first: str, warning: str | None
) -> None:
    dataset = load("d.csv", content.encode())
    assert dataset.columns[0].type in ("date", "datetime")
    assert (dataset.warnings == ()) if warning is None else (warning in dataset.warnings[0])
    assert str(dataset.columns[0].example)[:10] == first


def test_dates_that_can_be_read_one_way_only_raise_no_doubt(load: Load) -> None:
    (warning,) = load("d.csv", b"d\n13/02/2020\n03/04/2020\n").warnings
    assert "other way" not in warning


def test_a_column_of_two_date_formats_stays_text(load: Load) -> None:
    other, iso = b"03/04/2020,1\n" * 3, b"2020-02-01,2\n"
    late = load("late.csv", b"d,n\n" + other + iso)
    early = load("early.csv", b"d,n\n" + iso + other)
    for dataset in (late, early):
        assert [(column.type, column.missing) for column in dataset.columns] == [("text", 0), ("integer", 0)]
    assert early.warnings == ("column 'd' is mostly date but holds '2020-02-01': it is kept as text",)


def test_a_header_alone_and_a_column_of_nothing_are_read(load: Load) -> None:
    assert [(column.type, column.distinct) for column in load("h.csv", b"a,b\n").columns] == [("text", 0), ("text", 0)]
    empty = load("e.csv", b"a,b\n1,\n2,\n").columns[1]
    assert (empty.type, empty.missing) == ("text", 2)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.json", b'[{"n": 1, "s": "u"}, {"n": 2.5, "s": null}]'),
        ("r.jsonl", b'{"n": 1, "s": "u"}\n{"n": 2.5}\n'),
        ("r.data", b' {"n": 1, "s": "u"}\n{"n": 2.5}\n'),
    ],
)
def test_records_of_json_are_a_table(load: Load, data: DuckData, name: str, content: bytes) -> None:
    dataset = load(name, content)
    assert [(column.name, column.type, column.missing) for column in dataset.columns] == [
        ("n", "number", 0),
        ("s", "text", 1),
    ]
    with data.open("r") as table:
        assert table.fetch("SELECT n, s FROM data") == [(1.0, "u"), (2.5, None)]


def test_a_fraction_in_record_60000_is_not_lost(load: Load, data: DuckData) -> None:
    load("late.jsonl", b'{"a": 1}\n' * 60_000 + b'{"a": 1.5}\n')
    with data.open("late", "_row = 60000") as table:
        assert table.fetch("SELECT a FROM data") == [(1.5,)]


def test_what_is_nested_is_kept_as_text_and_said(load: Load) -> None:
    dataset = load("n.json", b'[{"a": 1, "b": {"x": 1}, "c": [1, 2]}]')
    assert [column.type for column in dataset.columns] == ["integer", "text", "text"]
    assert len(dataset.warnings) == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"[1, 2]", "holds no records"),
        (b"[]", "holds no records"),
        (b'[{"a": 1},', "does not end; the file was cut"),
        (b'{"a": 1}\n{"a":\n', "Malformed JSON"),
        (b'[{"a": 1} {"a": 2}]', "cannot be read"),
    ],
)
def test_json_that_is_no_table_gets_one_sentence(load: Load, tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(DataError) as caught:
        load("bad.json", content)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert stored_files(tmp_path) == []


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_gzip_file_and_a_zip_of_one_file_are_read(load: Load, tmp_path: Path) -> None:
    for name, content in {
        "sales.csv.gz": gzip.compress(b"a,b\n1,2\n"),
        "sales.zip": zipped({"deep/../x.csv": b"a,b\n1,2\n"}),
        "sales.gz": b"a,b\n1,2\n",
    }.items():
        dataset = load(name, content)
        assert (dataset.name, dataset.rows) == ("sales", 1)
    assert stored_files(tmp_path) == [".duckdb"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("two.zip", zipped({"a.csv": b"a\n1\n", "b.csv": b"a\n1\n"}), "holds 2 files ('a.csv', 'b.csv')"),
        ("none.zip", b"PK\x03\x04", "cannot be unpacked"),
        ("bad.csv.gz", gzip.compress(b"a,b\n1,2,3\n"), "'bad.csv.gz' cannot be read: line 2 has 3 fields"),
        ("book.xlsx", zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), "is an Office file"),
        ("torn.csv.gz", gzip.compress(b"a,b\n1,2\n" * 1000)[:-20], "cannot be unpacked"),
        ("bomb.csv.gz", gzip.compress(b"0" * 150_000_000), "unpacks to more than 100 MiB"),
        ("bomb.zip", zipped({"a.csv": b"0" * 150_000_000}), "unpacks to more than 100 MiB"),
        ("inner.zip", zipped({"a.zip": zipped({"a.csv": b"a\n1\n"})}), "is a zero byte"),
    ],
)
def test_a_packed_file_that_is_no_table_is_refused_and_leaves_nothing(
    load: Load, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    with pytest.raises(DataError) as caught:
        load(name, content)
    assert sentence in str(caught.value)
    assert stored_files(tmp_path) == []


def test_infinite_and_nan_values_become_missing_and_are_counted(load: Load) -> None:
    dataset = load("i.csv", b"x\n1.5\ninf\n-inf\n2\n")
    assert (dataset.columns[0].type, dataset.columns[0].missing) == ("number", 2)
    assert dataset.warnings == ("column 'x': 2 infinite or not-a-number values are missing now",)


def test_a_file_name_is_no_pattern_and_no_sql(load: Load) -> None:
    load("other.csv", b"a\n1\n2\n3\n")
    assert load("*.csv", b"a\n1\n").rows == 1
    assert load("it's [x].csv", b"a\n1\n2\n").rows == 2


def test_parquet_is_known_by_its_bytes(load: Load, data: DuckData, tmp_path: Path) -> None:
    load("a.csv", b"n,s\n2,u\n1,v\n")
    data.export("a", tmp_path / "files" / "out.bin")
    dataset = data.load(str(tmp_path / "files" / "out.bin"), "again", LoadOptions(), watch())
    with data.open("again") as table:
        assert table.fetch("SELECT n, s FROM data ORDER BY _row") == [(2, "u"), (1, "v")]
    assert dataset.rows == 2


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "'empty.csv' is empty"),
        ("blank.csv", b"\n\n  \n", "'blank.csv' is empty"),
        ("zero.csv", b"a,b\n1,\x00\n", "line 2, column 3 is a zero byte"),
        ("half.csv", b"\xff\xfea\x00,\x00b\x00\n\x00\xd8", "begins like utf-16 but is not"),
        ("both.csv", b"a,b,c\n1,2\n1,2,3,4\n" + b"1,2,3\n" * 50, "line 3 has 4 fields, the first line 3"),
        ("long.csv", b"a,b\n1,2\n1,2,3\n" + b"1,2\n" * 50, "line 3 has 3 fields, the first line 2"),
        ("open.csv", b'a,b\n1,"x\n2,y\n', "the row that begins in line 2 does not end"),
        ("bad.parquet", b"PAR1 and then nothing of the kind", "'bad.parquet' cannot be read"),
    ],
)
def test_a_bad_file_gets_one_sentence_and_leaves_nothing(
    load: Load, data: DuckData, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    with pytest.raises(DataError) as caught:
        load(name, content)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert stored_files(tmp_path) == []
    assert data.all() == ()


def test_only_regular_files_inside_the_roots_are_read(data: DuckData, tmp_path: Path) -> None:
    files = tmp_path / "files"
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (files / "link.csv").symlink_to(tmp_path / "secret.csv")
    (files / ".hidden.csv").write_text("a\n1\n")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(files / "socket"))
        expected = {
            files / "link.csv": "outside the folders",
            files / ".." / "secret.csv": "outside the folders",
            files / ".hidden.csv": "hidden in one",
            tmp_path / "home" / "statagent.db": "outside the folders",
            files: "is a folder; name one file in it",
            files / "lnk.csv": "there is no file",
            files / "socket": "is no regular file",
        }
        for path, sentence in expected.items():
            with pytest.raises(DataError, match=sentence):
                data.load(str(path), None, LoadOptions(), watch())


def test_the_programs_own_folder_is_private_even_inside_a_root(tmp_path: Path) -> None:
    home = tmp_path / "home"
    data = DuckData(DatasetTable(open_sqlite(home / "s.db")), "ann", home, [tmp_path], lambda: datetime.now(UTC))
    (home / "theirs.csv").write_text("a\n1\n")
    with pytest.raises(DataError, match="outside the folders"):
        data.load(str(home / "theirs.csv"), None, LoadOptions(), watch())


def test_another_owner_sees_no_dataset(load: Load, tmp_path: Path) -> None:
    load("a.csv", b"a\n1\n")
    rows = DatasetTable(open_sqlite(tmp_path / "home" / "statagent.db"))
    bob = DuckData(rows, "bob", tmp_path / "home", [], lambda: datetime.now(UTC))
    with pytest.raises(DataError, match="nothing is loaded yet"):
        bob.get("a")


def test_a_wrong_name_is_answered_with_the_nearest(load: Load, data: DuckData) -> None:
    load("penguins.csv", b"a\n1\n")
    with pytest.raises(DataError, match="no dataset 'pengins'; nearest: 'penguins'"):
        data.get("pengins")


def test_loading_again_replaces_the_table_and_its_file(load: Load, data: DuckData, tmp_path: Path) -> None:
    load("a.csv", b"a\n1\n")
    load("a.csv", b"a\n1\n2\n")
    assert [dataset.rows for dataset in data.all()] == [2]
    assert stored_files(tmp_path) == [".duckdb"]


def test_a_stopped_load_leaves_nothing(data: DuckData, tmp_path: Path) -> None:
    path = tmp_path / "files" / "big.csv"
    path.write_text("a,b,c\n" + "1,2.5,word\n" * 3_000_000)
    stopped = watch()
    stopped.cancel.set()
    with pytest.raises(Cancelled):
        data.load(str(path), None, LoadOptions(), stopped)
    assert stored_files(tmp_path) == []


@pytest.mark.parametrize(
    "where",
    ["n > 1", "n >= 2 AND s LIKE 'v%'", "n IN (2)", "s = 'v'", "N > 1", "CAST(n AS VARCHAR) = '2'", "lower(s) = 'v'"],
)
def test_where_keeps_the_rows_that_it_names(load: Load, data: DuckData, where: str) -> None:
    load("a.csv", b"n,s\n1,u\n2,v\n")
    with data.open("a", where) as table:
        assert table.fetch("SELECT n FROM data") == [(2,)]


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("nn > 1", "no column 'nn'; nearest: 'n'"),
        ("n >", "not a SQL expression"),
        ("n > 1; DROP TABLE data", "not a SQL expression"),
        ("1=1) UNION SELECT * FROM (SELECT 1", "more than one expression"),
        ("n > (SELECT 1)", "a subquery is not allowed"),
        ("read_text('/etc/passwd') IS NULL", "the function 'read_text' is not allowed"),
        ("getenv('HOME') = 'x'", "the function 'getenv' is not allowed"),
        ("getvariable('x') = 1", "the function 'getvariable' is not allowed"),
        ("current_setting('threads') = 1", "the function 'current_setting' is not allowed"),
        ("repeat('a', 1000000000) = 'x'", "the function 'repeat' is not allowed"),
        ("count(*) > 1", "is not allowed"),
        ("row_number() OVER () > 1", "a window is not allowed"),
        ("s = 1.5", "Could not convert string"),
    ],
)
def test_where_can_do_nothing_but_look_at_a_row(load: Load, data: DuckData, where: str, sentence: str) -> None:
    load("a.csv", b"n,s\n1,u\n2,v\n")
    with (
        pytest.raises(DataError, match="^.*" + sentence.replace("(", r"\(").replace("*", r"\*")),
        data.open("a", where),
    ):
        pass


def test_an_open_table_reaches_no_file_and_changes_nothing(load: Load, data: DuckData, tmp_path: Path) -> None:
    load("a.csv", b"n\n1\n")
    with data.open("a") as table:
        for sql in (
            f"SELECT * FROM read_csv('{tmp_path}/files/a.csv')",
            f"COPY data TO '{tmp_path}/out.csv'",
            "INSERT INTO stored.data VALUES (2)",
            "SET enable_external_access = true",
            "SELECT * FROM tmp_path",
        ):
            with pytest.raises((DataError, duckdb.Error)):
                table.fetch(sql)
        assert table.fetch("SELECT n FROM data") == [(1,)]

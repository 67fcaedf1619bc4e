"""Files in, tables out, on a real DuckDB."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle  # only to write a file that must be refused
import re
import socket
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from adapters.data.base import Cancelled, DataError, LoadOptions
from adapters.data.duck import DuckData
from adapters.store.database import open_sqlite
from adapters.store.datasets import DatasetTable
from evals.world.files import Load, stored_files, watch


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
    data.export(data.get("a"), tmp_path / "files" / "out.bin")
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
    assert stored_files(tmp_path / "home") == []
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


def test_whoever_may_read_no_folder_is_told_what_they_have_sent(tmp_path: Path) -> None:
    home = tmp_path / "home"
    data = DuckData(DatasetTable(open_sqlite(home / "s.db")), "bob", home, [], lambda: datetime.now(UTC))
    with pytest.raises(DataError, match=r"not among the files that were sent; none was sent yet"):
        data.load("penguins.csv", None, LoadOptions(), watch())
    source = data.receive("penguins.csv", [b"a\n1\n"], watch())
    assert data.upload(source).read_bytes() == b"a\n1\n"
    with pytest.raises(DataError, match=f"and not among the files that were sent: {source}"):
        data.load("/etc/passwd", None, LoadOptions(), watch())


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
    assert stored_files(tmp_path / "home") == [".duckdb"]


def test_a_stopped_load_leaves_nothing(data: DuckData, tmp_path: Path) -> None:
    path = tmp_path / "files" / "big.csv"
    path.write_text("a,b,c\n" + "1,2.5,word\n" * 3_000_000)
    stopped = watch()
    stopped.cancel.set()
    with pytest.raises(Cancelled):
        data.load(str(path), None, LoadOptions(), stopped)
    assert stored_files(tmp_path / "home") == []


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
        ("repeat(s, 3) = 'x'", "the function 'repeat' is not allowed"),
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


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("Station Name = 'Ulm'", """write the column's name in double quotes: "Station Name\""""),
        ("rain (mm) > 3", """write the column's name in double quotes: "Rain (mm)\""""),
        ('"Station Name" = "Ulm"', "write words that are no column's name in single quotes: 'Ulm'"),
        ("day > 2023-03-01", "a date is written in single quotes: '2023-03-01'"),
    ],
)
def test_quotes_that_went_wrong_are_explained(load: Load, data: DuckData, where: str, sentence: str) -> None:
    load("a.csv", b"Station Name,Rain (mm),day\nUlm,4,2023-03-02\n")
    with pytest.raises(DataError, match=re.escape(sentence)), data.open("a", where):
        pass


def test_quotes_in_their_places_are_read(load: Load, data: DuckData) -> None:
    load("a.csv", b"Station Name,Rain (mm),day\nUlm,4,2023-03-02\nO'Hare,5,2023-03-03\n")
    for where in ("`station name` = 'O''Hare'", "\"Rain (mm)\" > 4 and day > '2023-03-01'", "day - 1 = '2023-03-02'"):
        with data.open("a", where) as table:
            assert table.fetch("SELECT _row FROM data") == [(1,)]


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


@pytest.mark.parametrize(
    ("content", "words"),
    [
        # Written here, never read: loading it is what must be refused.
        (pickle.dumps({"a": [1]}), "a Python pickle, which is never opened"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x93NUMPY\x01\x00", "a NumPy array"),
        (b"SQLite format 3\0...", "a SQLite database"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Office file"),
        (b"\n <html><body>", "a web page"),
        (b"$FL2@(#) SPSS DATA FILE", "an SPSS file"),
        (b"<stata_dta><header>", "a Stata file"),
        (b"\x72\x02\x01\x00\x05\x00", "a Stata file"),
        (bytes(12) + b"\xc2\xea\x81\x60\xb3", "a SAS file"),
        (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!", "a SAS file"),
        (gzip.compress(b"X\n\x00\x00\x00\x03", mtime=0), "a file of R"),
        (gzip.compress(b"RDX3\nX\n\x00", mtime=0), "a file of R"),
        (b"MATLAB 5.0 MAT-file", "a MATLAB file"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (bytes(8) + b"DUCK\x40\x00\x00\x00", "a DuckDB database"),
        (b"\x00\x01\x00\x00Standard ACE DB\x00", "an Access database"),
        (bz2.compress(b"a,b\n1,2\n"), "packed with bzip2"),
        (lzma.compress(b"a,b\n1,2\n"), "packed with xz"),
        (b"\x28\xb5\x2f\xfd\x00", "packed with zstd"),
        (gzip.compress(bytes(257) + b"ustar\x00", mtime=0), "an archive of files"),
        (b"FEA1\x00\x00", "an Arrow file"),
        (b"{\\rtf1\\ansi hello}", "a text document"),
        (b"@RELATION iris\n@ATTRIBUTE a NUMERIC\n", "a file of Weka"),
        (b"-- a comment\nINSERT INTO t VALUES (1);", "a program in SQL"),
    ],
)
def test_a_file_that_is_no_table_is_named_for_what_it_is(load: Load, content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        load("table.csv", content)


@pytest.mark.parametrize(
    "header", [b"ORC,FEA1", b"id,name,DUCK", b"BZh,Rar!", b"GIF8,MZ", b"insert into,create table", b"X,RDX"]
)
def test_a_header_that_begins_as_one_of_those_is_a_header(load: Load, header: bytes) -> None:
    dataset = load("t.csv", header + b"\n" + b",".join([b"1"] * len(header.split(b","))) + b"\n")
    assert [column.name for column in dataset.columns] == header.decode().split(",")


def test_a_book_of_libreoffice_is_named_and_not_unpacked(load: Load) -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
        archive.writestr("META-INF/manifest.xml", "<x/>")
    with pytest.raises(DataError, match=r"'t\.ods' is a LibreOffice file; save the table as \.xlsx or CSV"):
        load("t.ods", book.getvalue())

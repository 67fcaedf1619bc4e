"""JSON records, and files packed in others."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from adapters.data.base import DataError
from adapters.data.duck import DuckData
from evals.world.files import Load, stored_files


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


def test_json_in_another_encoding_is_read_and_said(load: Load) -> None:
    dataset = load("k.json", '[{"town": "Köln"}]'.encode("cp1252"))
    assert dataset.columns[0].example == "Köln"
    assert dataset.warnings == ("not UTF-8: read as cp1252, a guess; look at line 1",)


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
    assert stored_files(tmp_path / "home") == []


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
    assert stored_files(tmp_path / "home") == [".duckdb"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("two.zip", zipped({"a.csv": b"a\n1\n", "b.csv": b"a\n1\n"}), "holds 2 files ('a.csv', 'b.csv')"),
        ("none.zip", b"PK\x03\x04", "cannot be unpacked"),
        ("bad.csv.gz", gzip.compress(b"a,b\n1,2,3\n", mtime=0), "'bad.csv.gz' cannot be read: line 2 has 3 fields"),
        (
            "book.xlsx",
            zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}),
            "Excel file cannot be read",
        ),
        ("text.docx", zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "holds no table"),
        ("torn.csv.gz", gzip.compress(b"a,b\n1,2\n" * 1000, mtime=0)[:-20], "cannot be unpacked"),
        ("inner.zip", zipped({"a.zip": zipped({"a.csv": b"a\n1\n"})}), "a packed file that holds no table"),
    ],
)
def test_a_packed_file_that_is_no_table_is_refused_and_leaves_nothing(
    load: Load, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    with pytest.raises(DataError) as caught:
        load(name, content)
    assert sentence in str(caught.value)
    assert stored_files(tmp_path / "home") == []


@pytest.mark.parametrize("name", ["bomb.csv.gz", "bomb.zip"])
def test_a_file_that_swells_is_refused_and_leaves_nothing(load: Load, tmp_path: Path, name: str) -> None:
    zeros = b"0" * 110_000_000
    content = gzip.compress(zeros, 1, mtime=0) if name.endswith(".gz") else zipped({"a.csv": zeros})
    with pytest.raises(DataError, match="unpacks to more than 100 MiB"):
        load(name, content)
    assert stored_files(tmp_path / "home") == []

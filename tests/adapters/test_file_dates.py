"""Dates of a whole file: one order of day and month for all columns, one instant is one value in every format."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from adapters.data.duck import DuckData
from evals.world.files import Load

OFFSETS = ("2024-03-31T01:30:00+01:00", "2024-03-31T03:30:00+0200", "2024-03-31T00:30:00Z", "2024-03-30T19:30:00 EST")


def _values(data: DuckData, sql: str) -> list[tuple[object, ...]]:
    with data.open("t") as table:
        return table.fetch(sql)


@pytest.mark.parametrize("names", ["start,end", "end,start"])
@pytest.mark.parametrize(("late", "half"), [("9/30/2017", ""), ("9/30/17", ""), ("9/30/2017", " 10:00 AM")])
def test_the_order_of_columns_changes_no_date(load: Load, data: DuckData, names: str, late: str, half: str) -> None:
    cells = {"start": f"10/1/2016{half}", "end": f"{late}{half}"}
    if len(late) == 7:
        cells["start"] = "10/1/16"
    row = ",".join(cells[name] for name in names.split(","))
    warnings = load("t.csv", f"{names}\n{row}\n".encode()).warnings
    found = _values(data, 'SELECT CAST(CAST(start AS DATE) AS VARCHAR), CAST(CAST("end" AS DATE) AS VARCHAR) FROM data')
    assert found == [("2016-10-01", "2017-09-30")]
    assert any(f"{cells['end']!r} in column 'end' proves it" in warning for warning in warnings)


def test_columns_that_disagree_keep_their_own_order_and_leave_the_others_open(load: Load, data: DuckData) -> None:
    dataset = load("t.csv", b"us,eu,open\n9/30/2017,30/9/2017,1/2/2017\n")
    assert _values(data, "SELECT us = eu, CAST(open AS VARCHAR) FROM data") == [(True, "2017-02-01")]
    assert "make sure, for the other columns disagree" in dataset.warnings[2]


def test_the_order_that_was_proven_for_a_separator_goes_first(load: Load, data: DuckData) -> None:
    load("t.csv", b"a,b,c,d\n9/30/2017,30.9.2017,1/2/2017,1.2.2017\n")
    assert _values(data, "SELECT month(c), month(d) FROM data") == [(1, 2)]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["10/1/2016", "9/30/2017", "31/12/2017"], "'31/12/2017' has the day first and '9/30/2017' the month first"),
        (["2016-10-01", "2017/09/30"], "several forms, '2016-10-01' and '2017/09/30'"),
        (["2016-10-01", "2016-10-02", "soon"], "1 of 3 values are none, one is 'soon'"),
        (["2016-02-31"], "'2016-02-31' is none"),
        (["2024-01-01T10:00:00Z", "2024-01-01T11:00:00"], "such as 'Z', and some have none"),
        (["2024-01-01T10:00 IST", "2024-01-01T11:00 BST"], "the zone 'BST' is not known, or means several"),
        (["00:12:30", "26:10:05"], "looks like times or durations"),
    ],
)
def test_text_that_looks_like_dates_is_named(load: Load, data: DuckData, values: list[str], words: str) -> None:
    dataset = load("t.csv", "\n".join(["t,n", *(f"{value},1" for value in values)]).encode())
    assert (dataset.columns[0].type, len(dataset.warnings)) == ("text", 1)
    assert words in dataset.warnings[0]
    assert _values(data, "SELECT t FROM data") == [(value,) for value in values]


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_one_instant_is_one_value_in_every_format(load: Load, data: DuckData, tmp_path: Path, kind: str) -> None:
    """The expected instants are those of Python's own datetime, EST being -05:00 (RFC 5322)."""
    if kind == "parquet":
        rows = ", ".join(f"('{value}')" for value in OFFSETS)
        duckdb.execute(f"COPY (SELECT * FROM (VALUES {rows}) v(ts)) TO '{tmp_path / 'made'}' (FORMAT parquet)")
        content = (tmp_path / "made").read_bytes()
    elif kind == "json":
        content = json.dumps([{"ts": value} for value in OFFSETS]).encode()
    else:
        content = "\n".join(["ts,n", *(f"{value},1" for value in OFFSETS)]).encode()
    dataset = load(f"t.{kind}", content)
    utc = [datetime.fromisoformat(value.replace(" EST", "-05:00")).timestamp() for value in OFFSETS]
    assert _values(data, "SELECT epoch(ts) FROM data") == [(second,) for second in utc]
    assert any("every time is moved to UTC" in warning for warning in dataset.warnings)


@pytest.mark.parametrize("zone", ["Z", "+05:30", "-0800", " EST", " Europe/Berlin", " IST"])
def test_an_offset_that_all_times_have_is_left_out_and_said(load: Load, data: DuckData, zone: str) -> None:
    dataset = load("t.csv", f"t,n\n2024-01-31T10:00:00{zone},1\n2024-01-31 11:00:00{zone},2\n".encode())
    assert _values(data, "SELECT hour(t) FROM data") == [(10,), (11,)]
    assert repr(zone.strip()) in dataset.warnings[0]


def test_zones_by_name_follow_their_summer_time(load: Load, data: DuckData) -> None:
    load("t.csv", b"t,n\n2024-01-01 10:00 Europe/Berlin,1\n2024-07-01 10:00 Europe/Berlin,2\n2024-07-01 10:00 UTC,3\n")
    assert _values(data, "SELECT hour(t) FROM data") == [(9,), (8,), (10,)]


def test_times_without_zones_are_read_in_silence(load: Load) -> None:
    dataset = load("t.csv", b"t,n\n2024-01-01 10:00:00,1\n2024-01-01T11:00:00.25,2\n")
    assert (dataset.columns[0].type, dataset.warnings) == ("datetime", ())


@pytest.mark.parametrize(
    ("values", "is_kept"),
    [
        (["12345678901234567890", "12345678901234567891"], True),
        (["9223372036854775807", "9223372036854775808"], True),
        (["9007199254740993", "1.5"], True),
        (["1E5", "12E4"], True),
        (["1.0E+15", "1.00001E+15", "4711"], True),
        (["1.0E+15", "2.0E+15", "3.5E+15"], True),
        (["1.23457E+15", "1.23458E+15", "1.2346E+15", "1.23462E+15"], True),
        (["3E11", "12E11"], True),
        (["0x1F", "0x20"], True),
        (["+4915112345678", "+4915112345679"], True),
        (["1e+155", "2e+155"], False),
        (["1e+15", "3e+19"], False),
        (["1e154", "2e154", "3e155"], False),
        (["1.0e+15", "2.25e+15", "3.125e+15"], False),
        (["6.02214076E+23", "1.5E+23"], False),
        (["1.41e+15", "2.7182818e+15", "3.1e+15", "1.618e+16"], False),
        (["-1.0E+15", "1.0E+15"], False),
        (["1e5", "0.5"], False),
        (["1.0", "2.0"], False),
        (["100000000000000000000", "1.5"], False),
        (["9007199254740993", "-9007199254740995"], False),
    ],
)
def test_what_a_number_would_not_give_back_stays_text(
    load: Load, data: DuckData, values: list[str], is_kept: bool
) -> None:
    dataset = load("t.csv", "\n".join(["id,n", *(f"{value},1" for value in values)]).encode())
    assert (dataset.columns[0].type == "text") == is_kept
    assert any("is kept as text" in warning for warning in dataset.warnings) == is_kept
    expected = (
        values
        if is_kept
        else [float(value) if "e" in value.lower() or "." in value else int(value) for value in values]
    )
    assert [value for (value,) in _values(data, "SELECT id FROM data")] == expected


@pytest.mark.parametrize("digits", ["1234567890123456789", "123456789012345678901234567890"])
def test_long_ids_of_json_keep_their_digits(load: Load, data: DuckData, digits: str) -> None:
    load("t.json", f'[{{"id": {digits}1}}, {{"id": {digits}2}}]'.encode())
    assert _values(data, "SELECT id FROM data") == [(f"{digits}1",), (f"{digits}2",)]

"""999 among ages: named at the load, kept as it is, and no alarm where it may well be a value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from evals.world.home import PENGUINS, build_in
from runtime.session import Session

OTHERS = [18, 25, 33, 47, 52, 61, 70]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    session = build_in(tmp_path_factory.mktemp("codes") / "home")
    yield session
    session.program.close()


DATES = ["2015-03-01", "2016-07-12", "2019-01-05", "2020-02-29", "2021-11-30", "2023-05-05"]


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (["1900-01-01", "1900-01-01"], "DATE '1900-01-01' (2 times) far outside all other values"),
        (["1970-01-01"] * 3, "DATE '1970-01-01' (3 times)"),
        (["9999-12-31", "9999-12-31"], "DATE '9999-12-31' (2 times)"),
        (["1900-01-01 00:00:00", "1900-01-01 00:00:00"], "DATE '1900-01-01' (2 times)"),
    ],
)
def test_a_date_that_never_was_is_named_and_kept(session: Session, codes: list[str], said: str) -> None:
    clock = " 08:30:00" if " " in codes[0] else ""
    (warning,) = warnings_of(session, [*(day + clock for day in DATES), *codes])
    assert said in warning
    assert "it is kept as a date" in warning
    step = warning.partition("derive ")[2].partition(" before")[0]
    made = {"dataset": "t", "steps": [{"op": "derive", "column": "x", "expression": step}], "save_as": "made"}
    session.call_tool("transform", json.dumps(made), None)
    sql = "SELECT min(x), max(x), count(*), count(x) FROM made"
    rows: Any = session.call_tool("query", json.dumps({"sql": sql}), None).content["rows"]
    first, last, *counts = rows[0]
    assert (str(first)[:10], str(last)[:10]) == (DATES[0], DATES[-1])
    assert [int(count) for count in counts] == [len(DATES) + len(codes), len(DATES)]


@pytest.mark.parametrize(
    "values",
    [
        [*DATES, "1900-01-01"],
        [*DATES, "2099-06-30", "2099-06-30"],
        ["1950-01-05", "1960-04-04", "1985-01-01", "1990-01-01", "2001-09-09", "1970-01-01", "1970-01-01"],
    ],
)
def test_a_date_that_may_well_have_been_is_not(session: Session, values: list[str]) -> None:
    assert warnings_of(session, values) == []


def test_parquet_is_looked_at_too(session: Session) -> None:
    path = session.settings.home.parent / "codes.parquet"
    with duckdb.connect() as connection:
        values = ", ".join(f"({value})" for value in [*OTHERS, 999, 999])
        connection.execute(f"COPY (SELECT * FROM (VALUES {values}) AS t(x)) TO '{path}' (FORMAT parquet)")
    content: Any = session.call_tool("load_dataset", json.dumps({"source": str(path), "name": "p"}), None).content
    assert any("999 (2 times) far outside" in warning for warning in content["warnings"])


def warnings_of(session: Session, values: list[Any], ending: str = "csv") -> list[str]:
    path = session.settings.home.parent / f"t.{ending}"
    records = [{"id": f"r{place}", "x": value} for place, value in enumerate(values)]
    lines = ["id,x", *(f"{record['id']},{record['x']}" for record in records)]
    path.write_text(json.dumps(records) if ending == "json" else "\n".join(lines) + "\n")
    content: Any = session.call_tool("load_dataset", json.dumps({"source": str(path), "name": "t"}), None).content
    return [warning for warning in content["warnings"] if "may stand for missing" in warning]


@pytest.mark.parametrize("ending", ["csv", "json"])
@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ([999, 999], "999 (2 times) far outside all other values may stand for missing; it is kept as a number"),
        ([-9, -9, -9], "-9 (3 times)"),
        ([-1, -1], "-1 (2 times)"),
        ([9999, 9999, -99, -99], "9999 (2 times), -99 (2 times)"),
    ],
)
def test_a_code_far_outside_is_named_and_kept(session: Session, codes: list[int], said: str, ending: str) -> None:
    (warning,) = warnings_of(session, [*OTHERS, *codes], ending)
    assert said in warning
    rows: Any = session.call_tool("query", json.dumps({"sql": "SELECT sum(x) FROM t"}), None).content["rows"]
    assert int(rows[0][0]) == sum(OTHERS) + sum(codes)
    step = warning.partition("derive ")[2].partition(" before")[0]
    made = {"dataset": "t", "steps": [{"op": "derive", "column": "x", "expression": step}], "save_as": "made"}
    session.call_tool("transform", json.dumps(made), None)
    rows = session.call_tool("query", json.dumps({"sql": "SELECT sum(x), count(x) FROM made"}), None).content["rows"]
    assert [int(value) for value in rows[0]] == [sum(OTHERS), len(OTHERS)]


@pytest.mark.parametrize(
    "values",
    [
        [*OTHERS, 999],  # once: a value like any other, until it comes again
        [*OTHERS, 99, 99],  # within the reach of the others
        [1990, 1995, 1999, 2003, 2010, 1999, 1999],
        [-5, -3, -1, -1, 0, 2, 4, 6],  # negative values are usual here
        [1, -1, 1, -1, 1, -1, 1],  # two classes
        [100, 500, 999, 999, 1500, 2000, 700],
        [0.5, 1.5, 99.0, 120.5, 99.0, 80.25, 60.75],
    ],
)
def test_what_may_well_be_a_value_is_no_alarm(session: Session, values: list[float]) -> None:
    assert warnings_of(session, values) == []


def test_no_column_of_the_penguins_alarms(session: Session) -> None:
    content: Any = session.call_tool("load_dataset", json.dumps({"source": str(PENGUINS)}), None).content
    assert not any("may stand for missing" in warning for warning in content["warnings"])

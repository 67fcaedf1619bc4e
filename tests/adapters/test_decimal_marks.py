"""A mark with three digits behind it: what the other columns of the file prove, else a doubt that is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from evals.world.home import build_in
from runtime.session import Session


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    session = build_in(tmp_path_factory.mktemp("marks") / "home")
    yield session
    session.program.close()


def load(session: Session, text: str) -> dict[str, Any]:
    path = session.settings.home.parent / "t.csv"
    path.write_text(text)
    return dict(session.call_tool("load_dataset", json.dumps({"source": str(path)}), None).content)


def column(session: Session, name: str) -> list[Any]:
    sql = json.dumps({"sql": f'SELECT "{name}" FROM t ORDER BY _row'})
    rows: Any = session.call_tool("query", sql, None).content["rows"]
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        (
            "a;b\n1.000,5;1.000\n2.500,25;3.000\n3.100,75;12.500\n",
            [1000, 3000, 12500],
            "column 'a' has a decimal comma",
        ),
        ("a;b\n1,5;1.000\n2,25;500\n3,75;12.500\n", [1000, 500, 12500], "the point of 2 values such as '1.000'"),
        ("a;b\n1,5;-1.000\n2,25;NA\n3,75;\n", [-1000, None, None], "between thousands"),
        ("a\tb\n1,5\t1.000\n2,25\t3.000\n", [1000, 3000], "column 'a' has a decimal comma"),
        ("a|b\n1.234.567|1.000\n2.345.678|2.000\n", [1000, 2000], "column 'a' has a decimal comma"),
        ("a;b\n1,5;1.000.000\n2,5;3.000\n", [1_000_000, 3000], "with points between thousands"),
        ("a;b\n1.5;1,000\n2.25;3,000\n3.75;12,500\n", [1000, 3000, 12500], "column 'a' shows which of the marks is"),
        ("a;b\n1,000.5;1,000\n2,500.25;3,000\n", [1000, 3000], "column 'a' shows which of the marks is"),
        ("a\tb\n1.5\t1,000\n2.25\t3,000\n", [1000, 3000], "column 'a' shows which of the marks is"),
        ("a;b\n2.5;1.234\n3.5;2.345\n", [1.234, 2.345], None),
        ("a;b\n1,5;0.125\n2,5;0.500\n", [0.125, 0.5], "has a decimal comma and column 'b' a decimal point: look"),
        ("a;b\n1;1.000\n2;3.000\n", [1.0, 3.0], "if it stands between thousands, derive"),
        ("a;b\n1;1,000\n2;3,000\n", [1, 3], "could also be read the other way"),
        ('a,b\n"1,5",1.000\n"2,5",3.000\n', [1.0, 3.0], None),
    ],
)
def test_the_other_columns_prove_which_mark_is_decimal(
    session: Session, text: str, values: list[float | None], said: str | None
) -> None:
    warnings = load(session, text)["warnings"]
    assert column(session, "b") == values
    about = [warning for warning in warnings if "'b'" in warning or "column 'b'" in warning]
    assert any(said in warning for warning in about) if said else about == []


def test_a_long_file_is_read_the_same_to_its_last_row(session: Session) -> None:
    rows = [f"{n},5;{n % 900 + 1}.{n % 1000:03d}" for n in range(30_000)]
    load(session, "a;b\n" + "\n".join(rows) + "\n")
    assert column(session, "b")[:100] == [int(row.split(";")[1].replace(".", "")) for row in rows[:100]]
    total: Any = session.call_tool("query", '{"sql": "SELECT sum(b) FROM t"}', None).content["rows"]
    assert int(total[0][0]) == sum(int(row.split(";")[1].replace(".", "")) for row in rows)

"""SQL and expressions that attack, and ordinary ones like them: the first are refused, each by a sentence of ours."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from adapters.data.base import DataError
from adapters.data.expression import DERIVE, WHERE, Grammar, check_expression
from adapters.data.select_check import check_select

HERE = Path(__file__).parent
SQL: dict[str, list[str]] = json.loads((HERE / "sql_probes.json").read_text(encoding="utf-8"))
EXPRESSIONS: dict[str, list[str]] = json.loads((HERE / "expression_probes.json").read_text(encoding="utf-8"))
SALES = "CREATE TABLE sales AS SELECT 'north' AS region, 1.5 AS amount, DATE '2026-01-02' AS day"


@pytest.mark.parametrize("sql", SQL["refused"])
def test_sql_that_attacks_is_refused(sql: str) -> None:
    with duckdb.connect() as connection, pytest.raises(DataError, match=r"^sql: "):
        check_select(connection, sql, ["sales"])


@pytest.mark.parametrize("sql", SQL["allowed"])
def test_ordinary_sql_is_run(sql: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(SALES)
        assert connection.execute(check_select(connection, sql, ["sales"])).fetchall()


@pytest.mark.parametrize("grammar", [WHERE, DERIVE], ids=lambda grammar: grammar.name)
@pytest.mark.parametrize("expression", EXPRESSIONS["refused"])
def test_an_expression_that_attacks_is_refused(expression: str, grammar: Grammar) -> None:
    with pytest.raises(DataError):
        check_expression(expression, ["n", "s"], grammar)


@pytest.mark.parametrize("expression", EXPRESSIONS["in_the_child_only"])
def test_what_makes_long_values_or_looks_at_other_rows_is_no_where(expression: str) -> None:
    assert check_expression(expression, ["n", "s"], DERIVE)
    with pytest.raises(DataError):
        check_expression(expression, ["n", "s"], WHERE)


@pytest.mark.parametrize("expression", EXPRESSIONS["allowed"])
def test_an_ordinary_expression_is_taken(expression: str) -> None:
    assert check_expression(expression, ["n", "s"])

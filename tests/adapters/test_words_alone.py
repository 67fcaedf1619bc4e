"""Which text columns hold no digit, so that no number, date or period is looked for in them."""

from __future__ import annotations

import duckdb
import pytest

from adapters.data.many_columns import HEAD_ROWS
from adapters.data.words_alone import find_words_alone


def found(select: str) -> list[str]:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE data AS {select}")
        return find_words_alone(connection)


@pytest.mark.parametrize("value", ["7", "a1", "٣", "१", "３", "Q1 2024", "x 1/2"])
def test_one_digit_of_any_script_in_any_row_is_enough(value: str) -> None:
    assert found(f"SELECT 'word' AS a, CASE WHEN range = 99 THEN '{value}' ELSE 'word' END AS b FROM range(100)") == [
        "a"
    ]


def test_numbers_and_columns_without_a_value_are_no_words() -> None:
    assert found("SELECT 1 AS n, 'Ann' AS a, CAST(NULL AS VARCHAR) AS b") == ["a"]
    assert found("SELECT 1 AS n") == []


def test_a_long_table_is_not_read_whole() -> None:
    assert found(f"SELECT 'word' AS a FROM range({HEAD_ROWS})") == ["a"]
    assert found(f"SELECT 'word' AS a FROM range({HEAD_ROWS + 1})") == []

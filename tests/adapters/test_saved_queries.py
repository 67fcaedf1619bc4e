"""Results of queries that are kept as datasets: whole, as they were shown, under a name that can be seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.data.base import DataError
from adapters.data.duck import DuckData
from evals.world.files import Load, stored_files, watch

SALES = b"region,amount\nnorth,10.5\nsouth,\nnorth,4.5\n"


@pytest.fixture
def sales(data: DuckData, load: Load) -> DuckData:
    load("sales.csv", SALES)
    return data


def ask(data: DuckData, sql: str, limit: int = 100) -> list[tuple[object, ...]]:
    return list(data.query(sql, limit, watch()).rows)


def test_a_query_whose_answer_is_too_large_to_be_shown_is_not_kept(sales: DuckData, tmp_path: Path) -> None:
    before = stored_files(tmp_path / "home")
    cells = ", ".join(f"repeat('x', 500) AS c{n}" for n in range(400))
    with pytest.raises(DataError, match="larger than 8 MB by row 40"):
        sales.save_query(f"SELECT {cells} FROM range(1000)", "large", 1_000, watch())
    assert stored_files(tmp_path / "home") == before
    assert [dataset.name for dataset in sales.all()] == ["sales"]
    saved = sales.save_query(f"SELECT {cells} FROM range(1000)", "large", 3, watch())
    assert (saved.dataset.rows, saved.shown.total, len(saved.shown.rows)) == (1_000, 1_000, 3)


def test_what_is_shown_of_a_saved_query_is_what_was_kept(sales: DuckData) -> None:
    first = "SELECT i, random() AS r FROM range(50) t(i)"
    for name, sql in (("data", first), ("drawn", "SELECT i, random() AS r FROM data")):
        saved = sales.save_query(sql, name, 10, watch())
        assert saved.shown.rows == tuple(ask(sales, f"SELECT i, r FROM {name}", 10))


@pytest.mark.parametrize("name", ["data", "Result", "source"])
def test_a_dataset_may_have_any_name_when_a_query_over_it_is_kept(sales: DuckData, name: str) -> None:
    sales.save_query("SELECT region, amount / 2 AS half FROM sales", name, 1, watch())
    sql = f"SELECT region, half FROM {name} ORDER BY half"
    kept = sales.save_query(sql, "again", 10, watch())
    assert kept.dataset.rows == 3
    assert kept.shown.rows == tuple(ask(sales, sql))


@pytest.mark.parametrize("name", ["\u3164", "\u115f\u1160", "\uffa0", "\u2800", "\u0338" * 20, "\u202e", " "])
def test_a_dataset_has_no_name_that_shows_nothing(sales: DuckData, name: str) -> None:
    with pytest.raises(DataError, match="cannot name a dataset"):
        sales.save_query("SELECT 1 AS x", name, 1, watch())
    assert sales.save_query("SELECT 1 AS x", f"a{name}b", 1, watch()).dataset.name == "a_b"

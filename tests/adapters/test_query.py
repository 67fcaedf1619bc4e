"""SQL that Claude wrote: right answers, one sentence for what is wrong, and no way out of the child process."""

from __future__ import annotations

import dataclasses
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psutil
import pytest

from adapters.data.base import Cancelled, DataError, LoadOptions, Watch
from adapters.data.child import ChildLimits
from adapters.data.child_engine import lock
from adapters.data.duck import DuckData
from adapters.data.query import show_query
from adapters.data.select_check import check_select
from evals.world.files import Load, data_in, stored_files, watch
from evals.world.pace import Limit, is_within

SALES = b"region,amount,day\nnorth,10.5,2024-01-01\nsouth,,2024-01-02\nnorth,4.5,2024-01-03\n"


@pytest.fixture
def sales(data: DuckData, load: Load) -> DuckData:
    load("sales.csv", SALES)
    return data


@pytest.fixture(scope="module")
def kept_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose home holds `sales`, for what is to change nothing there."""
    folder = tmp_path_factory.mktemp("sales")
    (folder / "sales.csv").write_bytes(SALES)
    data_in(folder).load(str(folder / "sales.csv"), None, LoadOptions(), watch())
    return folder


@pytest.fixture
def kept_sales(kept_folder: Path) -> DuckData:
    return data_in(kept_folder)


def ask(data: DuckData, sql: str, limit: int = 100) -> list[tuple[object, ...]]:
    return list(data.query(sql, limit, watch()).rows)


def living_queries() -> list[psutil.Process]:
    """The queries' child processes, without what has ended and only waits to be seen."""
    children = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in children if "adapters.data.query_worker" in child.cmdline()]


def test_a_select_answers(sales: DuckData) -> None:
    result = sales.query("SELECT region, sum(amount) AS total FROM sales GROUP BY 1 ORDER BY 1;", 10, watch())
    assert result.columns == ("region", "total")
    assert result.rows == (("north", 15.0), ("south", None))
    assert (result.total, result.truncated) == (2, False)


def test_values_that_json_lacks_come_as_text(sales: DuckData) -> None:
    rows = ask(sales, "SELECT day, 1.5::DECIMAL(9,2), 'inf'::DOUBLE, [1, 2], repeat('x', 600) FROM sales LIMIT 1")
    day, decimal, infinite, listed, long = rows[0]
    assert (day, decimal, infinite, listed) == ("2024-01-01", 1.5, "inf", "[1, 2]")
    assert isinstance(long, str)
    assert len(long) == 500


def test_more_rows_than_the_limit_are_counted(sales: DuckData) -> None:
    result = sales.query("SELECT i FROM range(100000) t(i) ORDER BY i DESC", 3, watch())
    assert result.rows == ((99999,), (99998,), (99997,))
    assert (result.total, result.truncated) == (100_000, True)


def test_the_rows_number_is_there_when_it_is_named(sales: DuckData) -> None:
    assert ask(sales, "SELECT _row, lag(amount) OVER (ORDER BY _row) FROM sales ORDER BY _row DESC") == [
        (2, None),
        (1, 10.5),
        (0, None),
    ]
    assert sales.query("SELECT * FROM sales", 1, watch()).columns == ("region", "amount", "day")


def test_datasets_join_and_names_with_spaces_work(sales: DuckData, load: Load) -> None:
    load("chief list.csv", b"region,chief\nnorth,Ann\n")
    rows = ask(sales, 'WITH t AS (SELECT * FROM sales) SELECT t.amount, chief FROM t JOIN "chief_list" USING (region)')
    assert sorted(rows, key=str) == [(10.5, "Ann"), (4.5, "Ann")]


def test_a_result_is_kept_as_a_dataset_with_rows_of_its_own(sales: DuckData) -> None:
    kept = sales.save_query(
        "SELECT _row, region, 1.5::DECIMAL(9,2) AS d FROM sales ORDER BY amount", "by amount", 1, watch()
    ).dataset
    assert (kept.name, kept.rows) == ("by_amount", 3)
    assert [(column.name, column.type) for column in kept.columns] == [("region", "text"), ("d", "number")]
    assert ask(sales, "SELECT _row, region FROM by_amount ORDER BY _row")[2] == (2, "south")


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT * FROM sale", "no dataset 'sale'; nearest: 'sales'"),
        ("SELECT amuont FROM sales", "no column 'amuont'; nearest: 'amount'"),
        ("SELECT s.amuont FROM sales s", "no column 'amuont'; nearest: 'amount'"),
        ("SELECT middle(amount) FROM sales", "middle"),
        ("SELEC 1", "syntax error"),
        ("", "0 statements"),
        ("SELECT region + 1 FROM sales", "No function matches"),
        ("SELECT CAST(region AS INT) FROM sales", "Could not convert"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("SELECT '" + "x" * 20_000 + "'", "20009 characters"),
    ],
)
def test_a_wrong_query_gets_one_sentence(kept_sales: DuckData, sql: str, words: str) -> None:
    with pytest.raises(DataError) as caught:
        ask(kept_sales, sql)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_query_that_changes_data_is_refused(sales: DuckData) -> None:
    with pytest.raises(DataError, match="only SELECT is run"):
        ask(sales, "WITH x AS (DELETE FROM sales RETURNING *) SELECT * FROM x")
    assert ask(sales, "SELECT count(*) FROM sales") == [(3,)]


ESCAPES = """
SELECT * FROM read_csv('{file}')
SELECT * FROM read_text('{file}')
SELECT * FROM read_blob('{file}')
SELECT * FROM '{file}'
SELECT * FROM glob('/*')
SELECT * FROM sniff_csv('{file}')
SELECT * FROM read_json('{file}')
SELECT * FROM read_parquet('{file}')
SELECT * FROM parquet_metadata('{file}')
SELECT * FROM query('SELECT 1')
SELECT * FROM query_table('sales')
SELECT * FROM sql_auto_complete('S')
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_databases()
SELECT * FROM duckdb_secrets()
SELECT * FROM pragma_database_list
SELECT * FROM information_schema.tables
SELECT * FROM sqlite_master
SELECT * FROM main.sales
SELECT * FROM stored_0.data
SELECT * FROM connection
SELECT * FROM request
SELECT current_setting('temp_directory')
SELECT getvariable('x')
SELECT getenv('HOME')
SELECT write_log('x')
SELECT * FROM pandas_scan(1)
SELECT (SELECT content FROM read_text('{file}'))
SELECT * FROM sales WHERE region IN (SELECT content FROM read_text('{file}'))
WITH x AS (SELECT * FROM read_text('{file}')) SELECT * FROM x
WITH x AS (DELETE FROM sales RETURNING *) SELECT * FROM x
WITH x AS (INSERT INTO sales VALUES ('a', 1, NULL) RETURNING *) SELECT * FROM x
COPY sales TO '{file}'
COPY (SELECT 1) TO '{file}'
EXPORT DATABASE '{file}'
IMPORT DATABASE '{file}'
ATTACH '{file}' AS other
DETACH stored_0
USE stored_0
INSTALL httpfs
LOAD httpfs
SET enable_external_access = true
RESET lock_configuration
SET VARIABLE x = 1
PRAGMA database_list
CALL pragma_version()
CREATE TABLE t AS SELECT 1
CREATE OR REPLACE VIEW sales AS SELECT 1
CREATE MACRO m() AS 1
CREATE SECRET (TYPE s3)
DROP VIEW sales
DELETE FROM sales
UPDATE sales SET amount = 1
INSERT INTO sales VALUES ('a', 1, NULL)
ALTER TABLE sales RENAME TO t
TRUNCATE sales
VACUUM
CHECKPOINT
BEGIN TRANSACTION
EXPLAIN ANALYZE SELECT 1
PREPARE p AS SELECT 1
EXECUTE p
SHOW TABLES
DESCRIBE sales
SUMMARIZE sales
FROM (SHOW DATABASES)
FROM (DESCRIBE sales)
SELECT 1) TO '{file}'; --
SELECT 1) LIMIT 1; DROP VIEW sales; SELECT * FROM (SELECT 2
""".strip().split("\n")


@pytest.mark.parametrize("escape", ESCAPES)
def test_no_sql_gets_out(kept_sales: DuckData, kept_folder: Path, escape: str) -> None:
    outside = kept_folder / "sales.csv"
    before = stored_files(kept_folder / "home")
    with pytest.raises(DataError) as caught:
        ask(kept_sales, escape.replace("{file}", str(outside)))
    assert "north" not in str(caught.value)
    assert stored_files(kept_folder / "home") == before
    assert [path.name for path in kept_folder.iterdir() if path.is_file()] == ["sales.csv"]
    assert outside.read_bytes() == SALES


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM glob('{file}')",
        "COPY (SELECT 1) TO '{file}.out'",
        "ATTACH '{file}.db' AS other",
        "SET memory_limit = '8GB'",
        "RESET lock_configuration",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CREATE PERSISTENT SECRET s (TYPE s3)",
        "SELECT * FROM secret",
    ],
)
def test_the_engine_alone_is_locked_too(kept_sales: DuckData, tmp_path: Path, statement: str) -> None:
    secret = kept_sales.get("sales")
    limits = dataclasses.asdict(SMALL) | {"scratch": str(tmp_path / "scratch")}
    with duckdb.connect() as connection:
        lock(connection, limits)
        with pytest.raises(duckdb.Error):
            connection.execute(statement.replace("{file}", secret.source)).fetchall()


OUT_OF_SCOPE = """
SELECT * FROM pg_catalog.pg_settings
SELECT * FROM "pg_catalog"."pg_settings"
SELECT * FROM system.pg_catalog.pg_settings
SELECT * FROM system.information_schema.tables
SELECT * FROM "system"."main"."duckdb_settings"
SELECT * FROM duckdb_tables
SELECT * FROM pragma_version()
SELECT * FROM temp.sales
WITH "pg_catalog.pg_settings" AS (SELECT 1) SELECT * FROM pg_catalog.pg_settings
WITH "information_schema.tables" AS (SELECT 1) SELECT * FROM information_schema.tables
WITH "stored_0.data" AS (SELECT 1) SELECT * FROM stored_0.data
WITH "a.b.c" AS (SELECT 1) SELECT * FROM a.b.c
SELECT (WITH sqlite_master AS (SELECT 1) SELECT * FROM sqlite_master), sql FROM sqlite_master
SELECT * FROM (WITH duckdb_tables AS (SELECT 1) SELECT * FROM duckdb_tables), duckdb_tables
WITH sqlite_master AS (SELECT * FROM sqlite_master) SELECT * FROM sqlite_master
WITH a AS (SELECT * FROM sqlite_master), sqlite_master AS (SELECT 1) SELECT * FROM a
WITH a AS (WITH duckdb_views AS (SELECT 1) SELECT * FROM duckdb_views) SELECT * FROM a, duckdb_views
WITH RECURSIVE sqlite_master AS (SELECT * FROM sqlite_master UNION ALL SELECT * FROM sqlite_master) FROM sqlite_master
(WITH duckdb_views AS (SELECT 1) SELECT * FROM duckdb_views) UNION ALL SELECT sql FROM duckdb_views
SELECT current_database()
SELECT current_schema()
SELECT in_search_path('memory', 'main')
SELECT system.main.current_setting('temp_directory')
SELECT 'temp_directory'.current_setting()
""".strip().split("\n")


@pytest.mark.parametrize("sql", OUT_OF_SCOPE)
def test_catalogs_and_names_out_of_scope_are_refused(sql: str) -> None:
    with duckdb.connect() as connection, pytest.raises(DataError, match="sql: "):
        check_select(connection, sql, ["sales"])


def test_with_names_are_known_where_sql_knows_them(sales: DuckData) -> None:
    nested = "WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a) SELECT x, (SELECT x FROM a) FROM b"
    assert ask(sales, nested) == [(2, 1)]
    assert ask(sales, "WITH a AS (SELECT 1 AS x) SELECT x FROM a UNION ALL SELECT x + 1 FROM A ORDER BY 1") == [
        (1,),
        (2,),
    ]
    assert ask(sales, "WITH sales AS (SELECT amount FROM sales) SELECT count(*) FROM sales") == [(3,)]
    counting = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT max(n) FROM r"
    assert ask(sales, counting) == [(4,)]


def test_an_answer_of_too_many_columns_is_refused(sales: DuckData) -> None:
    sql = f"SELECT {', '.join(['*'] * 1_700)} FROM sales"
    with pytest.raises(DataError, match="5,100 columns; at most 5,000"):
        ask(sales, sql)
    with pytest.raises(DataError, match="5,100 columns; at most 5,000"):
        sales.save_query(sql, "wide", 1, watch())


def test_an_answer_of_too_many_bytes_is_refused(sales: DuckData) -> None:
    cells = ", ".join(["repeat('x', 500)"] * 400)
    with pytest.raises(DataError, match="larger than 8 MB by row 40"):
        ask(sales, f"SELECT {cells} FROM range(1000)", 1_000)


def test_the_engines_reason_is_cut(sales: DuckData) -> None:
    with pytest.raises(DataError) as caught:
        ask(sales, "SELECT error(repeat('x', 1000000))")
    assert len(str(caught.value)) < 1_100


real_children = pytest.mark.usefixtures("real_children")
SMALL = ChildLimits(
    seconds=1.0, grace_s=0.3, memory_bytes=200 * 10**6, address_bytes=1500 * 10**6, file_bytes=200 * 10**6
)


@real_children
@pytest.mark.parametrize(
    "bomb",
    [
        "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range * b.range % 7 = 3",
        "WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT max(i) FROM t",
        "SELECT length(repeat('a', 2000000000) || i) FROM range(8) t(i)",
        "SELECT list(i || repeat('x', 1000)) FROM range(100000000) t(i)",
        "SELECT i, random() AS r FROM range(2000000000) t(i) ORDER BY r",
        "SELECT " + "(" * 9_000 + "1" + ")" * 9_000,
        "SELECT " + "-" * 1 + " -".join([""] * 9_000) + "1",
    ],
)
def test_a_bomb_ends_within_its_limits(sales: DuckData, tmp_path: Path, bomb: str) -> None:
    started = time.monotonic()
    folder = tmp_path / "home" / "data" / "user_ann"
    with pytest.raises(DataError):
        show_query(sales.all(), bomb, 5, folder, SMALL, watch())
    assert is_within(10, since=started)
    assert not list(folder.glob("run_*"))
    assert not living_queries()


@real_children
def test_a_long_value_meets_the_limit_of_memory(sales: DuckData, tmp_path: Path) -> None:
    limits = dataclasses.replace(SMALL, seconds=8.0)
    with pytest.raises(DataError, match="more memory"):
        show_query(sales.all(), "SELECT length(repeat('a', 1900000000) || 'b')", 5, tmp_path, limits, watch())


@real_children
def test_a_stopped_query_is_gone_within_a_second(sales: DuckData) -> None:
    sales._query_limits = dataclasses.replace(SMALL, seconds=300.0, threads=1)
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    with ended_after(1.5) as had_to_be_ended, pytest.raises(Cancelled):
        sales.query("SELECT count(*) FROM range(100000000000)", 5, Watch(stop, lambda sentence, fraction: None))
    assert not had_to_be_ended
    assert not living_queries()


@contextmanager
def ended_after(seconds: float) -> Iterator[list[psutil.Process]]:
    """After so many seconds end the queries that are still there, and tell them: a test need not wait for their end."""
    found: list[psutil.Process] = []
    is_over, limit = threading.Event(), Limit(seconds)

    def look() -> None:
        while not is_over.wait(0.05):
            if limit.is_over():
                found.extend(living_queries())
                for child in found:
                    child.kill()
                return

    looks = threading.Thread(target=look)
    looks.start()
    try:
        yield found
    finally:
        is_over.set()
        looks.join()


def test_a_query_that_fails_leaves_no_dataset(sales: DuckData, tmp_path: Path) -> None:
    before = stored_files(tmp_path / "home")
    with pytest.raises(DataError):
        sales.save_query("SELECT error('no') FROM sales", "bad", 1, watch())
    assert stored_files(tmp_path / "home") == before
    assert [dataset.name for dataset in sales.all()] == ["sales"]


def test_another_owners_table_is_no_table(sales: DuckData, tmp_path: Path) -> None:
    other = DuckData(sales._rows, "bob", tmp_path / "home", [tmp_path], sales._clock)
    with pytest.raises(DataError, match="no dataset 'sales'"):
        ask(other, "SELECT * FROM sales")


def test_a_dataset_whose_file_is_gone_is_named(sales: DuckData) -> None:
    sales.get("sales").path.unlink()
    with pytest.raises(DataError, match="stored table of 'sales' is gone"):
        ask(sales, "SELECT * FROM sales")


def test_the_limits_are_sane() -> None:
    limits = dataclasses.asdict(ChildLimits())
    assert all(math.isfinite(value) and value > 0 for value in limits.values())

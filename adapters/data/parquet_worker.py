"""The child process that opens a Parquet file: what it says of its own size is not believed.

`python -m adapters.data.parquet_worker` reads one request as JSON from stdin and writes one answer to stdout. A file of
600 bytes can hold two milliards of rows, or thousands of copies of one long text; the kernel's limits hold here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from adapters.data.base import DataError
from adapters.data.child_engine import answer_one_request
from adapters.data.connection import connect
from adapters.data.many_columns import Question, ask_each, check_width, column_types, columns_of
from adapters.data.missing_codes import name_missing_codes
from adapters.data.near_numbers import name_near_numbers
from adapters.data.reading import keep_source, quoted_path, reason
from adapters.data.text_dates import read_text_dates
from adapters.data.text_periods import name_periods


def run(request: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the rows of `file` as the table `data` of `part`; gives `{warnings}`.

    Raises
    ------
    DataError
        If the file is malformed, or unpacks to more than `limit` bytes.
    """
    file, name = quoted_path(request["file"]), Path(request["file"]).name
    with connect(request["part"]) as connection:
        for setting in ("memory_limit = '{memory_bytes}B'", "temp_directory = '{scratch}'", "threads = {threads}"):
            connection.execute(f"SET {setting.format(**request)}")
        try:
            leaves = connection.execute(f"SELECT count(*) FROM parquet_schema({file}) WHERE type IS NOT NULL")
            check_width(int(leaves.fetchall()[0][0]), repr(name))
            rows = connection.execute(f"SELECT sum(num_rows) FROM parquet_file_metadata({file})").fetchall()
            connection.execute(f"CREATE TEMP VIEW source AS SELECT * FROM read_parquet({file})")
            n_columns = len(column_types(connection, "source"))
            _check(int(rows[0][0] or 0) * n_columns, request["limit"])
            warnings = [*keep_source(connection), *read_text_dates(connection, None, says_all=True)]
            warnings += [*name_near_numbers(connection), *name_periods(connection), *name_missing_codes(connection)]
            _check(_n_text_bytes(connection), request["limit"])
        except (duckdb.OutOfMemoryException, MemoryError) as error:
            raise DataError(f"{name!r} needs more memory than it may take: it is not read") from error
        except duckdb.Error as error:
            raise DataError(f"{name!r} cannot be read: {reason(str(error))}") from error
    return {"warnings": list(map(asdict, warnings))}


def _n_text_bytes(connection: duckdb.DuckDBPyConnection) -> int:
    question = Question("SELECT c, count(*), sum(strlen(x)) FROM {} GROUP BY c".format)
    return sum(
        int(n_bytes) for _, n_bytes in ask_each(connection, columns_of(connection, "VARCHAR"), question).values()
    )


def _check(n_bytes: int, limit: int) -> None:
    if n_bytes > limit:
        raise DataError(f"the Parquet file unpacks to more than {limit / 2**20:.0f} MiB: it is not read")


if __name__ == "__main__":
    answer_one_request(run)

"""The table that the benches load: 20 numeric and 5 categorical columns, some of them missing."""

from __future__ import annotations

from pathlib import Path

import duckdb

BYTES_PER_ROW = 184


def write_csv(path: Path, n_bytes: int) -> None:
    """Write a CSV file of about that size, the same for the same size; nothing if one is there already."""
    if path.is_file() and abs(path.stat().st_size - n_bytes) < 0.1 * n_bytes:
        return
    n_rows = n_bytes // BYTES_PER_ROW
    numbers = [(f"x{k}", f"round({_uniform(k)} * 1000, 3)", 50, k) for k in range(14)]
    numbers += [(f"n{k}", f"hash(i, {k}) % 100000", 50, k) for k in range(14, 20)]
    texts = [(f"c{k}", f"'group_' || hash(i, {k}) % {k}", 80, k) for k in (3, 5, 24, 40, 200)]
    columns = [
        f"CASE WHEN hash(i, {k}, 1) % {one_in} = 0 THEN NULL ELSE {value} END AS {name}"
        for name, value, one_in, k in [*numbers, *texts]
    ]
    with duckdb.connect() as connection:
        select = f"SELECT {', '.join(columns)} FROM range({n_rows}) t(i)"
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT csv, HEADER)")


def write_wide_csv(path: Path, n_columns: int = 5_000, n_rows: int = 20) -> None:
    """Write a short CSV file of many columns: fractions, whole numbers, words, dates, truth values; once."""
    if path.is_file():
        return
    kinds = (
        "round({u} * 1000, 3)", "hash(i, {k}) % 50", "'group_' || hash(i, {k}) % 4",
        "DATE '2024-01-01' + (hash(i, {k}) % 300)::INTEGER", "hash(i, {k}) % 2 = 0",
    )  # fmt: skip
    values = (f"{kinds[k % len(kinds)].format(u=_uniform(k), k=k)} AS c{k}" for k in range(n_columns))
    with duckdb.connect() as connection:
        select = f"SELECT {', '.join(values)} FROM range({n_rows}) t(i)"
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT csv, HEADER)")


def _uniform(k: int) -> str:
    return f"(hash(i, {k} + 1000) % 1000000007) / 1000000007.0"

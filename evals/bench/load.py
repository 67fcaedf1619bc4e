"""Load and profile of a generated CSV beside DuckDB's typed scan, pandas and polars.

`python -m evals.bench.load [GB | wide]`. Each runs in a process of its own, so that its memory is its own.
The promise: at most 3.3 times DuckDB's scan. Of `wide`, 20 rows of 5,000 columns, it is 5 seconds.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl

from adapters.data.base import LoadOptions, Watch
from adapters.data.duck import DuckData
from adapters.store.database import open_sqlite
from adapters.store.datasets import DatasetTable
from evals.bench.table import write_csv, write_wide_csv
from evals.world.home import ROOT

PROMISE = 3.3
WIDE_PROMISE_S = 5.0


def scan(path: Path, folder: Path) -> int:
    """DuckDB's typed scan: types from its sample, every value read and summed or counted, nothing kept."""
    with duckdb.connect() as connection:
        source = f"read_csv('{path}')"
        described = connection.execute(
            f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {source})"
        ).fetchall()
        parts = [f"sum({name})" if kind in ("BIGINT", "DOUBLE") else f"count({name})" for name, kind in described]
        return int(connection.execute(f"SELECT count(*), {', '.join(parts)} FROM {source}").fetchall()[0][0])


def ours(path: Path, folder: Path) -> int:
    """load_dataset: types proven over every row, a native table kept, missing and distinct counted, a hash."""
    rows = DatasetTable(open_sqlite(folder / "statagent.db"))
    data = DuckData(rows, "bench", folder, [path.parent], lambda: datetime.now(UTC))
    watch = Watch(threading.Event(), lambda sentence, fraction: None)
    return data.load(str(path), "bench", LoadOptions(), watch).rows


def pandas(path: Path, folder: Path) -> int:
    """pandas: read_csv, then count and nunique of each column."""
    frame = pd.read_csv(path)
    frame.count()
    frame.nunique()
    return len(frame)


def polars(path: Path, folder: Path) -> int:
    """polars: read_csv, then null_count and n_unique of each column."""
    frame = pl.read_csv(path, infer_schema_length=None)
    frame.null_count()
    frame.select(pl.all().n_unique())
    return frame.height


CONTESTANTS: dict[str, Callable[[Path, Path], int]] = {"scan": scan, "ours": ours, "pandas": pandas, "polars": polars}


def measure(name: str, path: Path) -> dict[str, float]:
    """Seconds, the largest resident memory in GB, and the rows, of one contestant in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "evals.bench.load", "--one", name, str(path)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def one(name: str, path: Path) -> None:
    """Run one contestant here and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        open_sqlite(Path(folder) / "statagent.db").close()
        started = time.monotonic()
        n_rows = CONTESTANTS[name](path, Path(folder))
        seconds = time.monotonic() - started
    memory_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(json.dumps({"seconds": seconds, "memory_gb": memory_gb, "rows": n_rows}))  # noqa: T201 - the result


def main() -> None:
    """Print the table: of a GB by default; beyond 3 GB only the scan and ours."""
    folder = Path(tempfile.gettempdir()) / "statagent_bench"
    folder.mkdir(exist_ok=True)
    if sys.argv[1:] == ["wide"]:
        write_wide_csv(folder / "bench_wide.csv")
        ours_s, _ = compare(folder / "bench_wide.csv", list(CONTESTANTS))
        print(f"promise: {WIDE_PROMISE_S:g} s; {'kept' if ours_s <= WIDE_PROMISE_S else 'BROKEN'}")  # noqa: T201
        return
    n_gb = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    path = folder / f"bench_{n_gb:g}.csv"
    write_csv(path, int(n_gb * 1e9))
    _, ratio = compare(path, list(CONTESTANTS) if n_gb <= 3 else ["scan", "ours"])
    print(f"promise: at most {PROMISE} times the scan; {'kept' if ratio <= PROMISE else 'BROKEN'}")  # noqa: T201


def compare(path: Path, names: Sequence[str]) -> tuple[float, float]:
    """Print a line for each contestant; gives our seconds, and how many times the scan's they are."""
    found = {name: measure(name, path) for name in names}
    print("| | seconds | times the scan | memory, GB |\n|---|---|---|---|")  # noqa: T201 - the result
    for name, taken in found.items():
        ratio = taken["seconds"] / found["scan"]["seconds"]
        print(f"| {name} | {taken['seconds']:.1f} | {ratio:.2f} | {taken['memory_gb']:.2f} |")  # noqa: T201 - the result
    assert len({taken["rows"] for taken in found.values()}) == 1, "they disagree on the number of rows"
    return found["ours"]["seconds"], found["ours"]["seconds"] / found["scan"]["seconds"]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        main()

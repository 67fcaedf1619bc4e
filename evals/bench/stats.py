"""Statistics of a loaded dataset beside DuckDB, pandas, polars: `python -m evals.bench.stats [GB]`.

Each line is a process of its own, so that its memory is its own; what is timed is the work, not the start of Python.
The peers read the same rows from Parquet, ours and DuckDB's own functions from the loaded dataset's native table.
ydata-profiling, which would downgrade half of the environment, is run on a piece where STATAGENT_BENCH_YDATA names a
Python that has it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from evals.bench import stats_peers as peers
from evals.bench.stats_peers import NUMBERS, PIECE_ROWS, RANKED_ROWS, TAU_ROWS, Place, Work
from evals.bench.table import write_csv
from evals.world.home import ROOT


def ours(tool: str, of: Callable[[dict[str, Any]], float], **arguments: object) -> Callable[[Place], Work]:
    """A call of one of the tools; `of` picks the number that the contestants are compared by."""

    def prepare(place: Place) -> Work:
        session = place.session()
        text = json.dumps({"dataset": "bench", **arguments})
        session.call_tool(tool, json.dumps({"dataset": "bench", **arguments, "where": "_row < 1000"}), None)  # imports
        return lambda: of(dict(session.call_tool(tool, text, None).content))

    return prepare


def sd_of(result: dict[str, Any]) -> float:
    """The sd of x0 (in the group group_1, where there are groups)."""
    groups = {line.get("group"): line["sd"] for line in result["columns"] if line["column"] == "x0"}
    return float(groups[None if len(groups) == 1 else "group_1"])


def r_of(result: dict[str, Any]) -> float:
    """The correlation of x0 and x1."""
    return float(next(pair["r"] for pair in result["pairs"] if {pair["x"], pair["y"]} == {"x0", "x1"}))


FEW = NUMBERS[:5]
TASKS: dict[str, dict[str, Callable[[Place], Work]]] = {
    "describe of all 25 columns": {
        "typed scan of the CSV": peers.describe_scan,
        "ours": ours("describe", sd_of),
        "DuckDB's functions": peers.describe_duckdb,
        "pandas": peers.describe_pandas,
        "polars": peers.describe_polars,
    },
    "Pearson of 20 columns": {
        "ours": ours("correlate", r_of, columns=NUMBERS),
        "DuckDB's corr()": peers.pearson_duckdb,
        "pandas": peers.correlate_pandas("pearson", None, NUMBERS),
        "polars": peers.pearson_polars,
    },
    f"Spearman of 20 columns, {RANKED_ROWS:,} rows": {
        "ours": ours("correlate", r_of, columns=NUMBERS, method="spearman", where=f"_row < {RANKED_ROWS}"),
        "pandas": peers.correlate_pandas("spearman", RANKED_ROWS, NUMBERS),
    },
    f"Kendall of 5 columns, {TAU_ROWS:,} rows": {
        "ours": ours("correlate", r_of, columns=FEW, method="kendall", where=f"_row < {TAU_ROWS}"),
        "pandas": peers.correlate_pandas("kendall", TAU_ROWS, FEW),
    },
    "describe of 20 columns by 5 groups": {
        "ours": ours("describe", sd_of, columns=NUMBERS, by=peers.GROUP),
        "pandas": peers.by_group_pandas,
        "polars": peers.by_group_polars,
    },
    "outliers by fences, 20 columns": {
        "ours": ours(
            "find_outliers", lambda result: float(result["count"]), columns=NUMBERS, method="iqr", threshold=0.1
        ),
        "pandas": peers.outliers_pandas,
        "polars": peers.outliers_polars,
    },
}
if "STATAGENT_BENCH_YDATA" in os.environ:
    TASKS[f"profile of {PIECE_ROWS:,} rows"] = {
        "ours": ours("describe", sd_of, where=f"_row < {PIECE_ROWS}"),
        "ydata-profiling, minimal": peers.describe_ydata,
    }


def prepare(n_gb: float) -> Place:
    """Write the CSV, load it, write it as Parquet; nothing that is there already."""
    folder = Path(tempfile.gettempdir()) / "statagent_bench"
    folder.mkdir(exist_ok=True)
    place = Place(folder, folder / f"bench_{n_gb:g}.csv")
    write_csv(place.csv, int(n_gb * 1e9))
    if not place.home.is_dir():
        session = place.session()
        session.call_tool("load_dataset", json.dumps({"source": str(place.csv), "name": "bench"}), None)
        session.program.close()
    if not place.parquet.is_file():
        with duckdb.connect() as connection:
            connection.execute(f"COPY (FROM '{place.csv}') TO '{place.parquet}' (FORMAT parquet, COMPRESSION zstd)")
    return place


def one(task: str, name: str, place: Place) -> None:
    """Run one contestant here and print what it took."""
    work = TASKS[task][name](place)
    started = time.monotonic()
    number = work()
    seconds = time.monotonic() - started
    who = resource.RUSAGE_CHILDREN if name.startswith("ydata") else resource.RUSAGE_SELF
    memory_gb = resource.getrusage(who).ru_maxrss * 1024 / 1e9
    print(json.dumps({"seconds": seconds, "memory_gb": memory_gb, "number": number}))  # noqa: T201 - the result


def measure(task: str, name: str, n_gb: float) -> dict[str, float] | None:
    """Seconds, the largest resident memory and the number found, of a process of its own; None where it failed."""
    done = subprocess.run(
        [sys.executable, "-m", "evals.bench.stats", "--one", task, name, f"{n_gb:g}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        print(f"| {name} | failed: {done.stderr.strip().splitlines()[-1:]} | | |")  # noqa: T201 - the result
        return None
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print a table for each task."""
    n_gb = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    # In a process of its own: a child inherits the largest memory that its parent ever had.
    subprocess.run([sys.executable, "-m", "evals.bench.stats", "--prepare", f"{n_gb:g}"], cwd=ROOT, check=True)
    for task, contestants in TASKS.items():
        print(f"\n{task}:\n\n| | seconds | times ours | memory, GB |\n|---|---|---|---|", flush=True)  # noqa: T201
        found = {name: measure(task, name, n_gb) for name in contestants}
        mine = found["ours"]
        assert mine is not None, "ours failed"
        for name, taken in found.items():
            if taken is None:
                continue
            ratio = taken["seconds"] / mine["seconds"]
            print(f"| {name} | {taken['seconds']:.2f} | {ratio:.2f} | {taken['memory_gb']:.2f} |", flush=True)  # noqa: T201
            agrees = abs(taken["number"] - mine["number"]) <= 1e-6 * abs(mine["number"])
            assert agrees or name.startswith("typed scan"), f"{name} found {taken['number']}, ours {mine['number']}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        folder = Path(tempfile.gettempdir()) / "statagent_bench"
        one(sys.argv[2], sys.argv[3], Place(folder, folder / f"bench_{sys.argv[4]}.csv"))
    elif sys.argv[1:2] == ["--prepare"]:
        prepare(float(sys.argv[2]))
    else:
        main()

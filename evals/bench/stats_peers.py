"""The contestants of the bench of statistics: the same numbers by DuckDB's own functions, pandas, polars, ydata."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
import pandas as pd
import polars as pl

from evals.bench.load import scan
from evals.world.home import build_in
from runtime.session import Session

NUMBERS = [f"x{k}" for k in range(14)] + [f"n{k}" for k in range(14, 20)]
WORDS = [f"c{k}" for k in (3, 5, 24, 40, 200)]
GROUP = "c5"
RANKED_ROWS, TAU_ROWS, PIECE_ROWS = 500_000, 20_000, 500_000
QUARTERS = [0.25, 0.5, 0.75]


@dataclass(frozen=True)
class Place:
    """Where the data of one run lie: the CSV, its Parquet, and a home of statagent that has it loaded as `bench`."""

    folder: Path
    csv: Path

    @property
    def parquet(self) -> Path:
        """What the peers read."""
        return self.csv.with_suffix(".parquet")

    @property
    def home(self) -> Path:
        """Where statagent keeps the dataset."""
        return self.csv.with_suffix(".home")

    def session(self) -> Session:
        """The program whose dataset `bench` it is."""
        return build_in(self.home)

    def table(self) -> tuple[duckdb.DuckDBPyConnection, Session]:
        """DuckDB with the dataset's native table attached as `d.data`; the session keeps it from being cleaned away."""
        session = self.session()
        connection = duckdb.connect()
        connection.execute(f"ATTACH '{session.data.get('bench').path}' AS d (READ_ONLY)")
        return connection, session


Work = Callable[[], float]
"""What is timed; it gives a number by which the contestants are seen to agree."""


def describe_scan(place: Place) -> Work:
    """The limit: DuckDB's typed scan of the CSV."""
    return lambda: float(scan(place.csv, place.folder))


def describe_pandas(place: Place) -> Work:
    """The same numbers from pandas: moments, exact quartiles, counts of categories; no modes of the numbers."""

    def work() -> float:
        frame = pd.read_parquet(place.parquet)
        numbers = frame[NUMBERS]
        found: Any = numbers.describe()
        numbers.skew()
        numbers.kurt()
        numbers.isna().sum()
        for name in WORDS:
            frame[name].value_counts().head(10)
        return float(found.loc["std", "x0"])

    return work


def describe_polars(place: Place) -> Work:
    """The same numbers from polars, in one lazy query over the numbers and one for each category."""

    def work() -> float:
        frame = pl.read_parquet(place.parquet)
        every = pl.col(NUMBERS)
        parts = [every.count().name.suffix("_n"), every.mean().name.suffix("_mean"), every.std().name.suffix("_sd")]
        parts += [every.min().name.suffix("_min"), every.max().name.suffix("_max"), every.skew().name.suffix("_g")]
        parts += [every.kurtosis().name.suffix("_k")]
        parts += [every.quantile(share, "linear").name.suffix(f"_{share}") for share in QUARTERS]
        found = frame.lazy().select(parts).collect()
        for name in WORDS:
            frame[name].value_counts(sort=True).head(10)
        return float(found["x0_sd"][0])

    return work


def describe_duckdb(place: Place) -> Work:
    """DuckDB's own functions over the native table: quartiles exact, moments as it computes them."""
    connection, session = place.table()
    parts = [
        f"avg({c}), stddev_samp({c}), min({c}), max({c}), skewness({c}), kurtosis({c})" for c in NUMBERS
    ]  # fmt: skip

    def work() -> float:
        found = connection.execute(f"SELECT {', '.join(parts)} FROM d.data").fetchall()[0]
        for start in range(0, len(NUMBERS), 4):  # more at once do not fit into memory
            exact = ", ".join(f"quantile_cont({c}, {QUARTERS})" for c in NUMBERS[start : start + 4])
            connection.execute(f"SELECT {exact} FROM d.data").fetchall()
        for name in WORDS:
            connection.execute(
                f"SELECT {name}, count(*) AS k FROM d.data GROUP BY 1 ORDER BY k DESC LIMIT 10"
            ).fetchall()
        session.program.close()
        return float(found[1])

    return work


def pearson_duckdb(place: Place) -> Work:
    """corr() of each pair, in one query."""
    connection, session = place.table()
    pairs = [f"corr({a}, {b})" for place_, a in enumerate(NUMBERS) for b in NUMBERS[place_ + 1 :]]

    def work() -> float:
        found = connection.execute(f"SELECT {', '.join(pairs)} FROM d.data").fetchall()[0]
        session.program.close()
        return float(found[0])

    return work


def pearson_polars(place: Place) -> Work:
    """pl.corr of each pair: rows where one of the two is missing are left out, pair by pair."""

    def work() -> float:
        frame = pl.scan_parquet(place.parquet).select(NUMBERS).collect()
        pairs = [(a, b) for place_, a in enumerate(NUMBERS) for b in NUMBERS[place_ + 1 :]]
        both = [pl.col(a).is_not_null() & pl.col(b).is_not_null() for a, b in pairs]
        parts = [
            pl.corr(pl.col(a).filter(kept), pl.col(b).filter(kept)).alias(f"{a}:{b}")
            for (a, b), kept in zip(pairs, both, strict=True)
        ]
        return float(frame.lazy().select(parts).collect()["x0:x1"][0])

    return work


def correlate_pandas(
    method: Literal["pearson", "spearman", "kendall"], n_rows: int | None, columns: list[str]
) -> Callable[[Place], Work]:
    """DataFrame.corr: pairwise, like ours."""

    def prepare(place: Place) -> Work:
        def work() -> float:
            frame = pd.read_parquet(place.parquet, columns=columns)
            found: Any = frame[:n_rows].corr(method=method)
            return float(found.loc["x0", "x1"])

        return work

    return prepare


def by_group_pandas(place: Place) -> Work:
    """groupby: n, moments, quartiles."""

    def work() -> float:
        frame = pd.read_parquet(place.parquet, columns=[GROUP, *NUMBERS])
        groups = frame.groupby(GROUP, dropna=False)[NUMBERS]
        found: Any = groups.agg(["count", "mean", "std", "min", "max", "skew"])
        for share in QUARTERS:
            groups.quantile(share)
        return float(found.loc["group_1", ("x0", "std")])

    return work


def by_group_polars(place: Place) -> Work:
    """group_by: n, moments, quartiles."""

    def work() -> float:
        frame = pl.read_parquet(place.parquet, columns=[GROUP, *NUMBERS])
        every = pl.col(NUMBERS)
        parts = [every.count().name.suffix("_n"), every.mean().name.suffix("_mean"), every.std().name.suffix("_sd")]
        parts += [every.min().name.suffix("_min"), every.max().name.suffix("_max"), every.skew().name.suffix("_g")]
        parts += [every.kurtosis().name.suffix("_k")]
        parts += [every.quantile(share, "linear").name.suffix(f"_{share}") for share in QUARTERS]
        found = frame.lazy().group_by(GROUP).agg(parts).collect()
        return float(found.filter(pl.col(GROUP) == "group_1")["x0_sd"][0])

    return work


def outliers_pandas(place: Place) -> Work:
    """Tukey's fences of each column, and the rows outside."""

    def work() -> float:
        frame = pd.read_parquet(place.parquet, columns=NUMBERS)
        q1, q3 = frame.quantile(0.25), frame.quantile(0.75)
        reach = 0.1 * (q3 - q1)
        outside = (frame < q1 - reach) | (frame > q3 + reach)
        return float(outside.any(axis=1).sum())

    return work


def outliers_polars(place: Place) -> Work:
    """Tukey's fences of each column, and the rows outside."""

    def work() -> float:
        frame = pl.read_parquet(place.parquet, columns=NUMBERS)
        found = frame.select(
            [pl.col(NUMBERS).quantile(share, "linear").name.suffix(f"_{share}") for share in (0.25, 0.75)]
        )
        outside = []
        for name in NUMBERS:
            q1, q3 = float(found[f"{name}_0.25"][0]), float(found[f"{name}_0.75"][0])
            reach = 0.1 * (q3 - q1)
            outside.append((pl.col(name) < q1 - reach) | (pl.col(name) > q3 + reach))
        return float(frame.lazy().select(pl.any_horizontal(outside).sum()).collect().item())

    return work


def describe_ydata(place: Place) -> Work:
    """ydata-profiling's minimal report of a piece, by another Python."""
    python = os.environ["STATAGENT_BENCH_YDATA"]
    program = (
        "import sys, pandas as pd; from ydata_profiling import ProfileReport; "
        f"frame = pd.read_parquet(sys.argv[1])[:{PIECE_ROWS}]; "
        "ProfileReport(frame, minimal=True, progress_bar=False).get_description(); print(frame['x0'].std())"
    )

    def work() -> float:
        done = subprocess.run(
            [python, "-c", program, str(place.parquet)], capture_output=True, text=True, check=True
        )  # fmt: skip
        return float(done.stdout.split()[-1])

    return work

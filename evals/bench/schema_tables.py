"""What is known of public tables: the target of R's documented examples, the kinds of columns that people labelled.

Everything passes through the product's own loader first, which finds the types that the rules are given.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adapters.data.base import LoadOptions, Watch
from adapters.data.duck import DuckData
from adapters.records import Column, Dataset
from adapters.store.database import open_sqlite
from adapters.store.datasets import DatasetTable
from tools import ml
from tools.schema import facts_of

SHARED = Path(os.environ.get("STATAGENT_SCHEMA_TABLES", "../shared/data/schema"))
HELD_OUT_OF, AT_ONCE = 3, 500
"""One table in three is held out: those whose name's SHA-256 is divisible by it."""

# The task is read from the target: words and two values are classes, more numbers a quantity. These three are
# numbers that are classes or ordered grades: told from memory of R's documentation, which was not looked up.
CODED = {"DAAG__fossum", "ordinal__wine", "pscl__admit"}
MEANT: dict[str, tuple[ml.ColumnKind, ...]] = {
    "numeric": ("number",),
    "embedded-number": ("number",),
    "categorical": ("category", "ordinal"),
    "datetime": ("date",),
    "sentence": ("text",),
    "url": ("text",),
    "list": ("text",),
    "not-generalizable": ("id", "constant"),
}
"""SortingHat's labels as our kinds; its `context-specific` (704 columns) is what a person could not tell either."""


@dataclass(frozen=True)
class Table:
    """A table of R, with the target that its documented example models."""

    name: str
    columns: tuple[ml.ColumnFacts, ...]
    n_rows: int
    target: str
    problem: ml.Problem

    @property
    def package(self) -> str:
        """The package of R that it is from."""
        return self.name.partition("__")[0]

    @property
    def held_out(self) -> bool:
        """Whether no name and no share may be taken from it."""
        return is_held_out(self.name)


@dataclass(frozen=True)
class Labelled:
    """A column whose kind a person told; any of `meant` is right. `source` is the file that it stood in."""

    source: str
    facts: ml.ColumnFacts
    n_rows: int
    meant: tuple[ml.ColumnKind, ...]

    @property
    def held_out(self) -> bool:
        """Whether no constant may be taken from it; columns of one file are on one side."""
        return is_held_out(self.source)


def is_held_out(name: str) -> bool:
    """By the name alone, so that nobody chooses."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % HELD_OUT_OF == 0


def read_tables() -> list[Table]:
    """The 206 tables of R, loaded."""
    found: list[Table] = []
    with tempfile.TemporaryDirectory() as place:
        data = _loader(Path(place), SHARED / "csv")
        for entry in json.loads((SHARED / "targets.json").read_text()):
            name = f"{entry['package']}__{entry['item']}"
            dataset = _load(data, SHARED / "csv" / f"{name}.csv", f"t{len(found)}")
            columns = tuple(facts_of(column) for column in dataset.columns if column.name != "rownames")
            target = next(column for column in columns if column.name == entry["target"])
            found.append(Table(name, columns, dataset.rows, target.name, _problem(name, target)))
    return found


def _problem(name: str, target: ml.ColumnFacts) -> ml.Problem:
    if target.distinct == 2:
        return "binary"
    return "multiclass" if name in CODED or target.type in ("text", "boolean") else "regression"


def read_labelled() -> list[Labelled]:
    """SortingHat's columns; their types are what the loader finds in the five values that are kept of each."""
    with (SHARED / "sortinghat" / "data_train.csv").open(newline="", encoding="latin-1") as file:
        rows = [row for row in csv.DictReader(file) if row["y_act"] in MEANT]
    found: list[Labelled] = []
    with tempfile.TemporaryDirectory() as kept, tempfile.TemporaryDirectory() as place:
        data = _loader(Path(kept), Path(place))
        for part in range(0, len(rows), AT_ONCE):
            some = rows[part : part + AT_ONCE]
            path = Path(place) / f"p{part}.csv"
            _write_samples(path, some)
            columns = {column.name: column for column in _load(data, path, path.stem).columns}
            found += [_labelled(row, columns[f"c{k}"]) for k, row in enumerate(some)]
    return found


def _write_samples(path: Path, rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"c{place}" for place in range(len(rows))])
        for k in range(1, 6):
            writer.writerow([row[f"sample_{k}"] for row in rows])


def _labelled(row: dict[str, str], column: Column) -> Labelled:
    counts = (int(float(row[name])) for name in ("num_nans", "num_of_dist_val", "total_vals"))
    missing, distinct, n_rows = counts
    fractions = any(float(row[name] or 0) % 1 for name in ("min_val", "max_val"))
    kind = "number" if column.type == "integer" and fractions else column.type
    facts = ml.ColumnFacts(row["Attribute_name"], kind, missing, distinct)
    return Labelled(f"sortinghat-{row['Record_id']}", facts, n_rows, MEANT[row["y_act"]])


def _loader(folder: Path, root: Path) -> DuckData:
    rows = DatasetTable(open_sqlite(folder / "statagent.db"))
    return DuckData(rows, "bench", folder, [root.resolve()], lambda: datetime.now(UTC))


def _load(data: DuckData, path: Path, name: str) -> Dataset:
    watch = Watch(threading.Event(), lambda sentence, fraction: None)
    return data.load(str(path.resolve()), name, LoadOptions(), watch)

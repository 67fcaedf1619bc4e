"""Datasets on DuckDB: each file becomes one native table in the owner's folder, opened read-only ever after."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from adapters.data.base import Cancelled, DataError, DatasetRows, LoadOptions, QueryResult, Watch
from adapters.data.column_profile import profile
from adapters.data.query import QueryLimits, keep_query, show_query
from adapters.data.reading import read_into_data
from adapters.data.sources import resolve_source
from adapters.data.table import DuckTable, attach, open_table
from adapters.data.unpacking import table_name, unpacked
from adapters.names import name_choices
from adapters.records import Column, Dataset


class DuckData:
    """One owner's datasets; keeps `adapters.data.base.Data`."""

    def __init__(
        self,
        rows: DatasetRows,
        owner_id: str,
        home: Path,
        roots: Sequence[Path],
        clock: Callable[[], datetime],
        limits: QueryLimits | None = None,
    ) -> None:
        self._rows = rows
        self._owner_id = owner_id
        self._home = home
        self._folder = home / "data" / f"user_{owner_id}"
        self._roots = roots
        self._clock = clock
        self._limits = limits or QueryLimits()

    def load(self, source: str, name: str | None, options: LoadOptions, watch: Watch) -> Dataset:
        """Load a CSV or Parquet file from a local path inside the allowed roots."""
        path = resolve_source(source, self._roots, self._home)
        label = _label(name) if name is not None else _label(table_name(path), "data")
        with self._part() as part:
            with (
                unpacked(path, self._folder, watch) as file,
                duckdb.connect(str(part)) as connection,
                _stoppable(connection, watch),
            ):
                warnings = read_into_data(connection, file, options, self._folder)
                found = profile(connection)
            return self._add(part, label, found, warnings, str(path), _sha256(path))

    def all(self) -> tuple[Dataset, ...]:
        """The owner's datasets, newest first."""
        return self._rows.datasets(self._owner_id)

    def get(self, name: str) -> Dataset:
        """The dataset of that name; DataError with the nearest names if there is none."""
        by_name = {dataset.name: dataset for dataset in self.all()}
        if name in by_name:
            return by_name[name]
        choices = name_choices(name, by_name) if by_name else "nothing is loaded yet: use load_dataset"
        raise DataError(f"no dataset {name!r}; {choices}")

    def open(self, name: str, where: str | None = None) -> AbstractContextManager[DuckTable]:
        """Open a dataset for reading, filtered by `where`."""
        return open_table(self.get(name), where)

    def query(self, sql: str, limit: int, watch: Watch) -> QueryResult:
        """The first `limit` rows of one SELECT over the owner's datasets."""
        return show_query(self.all(), sql, limit, self._folder, self._limits, watch)

    def save_query(self, sql: str, name: str, watch: Watch) -> Dataset:
        """All rows of one SELECT as a new dataset."""
        label = _label(name)
        with self._part() as part:
            warnings = keep_query(self.all(), sql, part, self._limits, watch)
            with duckdb.connect(str(part)) as connection, _stoppable(connection, watch):
                found = profile(connection)
            return self._add(part, label, found, warnings, f"query: {sql}", _sha256(part))

    def export(self, name: str, path: Path) -> None:
        """The dataset as a Parquet file, in the file's row order."""
        quoted = str(path).replace("'", "''")
        with duckdb.connect() as connection:
            attach(connection, self.get(name).path)
            connection.execute(f"COPY (SELECT * FROM stored.data ORDER BY rowid) TO '{quoted}' (FORMAT parquet)")

    @contextmanager
    def _part(self) -> Iterator[Path]:
        """The file that a new dataset is written into; nothing of it is left unless `_add` took it over."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self._folder / f"{secrets.token_hex(8)}.part"
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)
            part.with_name(part.name + ".wal").unlink(missing_ok=True)

    def _add(
        self,
        part: Path,
        label: str,
        found: tuple[int, tuple[Column, ...]],
        warnings: Sequence[str],
        source: str,
        sha256: str,
    ) -> Dataset:
        """The finished file as a dataset of that name; the one that had the name before is gone."""
        stored = part.with_suffix(".duckdb")
        part.replace(stored)
        dataset = Dataset(
            dataset_id=stored.stem,
            owner_id=self._owner_id,
            name=label,
            path=stored,
            rows=found[0],
            columns=found[1],
            source=source,
            sha256=sha256,
            size_bytes=stored.stat().st_size,
            warnings=tuple(warnings),
            created_at=self._clock(),
        )
        for replaced in self._rows.add_dataset(dataset):
            replaced.path.unlink(missing_ok=True)
        return dataset


def _label(name: str, default: str = "") -> str:
    label = re.sub(r"\W+", "_", name).strip("_")[:64] or default
    if not label:
        raise DataError(f"{name!r} cannot name a dataset: use letters, digits and _")
    return label


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _stoppable(connection: duckdb.DuckDBPyConnection, watch: Watch) -> Iterator[None]:
    """Interrupt the connection as soon as the user stops."""
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.1):
            if watch.cancel.is_set():
                connection.interrupt()

    looker = threading.Thread(target=look, daemon=True)
    looker.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise Cancelled("stopped; nothing was loaded") from error
    finally:
        done.set()
        looker.join()

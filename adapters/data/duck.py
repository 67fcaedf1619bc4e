"""Datasets on DuckDB: each file becomes one native table in the owner's folder, opened read-only ever after."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from adapters.data.alike_names import say_alike_columns, say_alike_dataset
from adapters.data.base import (
    Cancelled,
    DataError,
    DatasetRows,
    LoadOptions,
    QueryResult,
    RemoteRules,
    SavedQuery,
    StepDone,
    Transformed,
    Watch,
    quote_identifier,
    quote_string,
)
from adapters.data.child import ChildLimits, ask_child, table_files
from adapters.data.column_profile import Profile, profile
from adapters.data.connection import connect
from adapters.data.disk_room import DiskRules, check_room, used_bytes
from adapters.data.holdings import Holding, find_holdings, remove_holding
from adapters.data.load_options import readable
from adapters.data.load_warns import LoadWarns
from adapters.data.parquet import is_parquet, keep_parquet
from adapters.data.query import keep_query, show_query
from adapters.data.quote_marks import find_quote_marks
from adapters.data.reading import Readout, estimate_rows, read_into_data
from adapters.data.sources import Sources
from adapters.data.stopping import stoppable
from adapters.data.table import OpenDuckTable, attach, open_table
from adapters.data.total_row import find_total_row
from adapters.data.unpacking import table_name, unpacked
from adapters.data.workplace import PREFIX, workplace
from adapters.names import name_choices
from adapters.records import Added, Dataset, Json, JsonValue
from adapters.records.warned import Warned, read_warned

if TYPE_CHECKING:
    from adapters.data.steps.models import Step

LOAD_MEMORY = "1GB"
SMALL_BYTES = 2**20
HASH_BYTES = 1 << 22
LOOKS = 5


@dataclass(frozen=True)
class Origin:
    """Where rows came from: a file, or a recipe over other datasets; `sha256` tells one content from another."""

    source: str
    sha256: str
    recipe: Json | None = None


class DuckData:
    """One owner's datasets; keeps `adapters.data.base.Data`."""

    def __init__(
        self,
        rows: DatasetRows,
        owner_id: str,
        home: Path,
        roots: Sequence[Path],
        clock: Callable[[], datetime],
        remote: RemoteRules | None = None,
        query_limits: ChildLimits | None = None,
        transform_limits: ChildLimits | None = None,
        disk: DiskRules | None = None,
    ) -> None:
        self._rows = rows
        self._owner_id = owner_id
        self._conversation_id: str | None = None
        self._folder = home / "data" / f"user_{owner_id}"
        self._sources = Sources(self._folder, roots, home, remote or RemoteRules(), disk or DiskRules())
        self._disk = disk or DiskRules()
        self._clock = clock
        self._query_limits = query_limits or ChildLimits()
        self._transform_limits = transform_limits or ChildLimits(seconds=600.0, memory_bytes=2 * 10**9)

    def seen_by(self, conversation_id: str) -> DuckData:
        """These datasets as a conversation sees them: a name stands for what it stood for when it was first used."""
        view = copy.copy(self)
        view._conversation_id = conversation_id
        return view

    def load(self, source: str, name: str | None, options: LoadOptions, watch: Watch) -> Dataset:
        """Load a file from a path inside the allowed roots, an address, or an upload."""
        with (
            self._sources.open(source, watch) as source_file,
            self._part() as part,
            _hashed(source_file.path, watch) as sha256,
        ):
            path = source_file.path
            label = _label(name) if name is not None else _label(table_name(path), "data")
            with (
                unpacked(path, part.parent, watch) as document,
                readable(document, options, part.parent, watch) as (file, notes),
            ):
                found, told = _read(file, part, options, watch)
            alike = say_alike_columns([column.name for column in found.columns])
            warned = [*notes, *told, *alike]
            origin = Origin(source_file.shown, sha256.result())
            return self._add(part, label, found, warned, origin)

    def receive(
        self, name: str, chunks: Iterable[bytes], watch: Watch, size_bytes: int = 0, key: str | None = None
    ) -> str:
        """Keep a file that a front end was sent; gives the source that `load` takes."""
        return self._sources.receive(name, chunks, watch, size_bytes, key)

    def upload(self, source: str) -> Path:
        """The file that a front end was sent, by its source; DataError where there is none."""
        return self._sources.upload(source)

    def all(self) -> tuple[Dataset, ...]:
        """The owner's datasets, newest first."""
        return self._rows.datasets(self._owner_id, self._conversation_id)

    def get(self, name: str) -> Dataset:
        """The dataset of that name, which the conversation has seen from now on.

        Raises
        ------
        DataError
            With the nearest names, if there is none.
        """
        for _ in range(LOOKS):
            by_name = {dataset.name: dataset for dataset in self.all()}
            if name not in by_name:
                choices = name_choices(name, by_name) if by_name else "nothing is loaded yet: use load_dataset"
                raise DataError(f"no dataset {name!r}; {choices}")
            # Another conversation may have given the name away in this very moment: look again.
            if self._conversation_id is None or self._rows.see(by_name[name], self._conversation_id):
                return by_name[name]
        raise DataError(f"{name!r} is being loaded anew by others at this moment; try again")

    def holdings(self) -> list[Holding]:
        """What the owner's data take on the disk, the largest first."""
        return find_holdings(self._rows.versions(self._owner_id), self._folder)

    def used_bytes(self) -> int:
        """What they take together."""
        return used_bytes(self._folder)

    def check_room(self, coming_bytes: int) -> None:
        """DataError unless so many bytes more of the owner's fit, and leave enough of the disk free."""
        check_room(self._folder, self._disk, coming_bytes)

    def remove(self, name: str) -> Holding:
        """Remove the dataset of that name or key in all its versions with its upload, or the upload."""
        held = {key: holding for holding in self.holdings() for key in (holding.key, holding.name)}
        if name not in held:
            there = name_choices(name, [holding.name for holding in held.values()]) if held else "nothing is kept"
            raise DataError(f"nothing of yours is called {name!r}, or it was removed already; {there}")
        in_use = self._rows.in_use(self._owner_id)
        needed_by = [in_use[one] for one in held[name].dataset_ids if one in in_use]
        if needed_by:
            raise DataError(f"{held[name].name!r} is needed by {needed_by[0]}, which runs: cancel it, or wait for it")
        remove_holding(held[name], self._folder, lambda ids: self._rows.forget(self._owner_id, ids))
        return held[name]

    def version(self, dataset_id: str) -> Dataset | None:
        """The dataset of that id, also where its name stands for another one now; None if it is gone."""
        return self._rows.dataset(self._owner_id, dataset_id)

    def open(
        self, name: str, where: str | None = None, watch: Watch | None = None, is_lean: bool = False
    ) -> AbstractContextManager[OpenDuckTable]:
        """Open a dataset for reading, filtered by `where`."""
        return open_table(self.get(name), where, watch, is_lean, self._query_limits)

    def open_version(self, dataset: Dataset) -> AbstractContextManager[OpenDuckTable]:
        """Open this very dataset for streaming."""
        return open_table(dataset, None, None, True, self._query_limits)

    def query(self, sql: str, limit: int, watch: Watch) -> QueryResult:
        """The first `limit` rows of one SELECT over the owner's datasets."""
        self._named_in(sql)
        return show_query(self.all(), sql, limit, self._folder, self._query_limits, watch)

    def save_query(self, sql: str, name: str, limit: int, watch: Watch) -> SavedQuery:
        """All rows of one SELECT as a new dataset, and the first `limit`."""
        label = _label(name)
        with self._part() as part:
            inputs = self._named_in(sql)
            warned, shown = keep_query(self.all(), sql, limit, part, self._query_limits, watch)
            with _connected(part) as connection, _stoppable(connection, watch):
                found = profile(connection)
            origin = _made_by({"kind": "query", "sql": sql}, inputs)
            return SavedQuery(self._add(part, label, found, warned, origin), shown)

    def transform(self, name: str, steps: Sequence[Step], save_as: str, watch: Watch) -> Transformed:
        """A new dataset: the dataset of that name after the steps, in their order."""
        dataset, label = self.get(name), _label(save_as)
        if label == dataset.name:
            raise DataError(f"save_as: {label!r} is the dataset itself, which stays as it is; choose another name")
        joined = {step.dataset for step in steps if step.op == "join"}
        inputs = [dataset, *(self.get(other) for other in sorted(joined - {dataset.name}))]
        listed: list[JsonValue] = [step.model_dump(exclude_none=True) for step in steps]
        with self._part() as part:
            request = {"dataset": dataset.name, "tables": table_files(inputs), "steps": listed, "part": str(part)}
            answer = ask_child("transform_worker", request, part.parent, self._transform_limits, watch)
            with _connected(part) as connection, _stoppable(connection, watch):
                found = profile(connection)
            recipe: dict[str, JsonValue] = {"kind": "transform", "dataset": dataset.name, "steps": listed}
            warned = list(map(read_warned, answer["warnings"]))
            made = self._add(part, label, found, warned, _made_by(recipe, inputs))
        return Transformed(made, tuple(StepDone(**done) for done in answer["changed"]))

    def export(self, dataset: Dataset, path: Path, columns: Sequence[str] | None = None) -> None:
        """The dataset, or these columns of it, as a Parquet file in its order; DataError if it cannot be written."""
        chosen = "*" if columns is None else ", ".join(map(quote_identifier, columns))
        with connect() as connection:
            attach(connection, dataset.path)
            try:
                rows = f"SELECT {chosen} FROM stored.data ORDER BY rowid"
                connection.execute(f"COPY ({rows}) TO {quote_string(str(path))} (FORMAT parquet)")
            except duckdb.IOException as error:
                raise DataError(f"{dataset.name!r} cannot be written to {str(path)!r}: {error}") from error

    def _named_in(self, sql: str) -> list[Dataset]:
        """The datasets whose names the SQL holds."""
        return [self.get(dataset.name) for dataset in self.all() if dataset.name.lower() in sql.lower()]

    @contextmanager
    def _part(self) -> Iterator[Path]:
        """The file that a new dataset is written into; nothing of it is left unless `_add` took it over."""
        check_room(self._folder, self._disk)
        with workplace(self._folder) as place:
            yield place / f"{place.name.removeprefix(PREFIX)}.part"

    def _add(
        self,
        part: Path,
        label: str,
        found: Profile,
        warned: Sequence[Warned],
        origin: Origin,
    ) -> Dataset:
        """The finished file as a dataset of that name; conversations that have seen another one under it keep that."""
        warned = [*warned, *say_alike_dataset(label, [other.name for other in self.all()])]
        # With what was written meanwhile.
        check_room(self._folder, self._disk)
        stored = self._folder / f"{part.stem}.duckdb"
        part.replace(stored)
        try:
            added = self._add_row(stored, label, found, warned, origin)
        except BaseException:
            # On a full disk, say: what no row names would take room for ever.
            stored.unlink(missing_ok=True)
            raise
        if added.dataset.path != stored:
            stored.unlink()
        for gone in added.gone:
            gone.path.unlink(missing_ok=True)
        if added.earlier is None:
            return added.dataset
        return replace(added.dataset, warned=(*added.dataset.warned, _renamed(added.earlier)))

    def _add_row(self, stored: Path, label: str, found: Profile, warned: Sequence[Warned], origin: Origin) -> Added:
        dataset = Dataset(
            dataset_id=stored.stem,
            owner_id=self._owner_id,
            name=label,
            path=stored,
            rows=found.rows,
            columns=found.columns,
            source=origin.source,
            sha256=origin.sha256,
            size_bytes=stored.stat().st_size,
            warned=(*warned, *found.warnings),
            created_at=self._clock(),
            recipe=origin.recipe,
        )
        return self._rows.add_dataset(dataset, self._conversation_id)


NO_PART_OF_A_NAME = re.compile("[\\W\u115f\u1160\u3164\uffa0]+")
"""What is neither letter nor digit, and the letters that are drawn as nothing."""


def _label(name: str, default: str = "") -> str:
    label = NO_PART_OF_A_NAME.sub("_", name).strip("_")[:64] or default
    if not label:
        raise DataError(f"{name!r} cannot name a dataset: use letters, digits and _")
    return label


def _renamed(earlier: Dataset) -> Warned:
    return LoadWarns.NAME_TAKEN_OVER(name=earlier.name, n_rows=earlier.rows, source=earlier.source)


def _made_by(recipe: dict[str, JsonValue], inputs: Sequence[Dataset]) -> Origin:
    """The recipe with the contents that it starts from is the content: the same makes the same again."""
    whole: Json = {**recipe, "inputs": [{"dataset": dataset.name, "sha256": dataset.sha256} for dataset in inputs]}
    text = json.dumps(whole, sort_keys=True)
    names = ", ".join(dataset.name for dataset in inputs)
    return Origin(f"{recipe['kind']} of {names}", hashlib.sha256(text.encode()).hexdigest(), whole)


@contextmanager
def _hashed(path: Path, watch: Watch) -> Iterator[Future[str]]:
    """The file's SHA-256, computed beside the reading."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool.submit(_sha256, path, watch)


def _sha256(path: Path, watch: Watch) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(HASH_BYTES):
            digest.update(chunk)
            if watch.cancel.is_set():
                raise Cancelled("stopped; nothing was loaded")
    return digest.hexdigest()


def _read(file: Path, part: Path, options: LoadOptions, watch: Watch) -> tuple[Profile, list[Warned]]:
    """Read the file into `part`; what is in it, and the warnings."""
    kept = Readout(tuple(keep_parquet(file, part, watch))) if is_parquet(file) else None
    is_small = kept is None and file.stat().st_size <= SMALL_BYTES
    # One connection for both: an engine's start takes as long as a small file.
    with _connected(part, is_small) as connection:
        if kept is None:
            with _stoppable(connection, watch, estimate_rows(file)):
                kept = read_into_data(connection, file, options, part.parent, watch.cancel)
        with _stoppable(connection, watch):
            found = profile(connection, kept.descriptions)
            seen = [*find_total_row(connection, found.rows), *find_quote_marks(connection)]
    return found, [*kept.warnings, *seen]


def _connected(part: Path, is_small: bool = False) -> duckdb.DuckDBPyConnection:
    """The file that a dataset is written into, with bounded memory."""
    # Threads that wait for each other take longer than a small table does.
    threads = {"threads": "1"} if is_small else {}
    return connect(str(part), config={"memory_limit": LOAD_MEMORY, **threads})


def _stoppable(
    connection: duckdb.DuckDBPyConnection, watch: Watch, about_rows: int = 0
) -> AbstractContextManager[None]:
    """The work is interrupted as soon as the user stops.

    Parameters
    ----------
    about_rows : int
        How many rows are to be expected: with it, progress is told in rows and rows a second.
    """

    def tell(fraction: float, seconds: float) -> None:
        if about_rows and 0 < fraction < 1:
            n_rows = int(about_rows * fraction)
            watch.progress(f"about {n_rows:,} of {about_rows:,} rows read, {n_rows / seconds:,.0f} a second", fraction)

    return stoppable(connection, watch, "stopped; nothing was loaded", tell)

"""What killed runs left in the home is removed when the program starts; nothing of a run that lives, or elsewhere."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

from adapters.compute.base import Backend
from adapters.data.workplace import Swept, remove, sweep, sweep_workplaces
from adapters.files import read_json, write_json
from adapters.store.database import Database
from adapters.store.datasets import DatasetTable
from adapters.store.jobs import JobTable
from adapters.store.models import ModelTable
from runtime.settings import Settings

MARK = "database.json"
OLD_S = 3600.0
"""A half written result is replaced within seconds; one that is an hour old is nobody's."""


def sweep_home(settings: Settings, database: Database, backend: Backend) -> Swept:
    """Remove what died runs left; gives how much.

    Finished files that no row names are removed only where the rows are those of this home: with another database, or
    an empty one beside a home that is full, they are somebody's.
    """
    home, datasets, models, jobs = settings.home, DatasetTable(database), ModelTable(database), JobTable(database)
    is_theirs = _is_of_this_home(settings, datasets, models)
    swept = Swept()
    for folder in _folders(home / "data"):
        swept += sweep(folder, datasets.paths) if is_theirs else sweep_workplaces(folder)
    for folder in _folders(home / "models"):
        swept += sweep_workplaces(folder)
        swept += _sweep_models(folder, models, jobs) if is_theirs else Swept()
    swept += _sweep_jobs(home / "jobs", jobs, backend) if is_theirs else Swept()
    for pattern in ("artifacts/*/*.part", "jobs/*/*.part", "jobs/*/claim.json.*", "secret.key.*", ".doctor"):
        for path in home.glob(pattern):
            if not path.is_symlink() and time.time() - path.stat().st_mtime > OLD_S:
                swept += remove(path)
    return swept


def swept_sentence(swept: Swept) -> str:
    """What a person is told of it."""
    return f"removed what killed runs had left: {swept.n:,} files and folders, {swept.size_bytes / 10**6:,.1f} MB"


def _folders(parent: Path) -> list[Path]:
    return [path for path in parent.glob("user_*") if path.is_dir() and not path.is_symlink()]


def _sweep_models(folder: Path, models: ModelTable, jobs: JobTable) -> Swept:
    """Models that no row names; not while a job is open, whose model may be about to get its row."""
    there = [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    if jobs.open_keys():
        return Swept()
    named, swept = models.paths(), Swept()
    for path in there:
        if path not in named and not path.name.startswith("run_"):
            swept += remove(path)
    return swept


def _sweep_jobs(folder: Path, jobs: JobTable, backend: Backend) -> Swept:
    """Input and output of jobs that are closed and whose worker is gone; the log and the result stay."""
    there = {path.parent for pattern in ("*/table.*", "*/out") for path in folder.glob(pattern)}
    if not there:
        return Swept()
    at_work, swept = jobs.open_keys() | set(backend.running()), Swept()
    for place in there:
        if place.name not in at_work and not place.is_symlink():
            for path in (*place.glob("table.*"), *place.glob("out")):
                swept += remove(path)
    return swept


def _is_of_this_home(settings: Settings, datasets: DatasetTable, models: ModelTable) -> bool:
    """Whether the home's files are named by the rows of this database: `database.json` says of which one they are."""
    mark, url = settings.home / MARK, settings.database_url
    address = None if url is None else urlsplit(url.get_secret_value())
    # The server and the database on it; never the password.
    ours = "sqlite" if address is None else f"{address.hostname}:{address.port or 5432}{address.path}"
    if not mark.exists():
        files = [*settings.home.glob("data/user_*/*.duckdb"), *settings.home.glob("models/user_*/*/model.sig")]
        if files and not datasets.paths() and not models.paths():
            return False
        write_json(mark, {"database": ours})
    return read_json(mark) == {"database": ours}

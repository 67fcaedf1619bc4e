"""What killed runs left in the home is removed when the program starts; nothing of a run that lives, or elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from adapters.compute.base import Backend
from adapters.data.workplace import Swept, remove, sweep, sweep_workplaces, unnamed
from adapters.store.database import Database
from adapters.store.datasets import DatasetTable
from adapters.store.jobs import JobTable
from adapters.store.models import ModelTable
from runtime.settings import Settings

OLD_S = 3600.0
"""A half written result is replaced within seconds; one that is an hour old is nobody's."""


def sweep_home(settings: Settings, database: Database, backends: Iterable[Backend]) -> Swept:
    """Remove what died runs left; gives how much.

    Removed is what bears the mark of a run that died. A finished dataset or model is never removed because the database
    does not know it: the database may be the one that is wrong.
    """
    home, datasets, jobs = settings.home, DatasetTable(database), JobTable(database)
    swept = Swept()
    for folder in _folders(home / "data"):
        swept += sweep(folder, datasets.paths)
    for folder in (*_folders(home / "models"), *_folders(home / "artifacts")):
        swept += sweep_workplaces(folder)
    swept += _sweep_jobs(home / "jobs", jobs, backends)
    for pattern in ("artifacts/*/*.part", "jobs/*/*.part", "jobs/*/claim.json.*", "secret.key.*", ".doctor"):
        for path in home.glob(pattern):
            if not path.is_symlink() and time.time() - path.stat().st_mtime > OLD_S:
                swept += remove(path)
    return swept


def unnamed_sentence(settings: Settings, database: Database) -> str | None:
    """How much of the home's finished datasets and models this database does not know; None where it knows all."""
    named, models = DatasetTable(database).paths(), ModelTable(database).paths()
    files = [path for folder in _folders(settings.home / "data") for path in unnamed(folder, named)]
    files += [file.parent for file in settings.home.glob("models/user_*/*/model.sig") if file.parent not in models]
    if not files:
        return None
    n_bytes = sum(one.stat().st_size for path in files for one in (path, *path.glob("*")) if one.is_file())
    kept = f"{len(files):,} datasets and models, {n_bytes / 10**6:,.1f} MB, are in no row of the database and are kept"
    return f"{kept}: was it lost, or an earlier one put back? The first is {files[0]}"


def swept_sentence(swept: Swept) -> str:
    """What a person is told of it."""
    left = f"{swept.n:,} files and folders, {swept.size_bytes / 10**6:,.1f} MB"
    return f"removed what stopped or killed work had left half done: {left}"


def _folders(parent: Path) -> list[Path]:
    return [path for path in parent.glob("user_*") if path.is_dir() and not path.is_symlink()]


def _sweep_jobs(folder: Path, jobs: JobTable, backends: Iterable[Backend]) -> Swept:
    """Input and output of jobs that are closed and whose worker is gone; the log and the result stay."""
    there = {path.parent for pattern in ("*/table.*", "*/out") for path in folder.glob(pattern)}
    if not there:
        return Swept()
    # What runs elsewhere has nothing in this folder.
    running = {key for backend in backends if backend.is_own for key in backend.running()}
    done, swept = jobs.closed_keys() - running, Swept()
    for place in there:
        if place.name in done and not place.is_symlink():
            for path in (*place.glob("table.*"), *place.glob("out")):
                swept += remove(path)
    return swept

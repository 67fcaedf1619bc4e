"""The files that a job's machine reads: the table, and to predict the very model that was quoted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from adapters.compute.base import Staged
from adapters.compute.worker_files import TABLE
from adapters.records import JobSpec, Model, PredictionSpec, TrainingSpec
from tools.errors import ToolError
from tools.jobs.means import Means


def files_of(means: Means, job: JobSpec) -> Staged:
    """What is to be staged, by name; of a prediction's table only the columns that the model needs leave this machine.

    Raises
    ------
    ToolError
        If the dataset or the model is no longer the one that was quoted.
    """
    table, work = means.dataset(job), job.work
    if isinstance(work, TrainingSpec):
        return {TABLE: lambda path: means.data.export(table, path)}
    model = quoted_model(means, work)
    files: dict[str, Callable[[Path], object]] = {
        name: partial(_copy, model.path / name, sha256) for name, sha256 in work.files.items()
    }
    return {TABLE: lambda path: means.data.export(table, path, work.features), **files}


def quoted_model(means: Means, work: PredictionSpec, is_paid: bool = False) -> Model:
    """The model of a prediction's quote; ToolError where it is deleted or another one by now.

    What it has said and is paid for, a model that was deleted meanwhile has said too.
    """
    model = means.models.of_job(work.model_id)
    if model is not None and model.deleted_at is not None and not is_paid:
        model = None
    if model is None or means.models.hashes(model) != work.files:
        raise ToolError(f"{work.model_id} was deleted or changed since the quote; ask for a new quote")
    return model


def _copy(source: Path, sha256: str, path: Path) -> None:
    content = source.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ToolError(f"{source.parent.name} was changed since the quote; ask for a new quote")
    path.write_bytes(content)

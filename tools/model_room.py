"""How much of the disk one owner's models may take, and which ones take it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from adapters.data.workplace import workplace
from adapters.records import Model
from tools.errors import ToolError

MOST_BYTES = 20 * 2**30
N_LARGEST = 3


def size_bytes(model: Model) -> int:
    """What the model's files take; 0 where they are gone."""
    total = 0
    for path in model.path.glob("*"):
        # It may be removed meanwhile.
        with contextlib.suppress(FileNotFoundError):
            total += path.lstat().st_size
    return total


def check_room(models: Sequence[Model], most_bytes: int) -> None:
    """ToolError where the models take all that they may; what is trained already is kept whatever its size."""
    sizes = {model.model_id: size_bytes(model) for model in models}
    used = sum(sizes.values())
    if used < most_bytes:
        return
    largest = sorted(models, key=lambda model: sizes[model.model_id], reverse=True)[:N_LARGEST]
    named = ", ".join(f"{model.name or model.model_id} ({mib(sizes[model.model_id])})" for model in largest)
    raise ToolError(
        f"your models take {mib(used)} of the {mib(most_bytes)} that they may (max_models_bytes), so no other is "
        f"trained: delete one first; the largest: {named}"
    )


def make_room(models: Sequence[Model], deleted: Sequence[Model], coming_bytes: int, most_bytes: int) -> None:
    """Remove for good the files of deleted models, the one deleted first before the others, until so much more fits."""
    used = sum(map(size_bytes, (*models, *deleted))) + coming_bytes
    for model in sorted(deleted, key=lambda model: str(model.deleted_at)):
        if used <= most_bytes:
            return
        used -= size_bytes(model)
        remove_files(model)


def remove_files(model: Model) -> None:
    """Remove the model's folder, whole or not at all: a killed run's rest is swept at the next start."""
    with workplace(model.path.parent) as place, contextlib.suppress(FileNotFoundError):
        model.path.rename(place / model.path.name)


def mib(n_bytes: int) -> str:
    """A size as it is told."""
    return f"{n_bytes / 2**20:,.1f} MiB"

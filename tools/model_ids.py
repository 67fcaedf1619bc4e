"""What a model is called: `model_<user>_<type>_<yyyymmdd_hhmmss>`, and which version of which model a name means."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import count

from adapters.names import name_choices
from adapters.records import Job, Model
from tools.errors import ToolError
from tools.ml import JOB_MODELS

LONGEST_OWNER = 16
"""Of a longer one the beginning stands in the id, and a part of its hash: ids have at most 64 characters."""
VERSION = re.compile(r"(.+?)(?::| v| version )(\d{1,9})")
"""prices:2, prices v2."""
LONGEST_NAME = 64
NAME = re.compile(rf"[^\W_](?:[\w .-]{{0,{LONGEST_NAME - 2}}}[\w.])?")


def ids_for(job: Job) -> Iterator[str]:
    """The ids that the job's model may get, the first that is free: of the second (UTC) that the job was begun in.

    They hang on the job alone, so a model that is taken over once more, after a crash, finds itself.
    """
    owner = job.owner_id
    if len(owner) > LONGEST_OWNER:
        owner = f"{owner[: LONGEST_OWNER - 7]}_{hashlib.sha256(owner.encode()).hexdigest()[:6]}"
    first = f"model_{owner}_{job.spec.training.model}_{job.created_at:%Y%m%d_%H%M%S}"
    yield first
    for number in count(2):
        yield f"{first}_{number}"


def is_version(first: Model, second: Model) -> bool:
    """Whether both are versions of one model: of the same type, for the same target."""
    return (first.owner_id, first.type, first.target) == (second.owner_id, second.type, second.target)


def find_model(name: str, models: Sequence[Model]) -> Model | None:
    """Of the models, newest first, that of this id, else the newest of this name, type or target; None without one.

    `prices:2` is version 2 of what `prices` means.
    """
    for attribute in ("model_id", "name", "type", "target"):
        found = next((model for model in models if getattr(model, attribute) == name), None)
        if found is not None:
            return found
    is_of_version = VERSION.fullmatch(name)
    if is_of_version is None:
        return None
    newest = find_model(is_of_version[1], models)
    version = int(is_of_version[2])
    return next(
        (model for model in models if newest and is_version(model, newest) and model.version == version),
        None,
    )


def no_model(name: str, models: Sequence[Model]) -> ToolError:
    """The sentence for a name that means none of them."""
    if not models:
        return ToolError("there is no trained model yet: use estimate_cost, then launch_training")
    return ToolError(f"no model {name[:80]!r}; {name_choices(name, known_names(models))}")


def known_names(models: Sequence[Model]) -> list[str]:
    """The names that owners gave, and all ids."""
    return list(dict.fromkeys(known for model in models for known in (model.name, model.model_id) if known))


def check_name(name: str, model: Model, models: Sequence[Model]) -> None:
    """Whether the model, one of these, may be called so.

    Raises
    ------
    ToolError
        If it is no name, is read as a version, or means another model already, be it by its id, type or target.
    """
    if NAME.fullmatch(name) is None:
        raise ToolError(
            f"{name[:80]!r} is no name for a model: {LONGEST_NAME} letters, digits, blanks, _ . and - at most"
        )
    is_of_version = VERSION.fullmatch(name)
    if is_of_version is not None:
        raise ToolError(f"{name!r} means version {is_of_version[2]} of {is_of_version[1]!r}: take another name")
    if name.casefold() in {known.name for known in JOB_MODELS}:
        raise ToolError(f"{name!r} is a type of model: take another name")
    for other in models:
        meant = (other.model_id, *(() if is_version(other, model) else (other.name or "", other.target)))
        if name.casefold() in {known.casefold() for known in meant}:
            raise ToolError(f"{name!r} means {other.model_id} already: take another name")

"""A plan as a file: its steps, what refers to earlier steps, and the addresses that it wants to fetch from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from adapters.data.sources import is_remote
from adapters.json_text import parse_json
from adapters.opening import OpenError, read_plain
from runtime.export.plan import REFERENCE, SOURCE, VERSION

MOST_BYTES = 16 * 2**20
OPENS = "${"
"""How a reference begins."""


class PlanError(Exception):
    """The file is no plan, or a step refers to what is not there or must not be referred to."""


def read_plan(path: Path) -> list[dict[str, Any]]:
    """The steps of the plan in the file.

    Raises
    ------
    PlanError
        If it is none, or if a source or an address in it does not stand there literally; in one sentence.
    """
    try:
        loaded: Any = parse_json(read_plain(Path(os.path.realpath(path)), MOST_BYTES))
    except (OSError, OpenError, ValueError) as error:
        raise PlanError(f"{str(path)!r} is no plan: {error}") from error
    is_ours = isinstance(loaded, dict) and loaded.get("plan") is not True and loaded.get("plan") == VERSION
    if not is_ours or not isinstance(loaded.get("steps"), list):
        raise PlanError(f"{str(path)!r} is no plan of version {VERSION}")
    for number, step in enumerate(loaded["steps"]):
        if not isinstance(step, dict) or set(step) != {"tool", "arguments"} or not isinstance(step["arguments"], dict):
            raise PlanError(f"{str(path)!r}: step {number} needs a tool and its arguments")
        for key, text in _texts(step["arguments"]):
            # A query's answer would choose what is read, or carry data out in the address.
            if OPENS in text and _is_source(key, text):
                raise PlanError(f"step {number}: {key} {text[:80]!r} is put together: a source stands literally")
    steps: list[dict[str, Any]] = loaded["steps"]
    return steps


def addresses_of(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every address that stands in the plan, wherever, each once."""
    texts = [text.strip() for step in steps for _, text in _texts(step["arguments"])]
    return list(dict.fromkeys(text for text in texts if is_remote(text)))


def fill(value: Any, results: list[Any]) -> Any:
    """The arguments with each `${step.way}` replaced by what that step gave there."""
    if isinstance(value, Mapping):
        return {key: fill(item, results) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, results) for item in value]
    found = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    try:
        given: Any = results[int(found[1])]
        for part in found[2].split("."):
            given = given[int(part)] if isinstance(given, list) else given[part]
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise PlanError(f"{value} refers to nothing") from error
    return given


def _is_source(key: str, text: str) -> bool:
    return key.casefold() == SOURCE or "://" in text or text.lstrip().startswith("//")


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """(key, text) for every text of the arguments, at any depth; a list's and a source's stand under its key."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(item, key if key.casefold() == SOURCE else str(name))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)

"""Files that are whole or not there at all."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from adapters.json_text import parse_json
from adapters.opening import read_own
from adapters.records import JsonValue

MOST_BYTES = 64 * 2**20
"""Of one JSON file of the home: far more than a job's request or result has."""


def write_json(path: Path, value: JsonValue) -> None:
    """Write JSON so that a reader, or a crash, never meets half of it."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(value, file, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read_json(path: Path) -> dict[str, JsonValue] | None:
    """The JSON object in the file, or None when the file is not there; OpenError if it is a link or no plain file."""
    try:
        value = parse_json(read_own(path, MOST_BYTES))
    except FileNotFoundError:
        return None
    if not isinstance(value, dict):
        raise ValueError(f"{path} holds no JSON object")
    return value

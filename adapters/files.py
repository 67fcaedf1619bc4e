"""Files that are whole or not there at all."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from adapters.records import JsonValue


def write_json(path: Path, value: JsonValue) -> None:
    """Write JSON so that a reader, or a crash, never meets half of it."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(value, file, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read_json(path: Path) -> dict[str, JsonValue] | None:
    """The JSON object in the file, or None when the file is not there."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if not isinstance(value, dict):
        raise ValueError(f"{path} holds no JSON object")
    return value

"""A call as a person types it at the prompt or in a chat: `/describe dataset=penguins columns=price,area`."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from adapters.records import JsonValue


def as_typed(tool: str, arguments: Mapping[str, JsonValue]) -> str:
    """The tool's command with these arguments; of `query` the SQL stands alone."""
    if "sql" in arguments:
        return f"/{tool} {arguments['sql']}"
    return " ".join([f"/{tool}", *(f"{name}={_word(value)}" for name, value in arguments.items())])


def _word(value: JsonValue) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return shlex.quote(",".join(map(str, value)))
    return shlex.quote(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))

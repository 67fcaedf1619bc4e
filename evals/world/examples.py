"""Each tool's own example, put to another table: a new tool is tried wherever all tools are, and listed nowhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tools.spec import Tool


def example_on(tool: Tool, words: Mapping[str, str]) -> dict[str, Any]:
    """The example with its words replaced: dataset, columns and ids of the penguins by those of the other table.

    A name alone is replaced as it is; in SQL the new one is quoted.
    """
    replaced = _replaced(dict(tool.example), words)
    assert isinstance(replaced, dict)
    return replaced


def _replaced(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(part, words) for key, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, words) for part in value]
    if not isinstance(value, str) or value in words:
        return words.get(value, value)
    pattern = "|".join(rf"\b{re.escape(word)}\b" for word in words)
    return re.sub(pattern, lambda found: '"' + words[found[0]].replace('"', '""') + '"', value)

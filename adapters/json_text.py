"""JSON that somebody else wrote: read, or refused in one sentence."""

from __future__ import annotations

import json
import sys

from adapters.records import JsonValue

MOST_DEEP = 100
"""Lists and objects in one another: no plan, call or file of ours has a tenth of it."""


def parse_json(text: str | bytes) -> JsonValue:
    """The value.

    Raises
    ------
    ValueError
        If it is no JSON (with the place), nests deeper than 100, or holds a whole number of more digits than Python
        reads.
    """
    try:
        value: JsonValue = json.loads(text)
    except RecursionError as error:
        raise ValueError(f"it nests deeper than {MOST_DEEP}") from error
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError as error:
        raise ValueError(f"it holds a number of more than {sys.get_int_max_str_digits():,} digits") from error
    if _is_deep(value):
        raise ValueError(f"it nests deeper than {MOST_DEEP}")
    return value


def _is_deep(value: JsonValue) -> bool:
    level = [value]
    for _ in range(MOST_DEEP):
        level = [
            inner
            for outer in level
            if isinstance(outer, list | dict)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, list | dict)
        ]
        if not level:
            return False
    return True

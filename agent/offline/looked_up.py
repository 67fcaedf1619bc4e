"""Of which column is a word a value? One query answers it for all columns of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapters.data.base import quote_identifier, quote_string
from adapters.records import JsonValue
from agent.offline.memory import Step
from agent.offline.table import KnownTable
from tools.query.result import Selection

MOST_FOUND = 100


def look_up(words: Iterable[str], table: KnownTable) -> tuple[str, dict[str, JsonValue]] | None:
    """The query that finds each word, in the singular too, as a whole value; None where no column holds text."""
    columns = [column for column, kind in table.kinds.items() if kind.type == "text"]
    if not columns:
        return None
    pairs = ", ".join(f"({quote_string(word)}, {quote_string(form)})" for word in words for form in _forms(word))
    parts = [
        f"SELECT word, {quote_string(column)} AS column, {quote_identifier(column)} AS value "  # noqa: S608 - query locks the engine
        f"FROM {quote_identifier(str(table.dataset))}, words WHERE lower({quote_identifier(column)}) = form"
        for column in columns
    ]
    found = " UNION ALL ".join(parts)
    sql = f"WITH words(word, form) AS (VALUES {pairs}) SELECT DISTINCT * FROM ({found}) ORDER BY ALL"  # noqa: S608 - as above
    return "query", {"sql": sql, "limit": MOST_FOUND}


def is_look(arguments: Mapping[str, JsonValue]) -> bool:
    """Whether a call's arguments are those of `look_up`."""
    return str(arguments.get("sql", "")).startswith("WITH words(word, form) AS")


def values_found(step: Step) -> dict[str, list[tuple[str, str]]]:
    """Each word with the (column, value) pairs that it can mean."""
    found: dict[str, list[tuple[str, str]]] = {}
    for word, column, value in Selection.model_validate(step.result).rows:
        found.setdefault(str(word), []).append((str(column), str(value)))
    return found


def _forms(word: str) -> list[str]:
    low = word.lower()
    return [low, low[:-1]] if low.endswith("s") and len(low) > 2 else [low]

"""Which words were taken for a column whose name says more: what was guessed is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.model.offline.naming import UNITS, names_at
from adapters.model.offline.reader import Reader
from adapters.model.offline.table import quoted_name
from adapters.records import JsonValue


def say_taken(reader: Reader, arguments: JsonValue) -> list[str]:
    """A sentence for each column of a call that the person named in part, such as `price` for SalePrice."""
    named = {column for text in _texts(arguments) for column in reader.table.kinds if _holds(text, column)}
    spoken = _spoken(reader)
    return [
        f"I took '{spoken[column]}' for the column {column}."
        for column in reader.table.kinds
        if column in named and column in spoken
    ]


def _spoken(reader: Reader) -> dict[str, str]:
    """Each column that is named in part and nowhere as a whole, with the words."""
    words, whole = dict[str, str](), set[str]()
    for place in range(len(reader.tokens)):
        for found in names_at(reader.tokens, place, reader.table.words):
            run = reader.tokens[place : found.end]
            own = reader.table.words[found.column]
            if found.is_whole or _lacks_a_unit([token.text for token in run], own):
                whole.add(found.column)
            else:
                words.setdefault(found.column, reader.text[run[0].start : run[-1].end])
    return {column: said for column, said in words.items() if column not in whole}


def _lacks_a_unit(spoken: Sequence[str], own: Sequence[str]) -> bool:
    return len(spoken) == len(own) - 1 and own[-1] in UNITS


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _holds(text: str, column: str) -> bool:
    """Whether a text of a call is the column, or SQL that names it."""
    return text == column or quoted_name(column) in text

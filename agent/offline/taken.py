"""Which words were taken for a column whose name says more, or for groups: what was guessed is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.data.base import quote_identifier
from adapters.records import JsonValue
from agent.offline.naming import UNITS, names_at
from agent.offline.reader import Match, Reader


def say_taken(reader: Reader, arguments: JsonValue) -> list[str]:
    """A sentence for each column of a call that the person named in part, such as `price` for SalePrice.

    And one for each number behind `per`: what was meant may be a ratio, and groups were made.
    """
    named = {column for text in _texts(arguments) for column in reader.table.kinds if _holds(text, column)}
    spoken, per = _spoken(reader), _behind_per(reader)
    in_part = [
        f"I took '{spoken[column]}' for the column {column}."
        for column in reader.table.kinds
        if column in named and column in spoken
    ]
    in_groups = [
        f"I took '{per[column]}' for groups, one for each value of the column {column}, and divided nothing by it; for "
        f"a ratio, derive a column first (`transform`)."
        for column in reader.table.kinds
        if column in named and column in per and reader.table.is_number(column)
    ]
    return [*in_part, *in_groups]


def _behind_per(reader: Reader) -> dict[str, str]:
    """Each column that is named behind `per`, with these words."""
    return {
        found.column: reader.text[token.start : reader.tokens[found.end - 1].end]
        for place, token in enumerate(reader.tokens)
        if token.kind == "word" and token.text == "per"
        for start in reader.skipping(Match(place + 1))
        for found in names_at(reader.tokens, start.end, reader.table.words)
    }


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
    return text == column or quote_identifier(column) in text

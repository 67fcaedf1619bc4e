"""How each kind of slot is read: columns, numbers, files, names, groups of values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from adapters.data.base import quote_identifier, quote_string
from adapters.records import JsonValue
from agent.offline.conditions import (
    ANY_COMPARISON,
    is_one_of,
    read_condition,
    read_since,
    read_values,
    read_year,
    read_years,
)
from agent.offline.model_slots import read_cells, read_kept_model, read_settings, read_several_models, read_title
from agent.offline.reader import ARTICLES, UNLIKELY, Found, Match, Reader

MOST_COLUMNS = 60
WAYS_OF_FILLING = frozenset(
    "interpolation regression random knn model prediction neighbor neighbors next nearest imputation zero zeros".split()
)
AND = "[,] and|,|plus|as well as"
SIGNS = {"plus": "+", "minus": "-", "times": "*", "divided": "/", "over": "/", **dict(zip("+-*/", "+-*/", strict=True))}


def _any_column(reader: Reader, column: str) -> bool:
    return True


def _one(fits: Callable[[Reader, str], bool]) -> Callable[[Reader, int], Iterator[Found]]:
    def read(reader: Reader, place: int) -> Iterator[Found]:
        yield from (found for found in reader.column(place) if fits(reader, found[0]))

    return read


def _several(fits: Callable[[Reader, str], bool], least: int = 1) -> Callable[[Reader, int], Iterator[Found]]:
    def read(reader: Reader, place: int) -> Iterator[Found]:
        for columns, end, cost in _lists(reader, place, fits):
            if len(columns) >= least and len(set(columns)) == len(columns):
                yield list(columns), end, cost

    return read


def _lists(
    reader: Reader, place: int, fits: Callable[[Reader, str], bool], n_left: int = MOST_COLUMNS
) -> Iterator[tuple[tuple[str, ...], int, int]]:
    for start in reader.skipping(Match(place)):
        for column, end, cost in reader.column(start.end):
            if not fits(reader, column):
                continue
            yield (column,), end, start.cost + cost
            for link in reader.fits(f"({AND})", Match(end)) if n_left > 1 else ():
                for rest, last, more in _lists(reader, link.end, fits, n_left - 1):
                    yield (column, *rest), last, start.cost + cost + more


def _named(reader: Reader, place: int) -> Iterator[Found]:
    """Columns whose names are no words of the language: where no word before says that a column comes."""
    yield from (found for found in SLOTS["cols"](reader, place) if found[2] < UNLIKELY)


def _all_but(reader: Reader, place: int) -> Iterator[Found]:
    """Every column, or every one but some."""
    every = [*reader.table.kinds]
    for match in reader.fits(
        "(everything|all [other] columns|every [other] column|all [other] variables)", Match(place)
    ):
        yield list(every), match.end, match.cost
        yield from _without(reader, match, every)


def _all_numbers(reader: Reader, place: int) -> Iterator[Found]:
    every = [column for column in reader.table.kinds if reader.table.is_number(column)]
    for match in reader.fits(
        "(all|every|each) (numeric|numerical|number) (column|columns|variable|variables)", Match(place)
    ):
        yield list(every), match.end, match.cost
        yield from _without(reader, match, every)


def _without(reader: Reader, all_of_them: Match, every: Sequence[str]) -> Iterator[Found]:
    for but in reader.fits("[,] (except|except for|but|but not|other than|apart from|without|excluding)", all_of_them):
        for columns, end, cost in _lists(reader, but.end, lambda _, column: column in every):
            left = [column for column in every if column not in columns]
            if left:
                yield list(left), end, but.cost + cost


def _sort_keys(reader: Reader, place: int) -> Iterator[Found]:
    """Columns to sort by, in an order or none; one behind several without any may be meant of all or of the last."""
    for keys, end, cost in _keys(reader, place):
        has_order = ["descending" in key for key in keys]
        if len(keys) > 1 and has_order == sorted(has_order, reverse=True):
            given: list[JsonValue] = [{"descending": False, **key} for key in keys]
            yield given, end, cost


def _keys(reader: Reader, place: int) -> Iterator[tuple[list[dict[str, JsonValue]], int, int]]:
    for start in reader.skipping(Match(place)):
        for column, at, cost in reader.column(start.end):
            plain: dict[str, JsonValue] = {"column": column}
            ways = [(plain, at), *(({**plain, "descending": d}, end) for d, end, _ in reader.read("order", at))]
            for key, end in ways if at < len(reader.tokens) else [(plain, at)]:
                yield [key], end, start.cost + cost
                for link in reader.fits("[,] ([and] then|and|,) [by]", Match(end)):
                    for rest, last, more in _keys(reader, link.end):
                        yield [key, *rest], last, start.cost + cost + more


def _measures(reader: Reader, place: int) -> Iterator[Found]:
    """What aggregate makes: a function of each column."""
    for function, at, _ in reader.read("aggregate", place):
        for start in (match for of in reader.fits("[of]", Match(at)) for match in reader.skipping(of)):
            for column, end, cost in reader.column(start.end):
                made: dict[str, JsonValue] = {"column": column, "function": function, "into": f"{function}_{column}"}
                yield [made], end, start.cost + cost
                for link in reader.fits("[,] and|,", Match(end)):
                    for rest, last, more in _measures(reader, link.end):
                        assert isinstance(rest, list)  # noqa: S101 - ours
                        yield [made, *rest], last, start.cost + cost + more


def _share(reader: Reader, place: int) -> Iterator[Found]:
    """A share of the rows: 30 %, or 0.3."""
    for value, end, _ in _number(reader, place):
        assert isinstance(value, int | float)  # noqa: S101 - a number
        if any(True for _ in reader.fits("%", Match(end))):
            yield value / 100, end + 1, 0
        elif value < 1:
            yield value, end, 0


def _arithmetic(reader: Reader, place: int) -> Iterator[Found]:
    """Two columns of numbers, or one and a number, and more, with + - * / between, as SQL."""
    for first, at, cost in _operand(reader, place):
        for link in reader.fits("(+|plus|-|minus|*|times|/|divided by|over)", Match(at)):
            sign = SIGNS[reader.tokens[at].text]
            for rest, end, more in (*_operand(reader, link.end), *_arithmetic(reader, link.end)):
                # Brackets are no tokens: what stands in them would be computed in another order.
                said = reader.text[reader.tokens[place].start :]
                if ('"' in first or '"' in str(rest)) and not {"(", ")"} & set(said):
                    yield f"{first} {sign} {rest}", end, cost + more


def _operand(reader: Reader, place: int) -> Iterator[tuple[str, int, int]]:
    if place >= len(reader.tokens):
        return
    yield from ((str(value), end, cost) for value, end, cost in _number(reader, place))
    for column, end, cost in reader.column(place):
        if reader.table.is_number(column):
            yield quote_identifier(column), end, cost


def _plain_word(reader: Reader, place: int) -> Iterator[Found]:
    """A word to fill in: in quotes, or one that means nothing to the planner and names no way of filling."""
    token = reader.tokens[place]
    is_plain = token.kind == "word" and token.text not in reader.language and token.text not in WAYS_OF_FILLING
    if token.kind == "quoted" or is_plain:
        yield reader.text[token.start : token.end] if token.kind == "word" else token.text, place + 1, 0


def _statistics(reader: Reader, place: int) -> Iterator[Found]:
    """Each statistic with its words: what it is of, and whether it stands only in the detailed description."""
    for of, end, cost in reader.read("statistic", place):
        words = [
            reader.text[token.start : token.end] for token in reader.tokens[place:end] if token.text not in ARTICLES
        ]
        one: JsonValue = {"of": of, "words": " ".join(words)}
        yield [one], end, cost
        for link in reader.fits(f"({AND})", Match(end)):
            for more, last, rest in _statistics(reader, link.end):
                assert isinstance(more, list)  # noqa: S101 - ours
                yield [one, *more], last, cost + rest


def _number(reader: Reader, place: int) -> Iterator[Found]:
    token = reader.tokens[place]
    if token.kind == "number":
        value = float(token.text)
        yield int(value) if value.is_integer() and "." not in token.text else value, place + 1, 0


def _numbers(reader: Reader, place: int) -> Iterator[Found]:
    """Two numbers and more."""
    for first, at, _ in _number(reader, place):
        for link in reader.fits("(,|or|and|, or|, and)", Match(at)):
            if link.end >= len(reader.tokens):
                continue
            for second, end, _ in _number(reader, link.end):
                yield [first, second], end, 0
            for rest, end, _ in _numbers(reader, link.end):
                assert isinstance(rest, list)  # noqa: S101 - ours
                yield [first, *rest], end, 0


def _whole(reader: Reader, place: int) -> Iterator[Found]:
    yield from (
        (value, end, cost) for value, end, cost in _number(reader, place) if isinstance(value, int) and value > 0
    )


def _rank(reader: Reader, place: int) -> Iterator[Found]:
    token = reader.tokens[place]
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)", token.text)
    if found and int(found.group(1)) > 0:
        yield int(found.group(1)), place + 1, 0


def _file(reader: Reader, place: int) -> Iterator[Found]:
    if reader.tokens[place].kind == "file":
        yield reader.tokens[place].text, place + 1, 0


def _dataset(reader: Reader, place: int) -> Iterator[Found]:
    token = reader.tokens[place]
    for name in reader.table.datasets:
        if token.text == name and token.kind in ("quoted", "word"):
            yield name, place + 1, 0
        elif reader.text[token.start :].lower().startswith(name.lower()):
            end = next((at for at, t in enumerate(reader.tokens) if t.end == token.start + len(name)), None)
            if end is not None and not (end + 1 < len(reader.tokens) and reader.tokens[end + 1].is_joined):
                yield name, end + 1, 0


def _job(reader: Reader, place: int) -> Iterator[Found]:
    token = reader.tokens[place]
    found = re.match(r"job_\w+", reader.text[token.start :])
    if found is not None:
        end = next(at for at, t in enumerate(reader.tokens) if t.end >= token.start + found.end())
        yield found.group(), end + 1, 0


def _new_name(reader: Reader, place: int) -> Iterator[Found]:
    """A name that the person makes up, as it is written."""
    token = reader.tokens[place]
    if token.kind in ("word", "quoted", "number"):
        end = place + 1
        while end < len(reader.tokens) and reader.tokens[end].is_joined:
            end += 1
        text = token.text if token.kind == "quoted" else reader.text[token.start : reader.tokens[end - 1].end]
        yield text, end, 0


def _character(reader: Reader, place: int) -> Iterator[Found]:
    named = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
    text = reader.tokens[place].text
    if text in (";", "|", ",") or text in named:
        yield named.get(text, text), place + 1, 0


def _groups(reader: Reader, place: int) -> Iterator[Found]:
    """Two or more values of one column: {"group": column, "groups": values}."""
    for column, values, end, cost in read_values(reader, place, ANY_COMPARISON):
        if len(values) > 1:
            pair: dict[str, JsonValue] = {"group": column, "groups": list(values)}
            yield pair, end, cost


def _values_as_sql(reader: Reader, place: int) -> Iterator[Found]:
    """Values of one column, as the condition that it has one of them."""
    for column, values, end, cost in read_values(reader, place):
        yield is_one_of(column, values), end, cost


def _other_values(reader: Reader, place: int) -> Iterator[Found]:
    """Values of one column, as the condition that it is known and has none of them: as `is not` is read."""
    for column, values, end, cost in read_values(reader, place):
        yield f"{quote_identifier(column)} NOT IN ({', '.join(map(quote_string, values))})", end, cost


def _spelled(reader: Reader, place: int) -> Iterator[Found]:
    """A column as it is spelled: `count islands` asks for something else than `count island`."""
    for column, end, cost in reader.column(place):
        is_exact = [token.text for token in reader.tokens[place:end]] == reader.table.words[column]
        if is_exact and reader.table.kinds[column].type != "number":
            yield [column], end, cost


SLOTS: Mapping[str, Callable[[Reader, int], Iterator[Found]]] = {
    "col": _one(_any_column),
    "cols": _several(_any_column),
    "number": _one(lambda reader, column: reader.table.is_number(column)),
    "measure": _one(lambda reader, column: reader.table.is_number(column) and not reader.table.is_category(column)),
    "numbers": _several(lambda reader, column: reader.table.is_number(column)),
    "numbers2": _several(lambda reader, column: reader.table.is_number(column), least=2),
    "numbers3": _several(lambda reader, column: reader.table.is_number(column), least=3),
    "category": _one(lambda reader, column: reader.table.is_category(column)),
    "text": _one(lambda reader, column: not reader.table.is_number(column)),
    "texts": _several(lambda reader, column: reader.table.kinds[column].type == "text"),
    "allbut": _all_but,
    "allnumbers": _all_numbers,
    "sortkeys": _sort_keys,
    "measures": _measures,
    "share": _share,
    "word": _plain_word,
    "arithmetic": _arithmetic,
    "named": _named,
    "groupings": _several(lambda reader, column: reader.table.kinds[column].type != "number"),
    "repeating": _several(lambda reader, column: reader.table.kinds[column].repeats),
    "statistics": _statistics,
    "num": _number,
    "whole": _whole,
    "rank": _rank,
    "file": _file,
    "data": _dataset,
    "job": _job,
    "kept": read_kept_model,
    "severalmodels": read_several_models,
    "title": read_title,
    "settings": read_settings,
    "cells": read_cells,
    "name": _new_name,
    "character": _character,
    "groups": _groups,
    "condition": read_condition,
    "values": _values_as_sql,
    "othervalues": _other_values,
    "spelled": _spelled,
    "kindsof": _one(
        lambda reader, column: reader.table.kinds[column].type == "text" and reader.table.kinds[column].distinct > 2
    ),
    "years": read_years,
    "nums": _numbers,
    "year": read_year,
    "sinceyear": read_since,
}
"""How a slot of each kind is read; those of CHOICES are read from there."""

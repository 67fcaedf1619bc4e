"""What is said of models: which one is meant, its new name, its settings, the values of a row to predict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from adapters.records import JsonValue
from agent.offline.reader import ARTICLES, POLITE, Found, Match, Reader
from tools.ml import JOB_MODELS

MOST_TITLE_WORDS = 4
NO_TITLE = frozenset("to as into and or then but , ; model models it after before when if".split())
"""What says that more is asked for than a name."""
ALSO_CALLED = {
    "trees": "n_estimators",
    "neighbors": "n_neighbors",
    "neighbours": "n_neighbors",
    "k": "n_neighbors",
    "depth": "max_depth",
}
BEFORE_THE_NAME = frozenset(["trees", "neighbors", "neighbours"])
"""300 trees: the number stands first."""
LINK = "(and|,|, and|with)"
TRUTH = {"yes": True, "no": False, "true": True, "false": False}


def read_kept_model(reader: Reader, place: int) -> Iterator[Found]:
    """A model's id, its name as far as the conversation knows it, or a name in quotes."""
    token = reader.tokens[place]
    if token.kind == "quoted":
        yield token.text, place + 1, 0
    found = re.match(r"model_\w+|\w+_[0-9a-f]{6}\b", reader.text[token.start :])
    names = [found.group()] if found is not None else []
    rest = reader.text[token.start :].casefold()
    names += [name for name in reader.table.models if rest.startswith(name.casefold())]
    for name in names:
        end = next((at for at, one in enumerate(reader.tokens) if one.end == token.start + len(name)), None)
        if end is not None and not (end + 1 < len(reader.tokens) and reader.tokens[end + 1].is_joined):
            yield name, end + 1, 0


def read_several_models(reader: Reader, place: int) -> Iterator[Found]:
    """Two models or more, each by its name, id or type."""
    for names, end, cost in _models(reader, place):
        if len(names) > 1:
            yield list(names), end, cost


def _models(reader: Reader, place: int) -> Iterator[tuple[tuple[JsonValue, ...], int, int]]:
    for start in reader.fits("[my] [model]", Match(place)):
        for first in reader.skipping(start):
            for kind in ("kept", "typed") if first.end < len(reader.tokens) else ():
                for value, at, cost in reader.read(kind, first.end):
                    for one in reader.fits("[model]", Match(at)):
                        yield (value,), one.end, cost
                        for link in reader.fits("(and|,|, and)", one):
                            for rest, end, more in _models(reader, link.end) if link.end < len(reader.tokens) else ():
                                yield (value, *rest), end, cost + more


def read_title(reader: Reader, place: int) -> Iterator[Found]:
    """A name that the person makes up, of one word or a few, up to the end of the sentence."""
    token = reader.tokens[place]
    if token.kind == "quoted":
        yield token.text, place + 1, 0
        return
    end = len(reader.tokens)
    while end > place + 1 and reader.tokens[end - 1].text in (*POLITE, ",", "thanks"):
        end -= 1
    words = reader.tokens[place:end]
    n_words = sum(not one.is_joined for one in words)
    is_plain = all(one.kind in ("word", "number") and one.text not in NO_TITLE for one in words)
    if is_plain and n_words <= MOST_TITLE_WORDS and words[0].text not in ARTICLES:
        yield reader.text[token.start : words[-1].end], end, 0


def read_settings(reader: Reader, place: int) -> Iterator[Found]:
    """One parameter or several: `alpha 0.5`, `max depth 5 and 300 trees`, as name and value."""
    for one, end in _setting(reader, place):
        yield [one], end, 0
        for link in reader.fits(LINK, Match(end)):
            for more, last, cost in read_settings(reader, link.end) if link.end < len(reader.tokens) else ():
                assert isinstance(more, list)  # noqa: S101 - ours
                yield [one, *more], last, cost


def _setting(reader: Reader, place: int) -> Iterator[tuple[dict[str, JsonValue], int]]:
    texts = [token.text for token in reader.tokens[place:]]
    for words, name in _parameters().items():
        if tuple(texts[: len(words)]) == words:
            at = place + len(words)
            at += at < len(reader.tokens) and reader.tokens[at].text in ("of", "=", ":")
            for value, end in _plain_value(reader, at, name):
                yield {"name": name, "value": value}, end
    if len(texts) > 1 and texts[1] in BEFORE_THE_NAME:
        for value, end in _number(reader, place):
            yield {"name": ALSO_CALLED[texts[1]], "value": value}, end + 1


@cache
def _parameters() -> Mapping[tuple[str, ...], str]:
    names = {parameter.name for model in JOB_MODELS for parameter in model.parameters}
    return {tuple(name.lower().split("_")): name for name in names} | {
        (word,): name for word, name in ALSO_CALLED.items() if word not in BEFORE_THE_NAME
    }


def _plain_value(reader: Reader, place: int, name: str) -> Iterator[tuple[JsonValue, int]]:
    yield from _number(reader, place)
    words = {
        word for model in JOB_MODELS for parameter in model.parameters if parameter.name == name
        for word in parameter.words
    }  # fmt: skip
    for word in words:
        run = word.split("_")
        if [token.text for token in reader.tokens[place : place + len(run)]] == run:
            yield word, place + len(run)


def _number(reader: Reader, place: int) -> Iterator[tuple[JsonValue, int]]:
    if place < len(reader.tokens) and reader.tokens[place].kind == "number":
        text = reader.tokens[place].text
        value = float(text)
        yield (int(value) if value.is_integer() and "." not in text else value), place + 1


def read_cells(reader: Reader, place: int) -> Iterator[Found]:
    """The values of one row, each with its column: `price is 20 and store is north`, `3 bedrooms, price 20`."""
    for one, end, cost in _cell(reader, place):
        yield [one], end, cost
        for link in reader.fits(LINK, Match(end)):
            for more, last, rest in read_cells(reader, link.end) if link.end < len(reader.tokens) else ():
                assert isinstance(more, list)  # noqa: S101 - ours
                yield [one, *more], last, cost + rest


def _cell(reader: Reader, place: int) -> Iterator[tuple[dict[str, JsonValue], int, int]]:
    for start in reader.skipping(Match(place)):
        for column, at, cost in reader.column(start.end) if start.end < len(reader.tokens) else ():
            for match in reader.fits("[is|was|equals|=|:|of|equal to|is equal to|were]", Match(at)):
                for value, end in _value_of(reader, match.end, column):
                    yield {"name": column, "value": value}, end, start.cost + cost
        for number, at in _number(reader, start.end):
            for column, end, cost in reader.column(at) if at < len(reader.tokens) else ():
                if reader.table.is_number(column):
                    yield {"name": column, "value": number}, end, start.cost + cost


def _value_of(reader: Reader, place: int, column: str) -> Iterator[tuple[JsonValue, int]]:
    if place >= len(reader.tokens):
        return
    token, kind = reader.tokens[place], reader.table.kinds[column].type
    if reader.table.is_number(column):
        yield from _number(reader, place)
    elif kind == "boolean" and token.text in TRUTH:
        yield TRUTH[token.text], place + 1
    elif kind in ("date", "datetime"):
        found = re.match(r"\d{4}-\d{2}-\d{2}", reader.text[token.start :])
        end = next((at for at, one in enumerate(reader.tokens) if found and one.end == token.start + found.end()), None)
        if found is not None and end is not None:
            yield found.group(), end + 1
    elif kind == "text" and token.kind in ("word", "quoted", "number") and token.text not in NO_TITLE:
        end = place + 1
        while end < len(reader.tokens) and reader.tokens[end].is_joined:
            end += 1
        yield token.text if token.kind == "quoted" else reader.text[token.start : reader.tokens[end - 1].end], end

"""What a sentence names: a file, columns, a dataset, a type of model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ENDINGS = r"\.(?:csv|tsv|txt|parquet|pq|json|jsonl|ndjson|gz|zip)"
FILE = re.compile(rf"""["'“]([^"'”]+{ENDINGS})["'”]|(\S+{ENDINGS})\b""", re.IGNORECASE)
WORD = re.compile(r"[A-Za-z0-9]+|[^\W\d_]+")
GROUPING = re.compile(r"\b(?:by|per|for each|in each|for every|grouped by|across|within each)\b", re.IGNORECASE)
FILTER = re.compile(
    r"[<>=]|\b(?:where|only|excluding|except|without|older|younger|above|below|greater|less|more than|over|under"
    r"|between \d|top \d|first \d|last \d)\b",
    re.IGNORECASE,
)
MODELS = {
    "linear regression": "linear_regression",
    "ridge regression": "ridge",
    "ridge": "ridge",
    "lasso": "lasso",
    "logistic regression": "logistic_regression",
    "random forest": "random_forest",
    "forest": "random_forest",
    "gradient boosting": "gradient_boosting",
    "boosting": "gradient_boosting",
}


@dataclass(frozen=True)
class Slots:
    """What was found, in the order of the sentence; `by` is the column after "by", "per", "for each", `also` the rest.

    `template` is the sentence with FILE, COL, DATA and MODEL in the places of what was found.
    """

    template: str
    file: str | None
    dataset: str | None
    model: str | None
    columns: tuple[str, ...]
    by: str | None
    also: tuple[str, ...]
    target: str | None
    has_filter: bool


def find_slots(sentence: str, columns: Sequence[str], datasets: Sequence[str]) -> Slots:
    """Files, columns of the current dataset, datasets and model types that the sentence names.

    A column is named by its name or by some of its words next to each other ("bill length" for bill_length_mm), where
    that fits no other column better.
    """
    file = FILE.search(sentence)
    rest = FILE.sub(" FILE ", sentence)
    model = None
    for words, name in MODELS.items():
        pattern = re.compile(rf"\b{words.replace(' ', '[ _-]')}s?\b", re.IGNORECASE)
        if model is None and pattern.search(rest):
            model, rest = name, pattern.sub("MODEL", rest, count=1)
    found, template = _find_columns(rest, columns)
    dataset = next((name for name in datasets if re.search(rf"\b{re.escape(name)}\b", template)), None)
    if dataset is not None:
        template = re.sub(rf"\b{re.escape(dataset)}\b", "DATA", template)
    grouping = GROUPING.search(rest)
    after = {name: start for name, start in found if grouping is not None and start >= grouping.end()}
    by = min(after, key=lambda name: after[name]) if after else None
    return Slots(
        template=template,
        file=None if file is None else file.group(1) or file.group(2),
        dataset=dataset,
        model=model,
        columns=tuple(name for name, _ in found if name != by),
        by=by,
        also=tuple(name for name in after if name != by),
        target=_after_predict(rest, found),
        has_filter=FILTER.search(rest) is not None,
    )


def _find_columns(sentence: str, columns: Sequence[str]) -> tuple[list[tuple[str, int]], str]:
    """(column, where) for each column that is named, and the sentence with COL in their places."""
    words = [(match.group().lower(), match.start(), match.end()) for match in WORD.finditer(sentence)]
    parts = {column: [part.lower() for part in WORD.findall(_spaced(column))] for column in columns}
    found: list[tuple[str, int]] = []
    template, copied, position = [], 0, 0
    while position < len(words):
        match = _longest(words, position, parts)
        if match is None:
            position += 1
            continue
        column, length = match
        start, end = words[position][1], words[position + length - 1][2]
        if column not in dict(found):
            found.append((column, start))
        template += [sentence[copied:start], "COL"]
        copied, position = end, position + length
    return found, "".join([*template, sentence[copied:]])


def _longest(
    words: Sequence[tuple[str, int, int]], position: int, parts: Mapping[str, Sequence[str]]
) -> tuple[str, int] | None:
    """The column of which most words begin here, if it is one alone; "mass" is body_mass_g when only that has it."""
    lengths: dict[str, int] = {}
    for column, own in parts.items():
        if words[position][0] == "".join(own):
            return column, 1
        for begin in range(len(own)):
            length = 0
            while (
                begin + length < len(own)
                and position + length < len(words)
                and _same(words[position + length][0], own[begin + length])
            ):
                length += 1
            if (length and len("".join(own[begin : begin + length])) > 2) or length == len(own):
                lengths[column] = max(lengths.get(column, 0), length)
    if not lengths:
        return None
    longest = max(lengths.values())
    best = [column for column, length in lengths.items() if length == longest]
    whole = [column for column in best if len(parts[column]) == longest]
    chosen = whole if len(whole) == 1 else best
    return (chosen[0], longest) if len(chosen) == 1 else None


def _same(word: str, part: str) -> bool:
    return word == part or (len(part) > 3 and word in (part + "s", part + "es"))


def _spaced(column: str) -> str:
    """camelCase and snake_case as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).replace("_", " ")


def _after_predict(sentence: str, found: Sequence[tuple[str, int]]) -> str | None:
    """The column after "predict", else after "for", else the only one."""
    for pattern in (r"\bpredict(?:s|ing)?\b", r"\b(?:for|of)\b"):
        word = re.search(pattern, sentence, re.IGNORECASE)
        after = [name for name, start in found if word is not None and start >= word.end()]
        if after:
            return after[0]
    return found[0][0] if len(found) == 1 else None

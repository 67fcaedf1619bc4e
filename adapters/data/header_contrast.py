"""Does a first line with numbers in it name the columns? Told by the contrast with the rows below it."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from adapters.data.missing_words import MISSING

Kind = Literal["missing", "number", "date", "word"]
NOTHING = re.compile(rf"({MISSING}|nan|[-–—.:?*…#]+|: ?[a-z]{{1,2}})?", re.IGNORECASE)
DIGITS = r"(\d[\d.,'\u00a0\u202f ]*|\.\d+)(e[-+]?\d{1,3})?"
NUMBER = re.compile(rf"[^\w\s]{{0,2}} ?[-+]?{DIGITS}\)? ?(%|[a-z€$£¥]{{0,3}})", re.IGNORECASE)
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?|\d{1,2}:\d{2}(:\d{2}.*)?")
YEAR = re.compile(r"(1[5-9]|20|21)\d\d")
LABELS = frozenset(
    "id name names country countries region city state county area code date day time month year week product item "
    "category group geo sex age species station variable indicator series sample subject land stadt datum jahr".split()
)
MOST = 0.6
"""Of so many of its values' share a column is of their kind."""
ENOUGH = 2
CERTAIN = 1_000


@dataclass(frozen=True)
class _Column:
    """The values below one field of the first line: their kind, and of numbers the range."""

    kind: Kind
    values: tuple[str, ...]
    low: float = math.nan
    high: float = math.nan

    def is_far(self, number: float) -> bool:
        """Whether the number lies outside by more than the range, and by a factor of three."""
        outside = max(self.low - number, number - self.high)
        return outside > self.high - self.low and (abs(number) > 3 * self.high or abs(number) < self.low / 3)

    @property
    def has_fractions(self) -> bool:
        """Whether most of the numbers are not whole."""
        numbers = [number for number in map(as_number, self.values) if number is not None]
        return sum(number != math.floor(number) for number in numbers) > len(numbers) / 2


def kind_of(field: str) -> Kind:
    """What a field looks like by itself."""
    text = field.strip()
    if NOTHING.fullmatch(text):
        return "missing"
    if DATE.fullmatch(text):
        return "date"
    return "number" if NUMBER.fullmatch(text) else "word"


def column_kind(values: Sequence[str]) -> Kind:
    """The kind of most of the values that are not missing."""
    kinds = [kind for kind in map(kind_of, values) if kind != "missing"]
    for kind in ("number", "date"):
        if kinds and kinds.count(kind) >= MOST * len(kinds):
            return kind
    return "word" if kinds else "missing"


def as_number(field: str) -> float | None:
    """The field as a number; "inf" and "nan" are words: a column may well be called inf."""
    try:
        number = float(field)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def years_of(fields: Sequence[str]) -> list[str]:
    """The fields that are years at even steps, two or more; else none."""
    years = [field.strip() for field in fields if YEAR.fullmatch(field.strip())]
    steps = {int(later) - int(earlier) for earlier, later in itertools.pairwise(years)}
    return years if len(steps) == 1 and steps != {0} else []


def names_columns(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a first line that holds numbers is a header rather than a row.

    Each field speaks for it or against: a word above numbers or dates (a known label decides), years or 1, 2, 3 above
    what is none, a text of another shape than all below speak for it; a number in the range of those below, a text that
    comes again or has their shape against.
    """
    columns = [_column([row[place] for row in below if place < len(row)]) for place in range(len(first))]
    score = _about_runs(first, below, columns)
    is_run = score > 0 or (_counts(first) and not any(map(_counts, below)))
    for field, column in zip(first, columns, strict=True):
        score += _about_field(field.strip(), column, is_in_run=is_run)
    return score >= ENOUGH


def _column(values: Sequence[str]) -> _Column:
    kept = tuple(value.strip() for value in values if kind_of(value) != "missing")
    numbers = [number for number in map(as_number, kept) if number is not None]
    kind = column_kind(kept)
    if not numbers:
        return _Column(kind, kept)
    return _Column(kind, kept, min(numbers), max(numbers))


def _about_runs(first: Sequence[str], below: Sequence[Sequence[str]], columns: Sequence[_Column]) -> int:
    """Three for years at even steps, two for 1, 2, 3, … where the rows below have nothing like it."""
    if years_of(first):
        return 0 if any(years_of(row) for row in below) or _is_among_years(first, columns) else 3
    if not _counts(first) or any(_counts(row) for row in below):
        return 0
    pairs = [
        (number, column) for number, column in zip(map(as_number, first), columns, strict=True) if number is not None
    ]
    n_odd = sum(column.kind != "number" or column.is_far(number) or column.has_fractions for number, column in pairs)
    return 2 if n_odd > len(pairs) / 2 else 0


def _is_among_years(first: Sequence[str], columns: Sequence[_Column]) -> bool:
    """Whether years stand below most of the years."""
    below = [
        sum(YEAR.fullmatch(value) is not None for value in column.values) > len(column.values) / 2
        for field, column in zip(first, columns, strict=True)
        if YEAR.fullmatch(field.strip())
    ]
    return sum(below) > len(below) / 2


def _counts(fields: Sequence[str]) -> bool:
    """Whether the numbers of the row are 0, 1, 2, … or 1, 2, 3, …, three or more."""
    numbers = [number for number in map(as_number, fields) if number is not None]
    return len(numbers) >= 3 and numbers[0] in (0, 1) and numbers == [numbers[0] + step for step in range(len(numbers))]


def _about_field(field: str, column: _Column, is_in_run: bool) -> int:
    kind = kind_of(field)
    number = as_number(field)
    if kind == "missing" or column.kind == "missing":
        return 0
    if kind == "word":
        is_label = field.casefold() in LABELS
        if column.kind != "word":
            return CERTAIN if is_label else 3
        return 2 * is_label + _about_shape(field, column.values)
    if kind == "date":
        return -2 if column.kind == "date" else 1
    if number is not None and is_in_run:
        return 0
    if column.kind != "number":
        return 1
    if number is not None and column.is_far(number):
        return 1
    return -1


def _about_shape(field: str, values: Sequence[str]) -> int:
    """Against where the text comes again or looks like all others, letter by letter; for where they look alike."""
    shapes = {_shape(value) for value in values}
    if field in values:
        return -2
    if len(values) > 1 and len(shapes) == 1:
        return -2 if _shape(field) in shapes else 1
    short = {re.sub(r"(.)\1+", r"\1", shape) for shape in shapes}
    return -1 if short == {re.sub(r"(.)\1+", r"\1", _shape(field))} else 0


def _shape(text: str) -> str:
    return "".join("A" if c.isupper() else "a" if c.isalpha() else "0" if c.isdigit() else c for c in text)

"""Rows right below the header that describe the columns: units, types, a survey's questions. They are no data."""

from __future__ import annotations

import re
from collections.abc import Sequence

from adapters.data.header_contrast import column_kind, kind_of

MOST_ROWS = 3
LONGER = 1.5
BRACKETED = re.compile(r"[(\[<{] ?([^\d]*|[^\W\d_].*)[)\]>}]")
"""Not an amount below zero, as accounts write it: (1,234.50)."""
IMPORT = re.compile(r'\{\s*"ImportId"\s*:.*\}', re.DOTALL)
UNITS = frozenset(
    "s sec ms min h hr hrs hour hours d day days month months yr yrs year years mm cm m km in inch ft mi mile miles g "
    "kg mg lb lbs t l ml gal k c f degc degf °c °f deg pa hpa kpa bar psi v a ma mv w kw mw kwh j n hz usd eur gbp chf "
    "jpy $ € £ % percent count number n/a - ppm ppb mol m2 m3 m² m³ m/s km/h mph iu bp int integer int64 float float64 "
    "double number numeric decimal str string text char varchar date datetime timestamp bool boolean factor category "
    "object".split()
)
TYPES = "int|integer|bigint|float|double|decimal|numeric|varchar|char|string|text|date|datetime"
TYPE_LIKE = re.compile(rf"({TYPES})(\(.*\))?\d*")


def count_description_rows(below: Sequence[Sequence[str]]) -> int:
    """How many of the rows below the header describe the columns instead of holding values.

    A row does where it has a word in each column of numbers or dates below it, and these are several different words,
    or units, types or brackets alone, or questions; so do a survey's rows up to the one of its import ids.
    """
    imports = next((at for at, row in enumerate(below[:MOST_ROWS]) if _all(IMPORT, row)), None)
    if imports is not None:
        return imports + 1
    n = 0
    while n < MOST_ROWS and _describes(below[n:]):
        n += 1
    return n


def describe_columns(rows: Sequence[Sequence[str]], n_columns: int) -> tuple[str | None, ...]:
    """What the rows say of each column, without import ids; None where they say nothing."""
    texts = []
    for place in range(n_columns):
        fields = [row[place].strip() for row in rows if place < len(row)]
        said = [" ".join(field.split()) for field in fields if field and not IMPORT.fullmatch(field)]
        texts.append("; ".join(said) or None)
    return tuple(texts)


def _describes(rows: Sequence[Sequence[str]]) -> bool:
    if len(rows) < 2:
        return False
    row, below = rows[0], rows[1:]
    fields = [field.strip() for field in row if field.strip()]
    if not fields or any(kind_of(field) in ("number", "date") and not _is_unit(field) for field in fields):
        return False
    are_units = all(_is_unit(field) for field in fields)
    kinds = [column_kind([other[place] for other in below if place < len(other)]) for place in range(len(row))]
    measured = [field.strip() for field, kind in zip(row, kinds, strict=True) if kind in ("number", "date")]
    words = {field for field in measured if kind_of(field) == "word" or BRACKETED.fullmatch(field)}
    if not measured:
        return all(BRACKETED.fullmatch(field) or TYPE_LIKE.fullmatch(field.casefold()) for field in fields) and not (
            set(fields) & {value.strip() for other in below for value in other}
        )
    if not words or any(field and field not in words and not _is_unit(field) for field in measured):
        return False
    if are_units or (len(words) > 1 and all(measured)):
        return True
    return len(fields) > 1 and (any(word.endswith("?") for word in words) or _are_longer(row, below))


def _are_longer(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether each text of the row is a phrase, and far longer than whatever stands below it."""
    for place, field in enumerate(map(str.strip, row)):
        longest = max((len(other[place].strip()) for other in below if place < len(other)), default=0)
        if field and (len(field.split()) < 2 or len(field) < LONGER * longest):
            return False
    return True


def _is_unit(field: str) -> bool:
    folded = field.casefold()
    return folded in UNITS or BRACKETED.fullmatch(field) is not None or TYPE_LIKE.fullmatch(folded) is not None


def _all(pattern: re.Pattern[str], row: Sequence[str]) -> bool:
    fields = [field.strip() for field in row if field.strip()]
    return bool(fields) and all(pattern.fullmatch(field) for field in fields)

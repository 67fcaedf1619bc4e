"""What a column is: number, category, ordinal, date, text, id or constant; from its name, type and counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

ColumnKind = Literal["number", "category", "ordinal", "date", "text", "id", "constant"]

ID_NAMES = re.compile(
    r"(.*[_. ]|)(id|ids|uuid|guid|key|index|idx|rownames|row|rowid|no|nr|unnamed.*|column0)", re.IGNORECASE
)
CODE_NAMES = re.compile(r".*(code|zip|postcode|year|month|type|class|category|group|_?id)", re.IGNORECASE)
GRADE_NAMES = re.compile(
    r"(.*[_. ]|)(rating|rate|grade|level|score|quality|rank|stage|severity|priority|likert|satisfaction|education)",
    re.IGNORECASE,
)
LADDERS = tuple(
    frozenset(ladder.split())
    for ladder in (
        "lowest very_low fairly_low low lower medium middle mid moderate average normal high higher fairly_high "
        "very_high highest none",
        "tiny xs extra_small s small m medium l large xl extra_large xxl huge",
        "never almost_never rarely seldom sometimes occasionally often usually frequently very_often always",
        "strongly_disagree disagree somewhat_disagree neutral neither undecided somewhat_agree agree strongly_agree",
        "terrible very_poor very_bad poor bad fair average acceptable good very_good better best excellent ideal",
        "none no slight slightly mild minimal moderate some marked severe very_severe extreme critical",
        "very_unhappy unhappy not_too_happy pretty_happy happy very_happy",
        "young younger middle_aged adult old older senior elderly child teenager",
        "first second third fourth fifth sixth 1st 2nd 3rd 4th 5th 6th",
        "primary secondary tertiary elementary high_school bachelor bachelors master masters phd doctorate",
    )
)
"""Words that have an order among themselves."""
MAX_LEVELS = 10
FEW_NUMBERS = 10
"""So few different numbers may be codes or grades."""

# Shares of columns that a rule got right on the tuning part of SortingHat's, two files in three of it, with one more
# right and one more wrong (`python -m evals.bench.schema_fit`, 2026-11-27). An order among the values is not labelled
# there: an ordinal column is as sure as a category.
CONFIDENCES = {
    "boolean": 0.88,  # of 6
    "constant": 0.99,  # of 242
    "date": 0.99,  # of 318
    "few whole numbers, often repeated": 0.86,  # of 268
    "few words": 0.57,  # of 113
    "fractions": 0.99,  # of 1114
    "many whole numbers": 0.91,  # of 435
    "many whole numbers, all different": 0.61,  # of 60
    "many words, repeated": 0.63,  # of 197
    "numbers called id, all different": 0.98,  # of 49
    "repeated whole numbers": 0.85,  # of 293
    "repeated whole numbers called codes": 0.98,  # of 57
    "two whole numbers": 0.97,  # of 263
    "two words": 0.48,  # of 130
    "up to fifty whole numbers, often repeated": 0.55,  # of 56
    "words called id, all different": 0.78,  # of 7
    "words, all different": 0.72,  # of 329
    "words, half of them different": 0.59,  # of 261
    "words, often repeated": 0.95,  # of 449
}


@dataclass(frozen=True)
class ColumnFacts:
    """A column as loading profiled it: type is integer, number, boolean, date, datetime, time or text.

    `levels` are the different values of a column of few words, where they have been looked up.
    """

    name: str
    type: str
    missing: int
    distinct: int
    levels: tuple[str, ...] = ()


def tell_kind(column: ColumnFacts, n_rows: int) -> tuple[ColumnKind, float]:
    """What a column is, and how often the rule that says so was right on columns that people labelled."""
    kind, rule = told_by(column, n_rows)
    if kind == "category" and is_ordered(column):
        kind = "ordinal"
    return kind, CONFIDENCES[rule]


def is_ordered(column: ColumnFacts) -> bool:
    """Whether the values of a category have an order: words of one ladder, or whole numbers that are called grades."""
    if not 2 < column.distinct <= MAX_LEVELS:
        return False
    if column.type == "integer":
        return GRADE_NAMES.fullmatch(column.name) is not None
    words = {re.sub(r"[\W_]+", "_", level.strip().lower()) for level in column.levels}
    return len(words) > 2 and any(words <= ladder for ladder in LADDERS)


def told_by(column: ColumnFacts, n_rows: int) -> tuple[ColumnKind, str]:
    """What a column is, order aside, and the name of the rule."""
    if column.distinct < 2:
        return "constant", "constant"
    if column.type in ("date", "datetime", "time"):
        return "date", "date"
    if column.type == "boolean":
        return "category", "boolean"
    if column.type == "number":
        return "number", "fractions"
    n = n_rows - column.missing
    return _of_whole_numbers(column, n) if column.type == "integer" else _of_words(column, n)


def _of_whole_numbers(column: ColumnFacts, n: int) -> tuple[ColumnKind, str]:
    is_unique = column.distinct == n
    if is_unique and ID_NAMES.fullmatch(column.name):
        return "id", "numbers called id, all different"
    if is_unique and column.distinct > 50:
        return "number", "many whole numbers, all different"
    if column.distinct == 2 and n > 20:
        return "category", "two whole numbers"
    if column.distinct <= 10 and column.distinct <= 0.005 * n:
        return "category", "few whole numbers, often repeated"
    is_repeated = column.distinct <= 0.05 * n
    if is_repeated and CODE_NAMES.fullmatch(column.name):
        return "category", "repeated whole numbers called codes"
    if column.distinct <= 0.005 * n and column.distinct <= 50:
        return "number", "up to fifty whole numbers, often repeated"
    return "number", "repeated whole numbers" if is_repeated else "many whole numbers"


def _of_words(column: ColumnFacts, n: int) -> tuple[ColumnKind, str]:
    is_unique = column.distinct == n
    if is_unique and ID_NAMES.fullmatch(column.name):
        return "id", "words called id, all different"
    if is_unique:
        return "text", "words, all different"
    if column.distinct > 0.5 * n:
        return "text", "words, half of them different"
    if column.distinct == 2:
        return "category", "two words"
    if column.distinct <= 0.005 * n:
        return "category", "words, often repeated"
    return "category", "few words" if column.distinct <= 50 else "many words, repeated"

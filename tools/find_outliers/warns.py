"""What find_outliers warns of."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tools.find_outliers.outlying import Pair
from tools.find_outliers.outlying_rows import MAX_SHOWN
from tools.warned import Warned, Warns

MANY = 0.1
"""A share of outlying rows that speaks of skewness rather than of errors."""
FEW = 10


class OutlierWarns(Warns):
    """Its warnings; the first three stand for the notes of bounds (`tools.stats.outliers.Note`)."""

    NO_VALUES = "{name!r}: no values"
    CONSTANT = "{name!r}: the values do not vary"
    MAD_IS_0 = "{name!r}: MAD is 0: the mean absolute deviation stands in for it"
    MORE_NOTES = "{n:,} more [bound has|bounds have] such a note"
    MISSING_VALUES = "{n} [row|rows] with a missing value; a missing value is no outlier"
    MANY_OUTLYING = "{share:.0%} of the rows are outlying: the values are skewed rather than wrong"
    NO_Z_SCORE_EXCEEDS = "with {n} values no z-score exceeds {most:.2f}"
    BOUNDS_LEFT_OUT = (
        "{n:,} [pair of bounds with the fewest values outside is|pairs of bounds with the fewest values outside "
        "are] not listed; name their columns to see them"
    )
    VALUES_LEFT_OUT = "{n:,} [value of the rows is|values of the rows are] not listed: of each row {shown} are"


def warned_of_bounds(bounds: Sequence[Pair]) -> list[Warned]:
    """What was done otherwise than asked, of each column and group; of many the first, and how many there are."""
    notes = [OutlierWarns[found.note.name](name=found.group or column.name) for column, found in bounds if found.note]
    left = len(notes) - MAX_SHOWN
    return [*notes[:MAX_SHOWN], OutlierWarns.MORE_NOTES(n=left)] if left > 0 else notes


def warned_of_rows(method: str, n_columns: int, n: int, n_missing: int, n_outlying: int) -> list[Warned]:
    """What the numbers of rows, of those with a missing value and of the outlying ones say."""
    warnings = [OutlierWarns.MISSING_VALUES(n=n_missing)] if n_missing else []
    share = n_outlying / max(1, n)
    # Of many columns nearly every row is outside in one.
    if share > MANY and n_columns <= MAX_SHOWN:
        warnings.append(OutlierWarns.MANY_OUTLYING(share=share))
    if method == "zscore" and n <= FEW:
        warnings.append(OutlierWarns.NO_Z_SCORE_EXCEEDS(n=n, most=(n - 1) / math.sqrt(max(1, n))))
    return warnings


def warned_of_width(n_bounds: int, n_values: int) -> list[Warned]:
    """How many bounds, and values of the rows, are not listed."""
    warnings = [OutlierWarns.BOUNDS_LEFT_OUT(n=n_bounds)] if n_bounds > 0 else []
    return [*warnings, OutlierWarns.VALUES_LEFT_OUT(n=n_values, shown=MAX_SHOWN)] if n_values > 0 else warnings

"""Every CSV file that we write: no cell of it is run as a formula by the spreadsheet that opens it.

The advice is OWASP's (CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection): a quote mark before text
that begins with = + - @, their full-width forms, a tab or a line break. Leading blanks do not count, for importers trim
them. A comma-separated file is meant: a quote mark inside a cell would change the words of people who write "a; -b".
"""

from __future__ import annotations

import re
from numbers import Number
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MARK = "'"
BLANKS = r"[\s\x00-\x20\x7f-\xa0\xad\u115f\u1160\u180e\u200b-\u200f\u2028-\u202f\u2060-\u2064\u2800\u3000\u3164\ufeff]*"
SIGNS = r"[=+\-@＝＋－＠﹦﹢﹣﹫]"
"""Half width, full width, and small."""
BEGINS = re.compile(rf"[\t\r\n]|{BLANKS}{SIGNS}")
PLAIN_NUMBER = re.compile(r" *[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)? *")
IS_NO_TEXT = "biufcM"
"""The kinds of columns that are never text: booleans, numbers, times."""


def write_csv(table: pd.DataFrame, path: Path, *, is_raw: bool = False) -> int:
    """Write the table, its index left out; gives how many cells and headers begin like a formula.

    Parameters
    ----------
    is_raw : bool
        Leave them as they are, for programs that read the file; else a quote mark stands before each.
    """
    marked = table.copy(deep=False)
    n_formulas, has_return = 0, any("\r" in str(name) for name in table.columns)
    for place, (_, column) in enumerate(table.items()):
        if column.dtype.kind in IS_NO_TEXT:
            continue
        texts = {value: str(value) for value in column.dropna().unique() if not isinstance(value, Number)}
        has_return = has_return or any("\r" in text for text in texts.values())
        formulas = {value: MARK + text for value, text in texts.items() if is_formula(text)}
        if formulas:
            n_formulas += int(column.isin(list(formulas)).sum())
            marked.isetitem(place, column.astype(object).replace(formulas).tolist())
    headers = [MARK + str(name) if is_formula(str(name)) else name for name in table.columns]
    n_formulas += sum(is_formula(str(name)) for name in table.columns)
    written = table if is_raw else marked.set_axis(headers, axis="columns")
    # A carriage return alone would end the row in a spreadsheet, and the writer quotes only what its line ends hold.
    written.to_csv(path, index=False, lineterminator="\r\n" if has_return else "\n")
    return n_formulas


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula; -5 is a number."""
    return BEGINS.match(text) is not None and PLAIN_NUMBER.fullmatch(text) is None

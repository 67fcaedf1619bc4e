"""Which marks stand in a number that was read, in words: 1,23,456 has no decimal point, and (5) has no mark at all."""

from __future__ import annotations

import re

RUN = re.compile(r"\d[\d.,'’ \u00a0\u2009\u202f]*\d|[.,]\d+")
"""The digits of a number with what stands between them."""
LAKHS = re.compile(r"\d{1,2}(,\d{2})+,\d{3}(\.\d*)?")


def marks_in(number: str, is_comma: bool) -> str:
    """How the marks between its digits were read, such as ` with commas between thousands`; nothing without one."""
    found = RUN.search(number)
    digits = "" if found is None else found.group()
    decimal, thousands = (",", ".") if is_comma else (".", ",")
    said = []
    if LAKHS.fullmatch(digits) and not is_comma:
        said.append("commas as in lakhs and crores")
    elif thousands in digits:
        said.append(f"{'points' if is_comma else 'commas'} between thousands")
    elif re.search(r"\d['’]\d", digits):
        said.append("apostrophes between thousands")
    elif re.search(r"\d[ \u00a0\u2009\u202f]\d", digits):
        said.append("spaces between thousands")
    if decimal in digits:
        said.append(f"a decimal {'comma' if is_comma else 'point'}")
    return f" with {' and '.join(said)}" if said else ""

"""Columns of text that are numbers in another dress: decimal commas, thousands, %, currencies, words for missing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

import duckdb

from adapters.data.decimal_marks import Proof
from adapters.data.load_warns import ColumnWarns, LoadWarns, warned_of_column
from adapters.data.many_columns import Change, Question, ask_each, change_columns, columns_of
from adapters.data.missing_words import MISSING
from adapters.data.number_marks import marks_in
from adapters.records.warned import Warned

SPACE = "[ \u00a0\u2009\u202f]"
APART = rf"\d{{1,3}}({SPACE}\d{{3}})+|\d{{1,3}}(['’]\d{{3}})+"
INDIAN = r"\d{1,2}(,\d{2})+,\d{3}"
"""Lakhs and crores: 12,34,567."""
POINT = rf"[-+]?((\d{{1,3}}(,\d{{3}})+|{INDIAN}|{APART}|\d{{1,15}})(\.\d*)?|\.\d+)([eE][-+]?\d{{1,3}})?"
COMMA = rf"[-+]?(\d{{1,3}}(\.\d{{3}})+|{APART}|\d{{1,15}})(,\d+)?"
SIGNS = "[$€£¥₹₽₩₺₫₴]|R\\$|(?:US|C|CA|A|AU|NZ|HK)\\$|(?:USD|EUR|GBP|CHF|JPY|CNY|INR|BRL|SEK|NOK|DKK|PLN|CZK|kr|zł)"
LONG = rf"[0-9]{{16}}|^[-+]?[0-9]{{1,3}}([,.''’]|{SPACE})[0-9]{{3}}(([,.''’]|{SPACE})[0-9]{{3}}){{4}}|^\+[0-9]{{8}}"
"""Of 16 digits or more, thousands apart or not; or a telephone number."""
ZEROS = "\uff10\u0660\u06f0\u0966\u09e6\u0e50"
"""The zeros of full-width, Arabic, Persian, Devanagari, Bengali and Thai digits; the other nine follow each."""
OTHER_MARKS = "\u2212\u2013\uff0d\uff0b\uff0e\uff0c\uff05"
"""Minus, a dash in its place, and full-width - + . , %."""
AS_ASCII = "".join(chr(ord(zero) + digit) for zero in ZEROS for digit in range(10)) + OTHER_MARKS
IN_ASCII = "0123456789" * len(ZEROS) + "---+.,%"
MIN_NUMBER_SHARE = 0.3
"""A column of which fewer values are numbers, and all others words such as none, stays text."""
MAX_SHOWN = 40


@dataclass(frozen=True)
class _Found:
    """How the values of a text column look."""

    n: int
    n_missing: int
    n_point: int
    n_comma: int
    n_both: int
    n_codes: int
    n_long: int
    n_dressed: int
    first_row: int | None
    example: str | None
    n_percent: int
    signs: list[str] | None
    missing_word: str | None
    n_bracketed: int


@dataclass(frozen=True)
class _Style:
    """A column of which every value is a number with a decimal point, with a decimal comma, or either."""

    found: _Found
    fits_point: bool
    fits_comma: bool

    @property
    def is_open(self) -> bool:
        """Whether some value is another number with the one than with the other."""
        return self.fits_point and self.fits_comma and self.found.n_both > 0


def undress_numbers(
    connection: duckdb.DuckDBPyConnection,
    delimiter: str,
    place: Callable[[int], str],
    point: str | None = None,
    kept: Collection[str] = (),
) -> tuple[list[Warned], Proof]:
    """Make numbers of the text columns of `data` of which every value is one; gives a warning for each, and the proof.

    A column changes when each of its values is a number or a word for missing, and three tenths are numbers. Numbers
    with a leading zero, or of more than 15 digits, are codes: the column stays text. A percentage keeps its number:
    15.17% becomes 15.17. In a file cut by commas "4,6" is a list, not a number. In others a comma may be decimal; where
    "1,234" could be either, the other columns tell. Where they do not, it is 1.234 in a file cut by semicolons, else
    1234, and that is said.

    Parameters
    ----------
    place : callable
        Where the row of that `_row` stands in the file, in words.
    point : str or None
        A column of floats whose points can only be decimal.
    kept : collection of str
        Columns that stay text.
    """
    warnings: list[Warned] = []
    styles: dict[str, _Style] = {}
    with_comma: dict[bool, list[str]] = {False: [], True: []}
    names = [name for name in columns_of(connection, "VARCHAR") if name not in kept]
    question = Question(_look, (MISSING, POINT, COMMA))
    for name, answer in ask_each(connection, _without_words(connection, names), question).items():
        found = _Found(*answer)
        n_numbers = found.n - found.n_missing
        if found.n_long and found.n_missing + max(found.n_point, found.n_comma) == found.n:
            warnings.append(LoadWarns.LONG_CODES(name=name[:64]))
        if n_numbers == 0 or found.n_codes or found.n_long or n_numbers < MIN_NUMBER_SHARE * found.n:
            continue
        fits_point, fits_comma = found.n_point == n_numbers, delimiter != "," and found.n_comma == n_numbers
        if not (fits_point or fits_comma):
            continue
        styles[name] = _Style(found, fits_point, fits_comma)
    comma = next((name for name, style in styles.items() if style.fits_comma and not style.fits_point), None)
    commaless = (name for name, style in styles.items() if style.fits_point and not style.fits_comma)
    proof = Proof(point or next(commaless, None) if delimiter != "," else None, comma)
    for name, style in styles.items():
        is_comma = style.fits_comma and (delimiter == ";" or not style.fits_point)
        if style.is_open and (proof.is_point or proof.is_comma):
            is_comma = proof.is_comma
        # A word for missing is no number to TRY_CAST, and so becomes missing.
        with_comma[is_comma].append(name)
        warnings.append(_warning(name, style, place, is_comma, proof))
    points = as_numbers(connection, with_comma[False], partial(_number, is_comma=False))
    commas = as_numbers(connection, with_comma[True], partial(_number, is_comma=True))
    change_columns(connection, points | commas)
    return warnings, proof


def as_numbers(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], value: Callable[[str], str]
) -> dict[str, Change]:
    """What the text columns become: whole numbers where every value is one, of 15 digits at most, else floats.

    Parameters
    ----------
    value : callable
        From a column as SQL to its value as a float, NULL where it is none.
    """
    is_whole = "v = trunc(v) AND abs(v) <= 1e15"
    question = Question(
        lambda cells: (
            f"WITH n AS (SELECT c, {value('x')} AS v FROM {cells}) "
            f"SELECT c, count(*), coalesce(bool_and({is_whole}), true) FROM n GROUP BY c"
        ),
        worth=lambda answer: bool(answer[1]),
    )
    found = ask_each(connection, names, question)
    return {name: Change("BIGINT" if name in found and found[name][1] else "DOUBLE", value) for name in names}


def _without_words(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[str]:
    """The columns of which every value is a number or a word for missing; most columns of text fail at once."""
    is_number = "regexp_full_match(core, ?) OR regexp_full_match(core, ?)"
    question = Question(
        lambda cells: (
            f"WITH v AS (SELECT c, {core('x')} AS core FROM {cells}) "
            f"SELECT c, count(*), bool_and({is_number} OR regexp_full_match(core, ?, 'i')) FROM v GROUP BY c"
        ),
        (POINT, COMMA, MISSING),
        worth=lambda answer: bool(answer[1]),
    )
    return [name for name, (_, is_so) in ask_each(connection, names, question).items() if is_so]


def core(column: str) -> str:
    """The value in ASCII without spaces around it, currency signs and %, as SQL; (5), as accounts have it, is -5."""
    bare = f"regexp_replace({column}, '^[\\s\u00a0]+|[\\s\u00a0]+$', '', 'g')"
    ascii_only = f"translate({bare}, '{AS_ASCII}', '{IN_ASCII}')"
    negative = f"regexp_replace({ascii_only}, '^\\(([^()]*[0-9][^()]*)\\)$', '-\\1')"
    without_sign = f"regexp_replace({negative}, '^([-+]?)({SIGNS}){SPACE}*([-+]?)', '\\1\\3')"
    return f"regexp_replace({without_sign}, '{SPACE}*({SIGNS}|%)$', '')"


def plain_number(column: str, is_comma: bool) -> str:
    """The undressed value as SQL's own number: a decimal point and no thousands; text still."""
    bare = core(column)
    dense = f"regexp_replace({bare}, '{SPACE}|[''’]', '', 'g')"
    return f"replace(replace({dense}, '.', ''), ',', '.')" if is_comma else f"replace({dense}, ',', '')"


def _number(column: str, is_comma: bool) -> str:
    return f"TRY_CAST({plain_number(column, is_comma)} AS DOUBLE)"


def _warning(name: str, style: _Style, place: Callable[[int], str], is_comma: bool, proof: Proof) -> Warned:
    warns, parts, found = ColumnWarns, [], style.found
    if found.n_dressed:
        marks = marks_in(str(found.example).translate(str.maketrans(AS_ASCII, IN_ASCII)), is_comma)
        example, first = str(found.example)[:MAX_SHOWN], place(found.first_row or 0)
        parts.append(warns.NUMBERS_READ(n_values=found.n_dressed, example=example, place=first, marks=marks))
    if style.is_open and (proof.is_comma or proof.is_point):
        parts.append(warns.MARK_PROVEN(proof=proof.shown))
    elif style.is_open:
        parts.append(warns.EITHER_MARK())
    if found.signs is not None and len(found.signs) > 1:
        parts.append(warns.CURRENCIES_DIFFER(shown=", ".join(found.signs[:5])))
    if found.n_bracketed:
        parts.append(warns.BRACKETS(n_values=found.n_bracketed))
    if found.n_percent:
        parts.append(warns.PERCENT())
    if found.n_missing:
        parts.append(warns.NOW_MISSING(n_values=found.n_missing, example=str(found.missing_word)[:MAX_SHOWN]))
    return warned_of_column(name, parts or [warns.PLAIN_NUMBERS()])


def _look(cells: str) -> str:
    return f"""
        WITH v AS (SELECT *, {core("x")} AS core FROM {cells}),
        k AS (SELECT *, regexp_full_match(core, ?, 'i') AS is_missing,
                     regexp_full_match(core, ?) AS is_point,
                     regexp_full_match(core, ?) AS is_comma,
                     TRY_CAST(x AS DOUBLE) IS NULL AS is_dressed FROM v)
        SELECT c, count(*), count_if(is_missing), count_if(is_point AND NOT is_missing),
               count_if(is_comma AND NOT is_missing),
               count_if(is_point AND is_comma AND regexp_matches(core, '[.,]')),
               count_if(regexp_matches(core, '^[-+]?0[0-9]')), count_if(regexp_matches(core, '{LONG}')),
               count_if(is_dressed AND NOT is_missing), min(r) FILTER (is_dressed AND NOT is_missing),
               arg_min(x, r) FILTER (is_dressed AND NOT is_missing), count_if(x LIKE '%\\%' ESCAPE '\\'),
               list_sort(list(DISTINCT regexp_extract(x, '({SIGNS})', 1)) FILTER (regexp_matches(x, '{SIGNS}'))),
               arg_min(x, r) FILTER (is_missing),
               count_if(NOT is_missing AND regexp_matches(x, '^\\s*\\(.*\\)\\s*$'))
        FROM k GROUP BY c
        """

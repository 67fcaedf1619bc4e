"""Text columns that are months, quarters, weeks or years, or pairs of numbers: named, with the step that takes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

import duckdb

from adapters.data.base import quote_identifier, quote_string
from adapters.data.load_warns import LoadWarns
from adapters.data.many_columns import Answer, Question, ask_each, ask_heads, columns_of
from adapters.data.named_dates import MONTH
from adapters.records.warned import Warned

MIN_SHARE = 0.5
"""Of the first values, and then of all: where fewer are of a form, the column is another kind of text."""
FEWEST = 2
MAX_SHOWN = 40
YEAR = r"(?:1[5-9]|20|21)\d\d"
SHORT_YEAR = r"['’]?\d\d"
GAP = r"[ /.,-]{0,2}"
OTHER_MONTH = (
    r"(?:j[aä]n|ene|gen|f[eéè][bv]|m[aä]r|mrt|maa|a[bv]r|apr|ma[igy]|mei|jui|jun|jul|giu|lug|aou|aoû|ago|aug|sep|set|"
    r"o[ckt]t|out|nov|de[czs]|déc|dic|gru|lip|sty|lut|kwi|maj|cze|sie|wrz|paź|lis)\p{L}*\.?"
)
"""How months begin in Danish, Dutch, French, German, Italian, Norwegian, Polish, Portuguese, Spanish and Swedish."""
FULL_YEAR = "regexp_extract(@, '[0-9]{4}')"
WEEK = "regexp_extract(@, '[Ww]([0-9]{2})', 1)"
MONTH_NAME = "left(regexp_extract(@, '[A-Za-z]+'), 3)"


@dataclass(frozen=True)
class _Form:
    """What the values look like, in words, and what derive can make of each: SQL in which @ is the column."""

    pattern: str
    what: str
    take: str | None = None
    gives: str = "the first day"
    needs: str = "true"
    """What must hold of the value x besides, as SQL."""


def _number(pattern: str) -> str:
    """The number that the one group of the pattern finds in the value."""
    return f"TRY_CAST(regexp_extract(@, '{pattern}', 1) AS BIGINT)"


def _first_of(month: str) -> str:
    return f"make_date(TRY_CAST({FULL_YEAR} AS BIGINT), {month}, 1)"


def _named_month(year: str, code: str) -> str:
    return f"CAST(try_strptime(concat('1 ', {MONTH_NAME}, ' ', {year}), '%d %b {code}') AS DATE)"


FORMS = (
    _Form(
        rf"{YEAR} ?[/–-] ?(?:{YEAR}|\d\d)",
        "years that end in the next one",
        f"TRY_CAST({FULL_YEAR} AS BIGINT)",
        "the first year",
        r"(TRY_CAST(substr(trim(x), 3, 2) AS BIGINT) + 1) % 100 = TRY_CAST(right(trim(x), 2) AS BIGINT)",
    ),
    _Form(rf"FY ?-?(?:{YEAR}|{SHORT_YEAR})", "financial years", _number("([0-9]+)$"), "the number"),
    _Form(rf"{YEAR}{GAP}Q[1-4]|Q[1-4]{GAP}{YEAR}", "quarters", _first_of(f"3 * {_number('[Qq]([1-4])')} - 2")),
    _Form(rf"[1-4]Q{GAP}{YEAR}", "quarters", _first_of(f"3 * {_number('^([1-4])')} - 2")),
    _Form(rf"Q[1-4]{GAP}{SHORT_YEAR}|[1-4]Q{GAP}{SHORT_YEAR}", "quarters"),
    _Form(rf"{YEAR}{GAP}[HS][12]|[HS][12]{GAP}{YEAR}", "half-years", _first_of(f"6 * {_number('[HhSs]([12])')} - 5")),
    _Form(
        rf"{YEAR}-?W(?:0[1-9]|[1-4]\d|5[0-3])(?:-?[1-7])?",
        "weeks",
        f"CAST(try_strptime(concat({FULL_YEAR}, ' ', {WEEK}, ' 1'), '%G %V %u') AS DATE)",
    ),
    _Form(rf"{YEAR}(?:[/.-]|M)(?:0?[1-9]|1[0-2])", "months", _first_of(_number("([0-9]{1,2})$"))),
    _Form(rf"(?:0?[1-9]|1[0-2])[/.-]{YEAR}", "months", _first_of(_number("^([0-9]{1,2})"))),
    _Form(rf"{MONTH}{GAP}{YEAR}|{YEAR}{GAP}{MONTH}", "months", _named_month(FULL_YEAR, "%Y")),
    _Form(
        rf"{MONTH}{GAP}{SHORT_YEAR}",
        "months with a year, or with a day",
        _named_month("regexp_extract(@, '[0-9]{2}')", "%y"),
    ),
    _Form(rf"\d{{1,2}}\.?{GAP}{MONTH}", "days without a year"),
    _Form(rf"(?:\d{{1,2}}[ºª.]?{GAP}(?:de +)?)?{OTHER_MONTH}{GAP}(?:de +)?{YEAR}", "dates with months not in English"),
    _Form(
        r"(?:\d{1,3} )?\d{1,6} ?/ ?\d{1,6}",
        "two numbers, a fraction or a pair",
        _number("([0-9]+) ?/"),
        "the first number",
    ),
)


def name_periods(connection: duckdb.DuckDBPyConnection, kept: Collection[str] = ()) -> list[Warned]:
    """A warning for each text column of `data` of which most values are periods of time, or pairs of numbers.

    Such a column is not changed: a month is no day, and 2024Q1 sorts and groups well as it stands.

    Parameters
    ----------
    kept : collection of str
        Columns of which it was said already why they are text.
    """
    forms: dict[_Form, list[str]] = defaultdict(list)
    names = [name for name in columns_of(connection, "VARCHAR") if name not in kept]
    for name, (n, *counts) in ask_heads(connection, names, Question(_heads_sql)).items():
        n_alike, form = max(zip(counts, FORMS, strict=True), key=lambda pair: pair[0])
        if n_alike > MIN_SHARE * n:
            forms[form].append(name)
    said: dict[str, Warned] = {}
    for form, columns in forms.items():
        answers = ask_each(connection, columns, Question(partial(_form_sql, form=form)))
        said |= {name: _said(name, form, answer) for name, answer in answers.items() if _is_so(answer)}
    return [said[name] for name in names if name in said]


def _is_so(answer: Answer) -> bool:
    n, n_alike, _ = answer
    return bool(n_alike >= FEWEST and n_alike > MIN_SHARE * n)


def _fits(form: _Form) -> str:
    return f"(regexp_full_match(trim(x), {quote_string('(?i)(?:' + form.pattern + ')')}) AND {form.needs})"


def _heads_sql(cells: str) -> str:
    counts = ", ".join(f"count_if({_fits(form)})" for form in FORMS)
    return f"SELECT c, count(*), {counts} FROM {cells} GROUP BY c"


def _form_sql(cells: str, form: _Form) -> str:
    return f"SELECT c, count(*), count_if({_fits(form)}), arg_min(x, r) FILTER ({_fits(form)}) FROM {cells} GROUP BY c"


def _said(name: str, form: _Form, answer: Answer) -> Warned:
    n, n_alike, example = answer
    values = {"name": name[:64], "n_alike": n_alike, "n_values": n, "example": str(example)[:MAX_SHOWN]}
    if form.take is None:
        return LoadWarns.PERIODS(**values, what=form.what)
    taken = form.take.replace("@", quote_identifier(name))
    return LoadWarns.PERIODS_TO_TAKE(**values, what=form.what, gives=form.gives, taken=taken)

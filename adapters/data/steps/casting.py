"""cast: values in the forms that people write them; what cannot be converted becomes missing, counted."""

from __future__ import annotations

from adapters.data.base import DataError, quote_identifier, quote_string
from adapters.data.messy_numbers import COMMA, POINT, core, plain_number
from adapters.data.missing_words import MISSING
from adapters.data.step_warns import StepWarns
from adapters.data.steps.models import Cast
from adapters.data.steps.work import NUMERIC, Work
from adapters.file_words import FALSE_WORDS, TRUE_WORDS

DATE_FORMATS = (
    "%Y-%m-%d|%Y/%m/%d|%Y.%m.%d|%d/%m/%Y|%m/%d/%Y|%d.%m.%Y|%d-%m-%Y|%m-%d-%Y|%Y%m%d|%d/%m/%y|%m/%d/%y|%d.%m.%y|"
    "%d %b %Y|%d %B %Y|%b %d %Y|%B %d %Y|%b %d, %Y|%B %d, %Y|%d-%b-%Y|%d-%b-%y"
).split("|")
TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
SQL_TYPES = {"date": "DATE", "datetime": "TIMESTAMP"}


def cast(work: Work, step: Cast) -> int:
    """Columns of another type; gives the number of values that were converted."""
    if step.format is not None and step.to not in SQL_TYPES:
        raise DataError("cast: format goes with the types date and datetime")
    types = work.types()
    names = [name for name in work.find_all(step.columns) if types[name] != step.to]
    values = {}
    for name in names:
        values[name] = _converted(work, step, name, types[name])
        _warn_of_losses(work, name, quote_identifier(name), values[name], step.to)
    if values:
        work.put(values)
    return sum(work.counts(names).values())


def _converted(work: Work, step: Cast, name: str, kind: str) -> str:
    column = quote_identifier(name)
    if step.to == "text":
        return f"CAST({column} AS VARCHAR)"
    if step.to == "boolean":
        return _boolean(column, kind, name)
    if step.to in SQL_TYPES:
        return _dated(work, step, name, kind)
    if kind == "text":
        number = _number(work, name, column)
    elif kind in (*NUMERIC, "boolean"):
        number = f"CAST({column} AS DOUBLE)" if kind != "integer" or step.to == "number" else column
    else:
        raise DataError(f"cast: column {name[:64]!r} holds {kind}; derive a number from it, e.g. year({name[:40]})")
    return number if step.to == "number" else _whole(work, name, number)


def _number(work: Work, name: str, column: str) -> str:
    """A text column as numbers: with a decimal comma when more of its values fit that."""
    rows = work.connection.execute(
        "SELECT count_if(regexp_full_match(c, ?)), count_if(regexp_full_match(c, ?)) "
        f"FROM (SELECT {core(column)} AS c FROM data)",
        [POINT, COMMA],
    ).fetchall()
    n_point, n_comma = rows[0]
    is_comma = n_comma > n_point
    if is_comma:
        work.warnings.append(StepWarns.READ_WITH_COMMA(name=name[:64]))
    pattern = COMMA if is_comma else POINT
    fits = f"regexp_full_match({core(column)}, {quote_string(pattern)})"
    return f"CASE WHEN {fits} THEN TRY_CAST({plain_number(column, is_comma)} AS DOUBLE) END"


def _whole(work: Work, name: str, number: str) -> str:
    n_fractions = work.count(f"SELECT count(*) FROM (SELECT {number} AS x FROM data) WHERE x <> trunc(x)")
    if n_fractions:
        work.warnings.append(StepWarns.ROUNDED_TO_WHOLE(name=name[:64], n_values=n_fractions))
    return f"TRY_CAST(round_even({number}, 0) AS BIGINT)"


def _boolean(column: str, kind: str, name: str) -> str:
    if kind not in ("text", *NUMERIC):
        raise DataError(f"cast: column {name[:64]!r} holds {kind}, which is neither true nor false")
    word = (
        f"lower(trim(CAST({column} AS VARCHAR)))"
        if kind == "text"
        else f"CAST(TRY_CAST({column} AS BIGINT) AS VARCHAR)"
    )
    is_exact = "true" if kind != "number" else f"{column} IN (0, 1)"
    return (
        f"CASE WHEN {is_exact} AND regexp_full_match({word}, {quote_string('|'.join(TRUE_WORDS))}) THEN true "
        f"WHEN {is_exact} AND regexp_full_match({word}, {quote_string('|'.join(FALSE_WORDS))}) THEN false END"
    )


def _dated(work: Work, step: Cast, name: str, kind: str) -> str:
    column = quote_identifier(name)
    sql_type = SQL_TYPES[step.to]
    if kind in SQL_TYPES:
        return f"CAST({column} AS {sql_type})"
    if kind not in ("text", "integer"):
        raise DataError(f"cast: column {name[:64]!r} holds {kind}, no dates; cast it to text first")
    text = f"trim(CAST({column} AS VARCHAR))"
    if step.format is not None:
        return f"CAST({_parsed(text, step.format)} AS {sql_type})"
    best = _best_format(work, name, text, TIMES if step.to == "datetime" else ("",))
    parsed = _parsed(text, best)
    # Before the form that most values have, the standard one: an ISO time with a zone or a fraction of a second.
    standard = f"CASE WHEN {text} LIKE '____-__-__%' THEN TRY_CAST({text} AS TIMESTAMP) END"
    return f"CAST(coalesce({standard}, {parsed}) AS {sql_type})"


def _parsed(text: str, form: str) -> str:
    """The moments that a text holds: %Y needs its four digits (DuckDB reads the 19 in 01-Apr-19 as the year 19)."""
    parsed = f"try_strptime({text}, {quote_string(form)})"
    return f"CASE WHEN year({parsed}) >= 1000 THEN {parsed} END" if "%Y" in form else parsed


def _best_format(work: Work, name: str, text: str, times: tuple[str, ...]) -> str:
    """The form that most values have; where day and month could be either, day first, and that is said."""
    formats = [date + time for time in times for date in DATE_FORMATS]
    counts = ", ".join(f"count({_parsed(text, one)})" for one in formats)
    found = work.connection.execute(f"SELECT {counts} FROM data").fetchall()[0]
    best = max(range(len(formats)), key=lambda index: found[index])
    twin = _other_order(formats[best])
    if found[best] and twin in formats and found[formats.index(twin)] == found[best]:
        work.warnings.append(StepWarns.DATES_READ_EITHER_WAY(name=name[:64], form=formats[best], twin=twin))
    elif found[best]:
        work.warnings.append(StepWarns.DATES_READ_AS(name=name[:64], form=formats[best]))
    return formats[best]


def _other_order(form: str) -> str:
    return form.translate(str.maketrans("dm", "md"))


def _warn_of_losses(work: Work, name: str, column: str, sql: str, to: str) -> None:
    lost = f"{column} IS NOT NULL AND ({sql}) IS NULL"
    word = f"regexp_full_match(trim(CAST({column} AS VARCHAR)), {quote_string(MISSING)}, 'i')"
    n_lost, row, example, n_words = work.connection.execute(
        f"SELECT count(*) FILTER ({lost} AND NOT {word}), min(rowid) FILTER ({lost} AND NOT {word}), "
        f"arg_min(CAST({column} AS VARCHAR), rowid) FILTER ({lost} AND NOT {word}), "
        f"count(*) FILTER ({lost} AND {word}) FROM data"
    ).fetchall()[0]
    if n_lost:
        shown = str(example)[:40]
        lost_values = StepWarns.NOT_CONVERTED(name=name[:64], n_values=n_lost, example=shown, row=row, kind=to)
        work.warnings.append(lost_values)
    if n_words:
        work.warnings.append(StepWarns.WORDS_FOR_MISSING(name=name[:64], n_values=n_words))

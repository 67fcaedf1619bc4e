"""What reading a file warns of: each repair, and each doubt that is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.records.warned import Warned, Warns


class LoadWarns(Warns):
    """Its warnings, in the order of the reading: the file, its lines, its columns, their values."""

    SHEET_CHOSEN = "the book has {n} sheets; {sheet!r} was read, name another to read it: {others}"
    TITLE_ROWS = "{n} rows above the header are left out"
    MERGED_CELLS = (
        "column {name!r}: cells are merged ({cells}), so that {n_empty} below the first of each are empty; the step "
        "fill_missing of transform with the method forward fills them down"
    )
    MERGED_ACROSS = (
        "cells are merged over several columns or with the header ({cells}): only the first of each holds what stands "
        "there, the others are empty"
    )
    UNCOMPUTED_FORMULAS = (
        "cells hold formulas that were never computed, so that they are empty here: open the book in a spreadsheet "
        "program and save it"
    )
    DURATIONS = (
        "column {name!r} seems to hold durations or times of day: they come as moments counted from 1899-12-31; derive "
        "hours from it, such as date_diff('second', '1899-12-31', {column}) / 3600.0"
    )
    NOT_UTF8 = "not UTF-8: read as {encoding}, a guess; look at line {line}"
    BLANKS_BETWEEN = "columns are set apart by blanks; a run of them counts as one"
    SEPARATOR_LINE = "columns are set apart by {mark!r}, as line 1 says"
    LINES_ABOVE = "the table begins in line {line}; what stands before it is left out ({shown!r}, …)"
    NO_HEADER = "no header line found: columns are named column0, column1, …"
    NUMBERS_IN_HEADER = (
        "the first line is read as the header although it holds numbers ({shown}); header: false makes it a row"
    )
    YEARS_IN_HEADER = (
        "the years {first} to {last} are the names of columns: the step unpivot of transform makes one column of years "
        "and one of values"
    )
    TWO_HEADER_LINES = "lines {first} and {second} name the columns together: {shown}"
    DESCRIPTIONS = (
        "line {line} describes the columns and is no data ({shown!r}, …); kept as their descriptions",
        "{n} rows from line {line} on describe the columns and are no data ({shown!r}, …); kept as their descriptions",
    )
    NAME_AGAIN = "column {place} has the name {name!r} again: it is called {called!r}"
    UNNAMED_COLUMN = "column {place} has no name: it is called {called!r}"
    EMPTY_COLUMNS = (
        "1 column has neither name nor values and is left out (column {places} of the file)",
        "{n} columns have neither name nor values and are left out (column {places} of the file)",
    )
    ONE_COLUMN_OF_MARKS = "there is one column, but every line holds {mark!r} as often as its name: are they several?"
    ONE_COLUMN_OF_BLANKS = (
        "there is one column, but runs of blanks stand in it: if its columns have fixed widths, save it as CSV"
    )
    HEADER_AGAIN = (
        "the header comes again once, first in line {line}: left out, it is no data",
        "the header comes again {n} times, first in line {line}: left out, it is no data",
    )
    BYTE_ORDER_MARKS = "a mark of byte order stands inside line {line}: left out, {n} in all"
    NOTES_BELOW = (
        "a note below the table, from line {line} on, left out: {shown!r}",
        "{n} notes below the table, from line {line} on, left out: {shown!r}",
    )
    SECOND_TABLE = (
        "another table seems to begin in line {line}, below an empty row ({shown!r}): its {n_rows} [row is|rows "
        "are] left out; "
        "put it into a file or sheet of its own"
    )
    LINE_ENDS = "lines end in several ways; all are read as line ends"
    COMMENTS = "{n_lines} [line that begins with # is|lines that begin with # are] left out, the first is line {line}"
    SHORT_ROWS = (
        "{n_rows} [row is shorter than the header, in line {line}: what it lacks|rows are shorter than the header, "
        "the first in line {line}: what they lack] is missing"
    )
    EMPTY_ROWS_AT_END = (
        "1 row holds nothing and is left out (at the end)",
        "{n} rows hold nothing and are left out (at the end)",
    )
    EMPTY_ROWS = (
        "1 row holds nothing and is left out (the first after {n_before} rows)",
        "{n} rows hold nothing and are left out (the first after {n_before} rows)",
    )
    MIXED_TYPES = "column {name!r} is mostly {kind} but holds {value!r}: it is kept as text"
    TYPE_KEPT_AS_TEXT = "column {name!r} of type {kind} is kept as text"
    MOMENTS_IN_UTC = "column {name!r} holds moments: every time is that of UTC"
    LONG_NUMBERS = "column {name!r} is kept as text: a number would not keep every digit of its values"
    LONG_CODES = "column {name!r} is kept as text: a number would not keep every digit of its codes"
    DIGITS_LOST = (
        "column {name!r} is kept as text: a number would not keep every digit of {value!r}; if these are amounts, cast "
        "it with transform"
    )
    OTHER_BASE = (
        "column {name!r} is kept as text: {value!r} would be read as a number to another base; if these are amounts, "
        "cast it with transform"
    )
    SHORTENED_IDENTIFIERS = (
        "column {name!r} is kept as text: {value!r} is how a spreadsheet shortens identifiers, whose last digits are "
        "then lost in the file; if these are amounts, cast it with transform"
    )
    EXPONENT_CODES = (
        "column {name!r} is kept as text: {value!r} is written as codes are: of a number it would not come back; if "
        "these are amounts, cast it with transform"
    )
    NEAR_NUMBERS = "column {name!r} is kept as text: {why}"
    ROUNDED = "column {name!r}: numbers are rounded to 15 digits, it holds some of more"
    NOT_FINITE = "column {name!r}: {n_values} infinite or not-a-number [value is|values are] missing now"
    DECIMAL_MARKS_DIFFER = "column {comma!r} has a decimal comma and column {point!r} a decimal point: look at both"
    POINT_BETWEEN_THOUSANDS = (
        "column {name!r}: the point of {n_values} [value, {example!r},|values such as {example!r}] is read as "
        "standing between thousands, "
        "because column {proof} has a decimal comma; if the point is decimal here, derive {column} / 1000"
    )
    MAY_BE_THOUSANDS = (
        "column {name!r}: every value has three digits behind a point, which is read as the decimal one; if it stands "
        "between thousands, derive round({column} * 1000)"
    )
    MAY_BE_DATES = (
        "column {name!r} holds whole numbers that look like dates (year, month, day): the step cast of transform (to "
        "date) makes them so"
    )
    MAY_BE_MONTHS = (
        "column {name!r} holds whole numbers that look like months (year, month): the step derive makes dates of them, "
        "make_date({column} // 100, {column} % 100, 1)"
    )
    MAY_BE_DECIMAL_MONTHS = (
        "column {name!r} holds numbers that look like months (year.month, where .1 is October): the step derive makes "
        "dates of them, make_date(CAST(trunc({column}) AS BIGINT), CAST(round({column} * 100) % 100 AS BIGINT), 1)"
    )
    MAY_BE_SPREADSHEET_DAYS = (
        "column {name!r} holds whole numbers that look like a spreadsheet's days: the step derive makes dates of them, "
        "CAST(DATE '1899-12-30' + to_days(CAST({column} AS INTEGER)) AS DATE)"
    )
    MAY_BE_SPREADSHEET_TIMES = (
        "column {name!r} holds numbers that look like a spreadsheet's days and times: the step derive makes times of "
        "them, make_timestamp(CAST(round(({column} - 25569) * 86400) AS BIGINT) * 1000000)"
    )
    MAY_BE_SECONDS = (
        "column {name!r} holds whole numbers that look like seconds since 1970: the step derive makes times of them "
        "(UTC), make_timestamp({column} * 1000000)"
    )
    MAY_BE_MILLISECONDS = (
        "column {name!r} holds whole numbers that look like thousandths of a second since 1970: the step derive makes "
        "times of them (UTC), make_timestamp({column} * 1000)"
    )
    DATES_KEPT_AS_TEXT = "column {name!r} looks like dates: {why}; it is kept as text"
    TIMES_KEPT_AS_TEXT = (
        "column {name!r} looks like times or durations: not every value is a time of day, it is kept as text"
    )
    PERIODS = "column {name!r} is kept as text: {n_alike} of {n_values} values look like {what}, such as {example!r}"
    PERIODS_TO_TAKE = (
        "column {name!r} is kept as text: {n_alike} of {n_values} values look like {what}, such as {example!r}; the "
        "step derive takes {gives} of each: {taken}"
    )
    MAY_BE_MISSING = (
        "column {name!r}: {listed} far outside all other values may stand for missing; it is kept as a {kind}, and "
        "where it is none, derive {nulls} before anything is computed"
    )
    NA_IS_A_CODE = (
        "column {name!r}: {n_values} [value 'NA' is kept as a code like {other!r}; where it is|values 'NA' are "
        "kept as a code like {other!r}; where they are] missing, the step "
        "derive of transform makes [it|them] so: nullif({column}, 'NA')"
    )
    READ_AS_MISSING = "column {name!r}: {listed} are read as missing"
    LAST_ROW_IS_TOTAL = "the last row is {why}: leave it out where it does not count, with where: _row < {last}"
    ROWS_ARE_TOTALS = (
        "column {name!r}: {n} row is called {example!r}, which other rows may add up to: leave them out with where: "
        "{column} IS DISTINCT FROM {value}",
        "column {name!r}: {n} rows are called {example!r}, which other rows may add up to: leave them out with where: "
        "{column} IS DISTINCT FROM {value}",
    )
    QUOTE_MARKS = (
        "values of {names} begin with a quote mark before = + - or @, which keeps spreadsheets from running them; they "
        "are kept as the file has them, so they differ from the same text without the mark"
    )
    QUOTE_MARKS_IN_NAMES = "names of columns begin with such a quote mark and keep it: {names}"
    ALIKE_COLUMNS = "columns {one!r} and {other!r} look alike and are two: {why}"
    MORE_ALIKE_COLUMNS = "{n_more} more [column looks|columns look] like others"
    ALIKE_DATASETS = "datasets {one!r} and {other!r} look alike and are two: {why}"
    ROUGH_COUNTS = "distinct counts of {names} are estimates, good to about 2 %"
    NAME_TAKEN_OVER = (
        "{name} stood for {n_rows:,} rows from {source} until now; other conversations that have used those keep them"
    )


class ColumnWarns(Warns):
    """What may be one part of a sentence about how a column was read; the first of them leave a doubt."""

    EITHER_MARK = "they could also be read the other way, look at them"
    CURRENCIES_DIFFER = "the currencies differ ({shown}): the numbers are not of one unit"
    EITHER_ORDER = "every {what} would fit the other way too: make sure"
    OTHERS_DISAGREE = "every {what} would fit the other way too: make sure, for the other columns disagree"
    YEAR_EITHER_WAY = "every date would fit with the year first too: make sure"
    MAY_BE_A_ZONE = "{shown!r} behind every time is left out: is it a zone?"
    NUMBERS_READ = (
        "{n_values} [value, {example!r} (in {place}), is read as a number|values such as {example!r} (first in "
        "{place}) are read as numbers]{marks}"
    )
    MARK_PROVEN = "column {proof} shows which of the marks is decimal"
    BRACKETS = "{n_values} in brackets [is|are] below 0, as accounts have it: (5) is -5"
    PERCENT = "% is taken off, 15% is 15"
    NOW_MISSING = "{n_values} [value, {example!r}, is|values such as {example!r} are] missing now"
    PLAIN_NUMBERS = "read as numbers"
    FLAGS_LEFT_OUT = "{n_flags} [flag beside the numbers is|flags beside the numbers are] left out ({listed})"
    NO_VALUE_SIGNS = "{n_values} [value ':' is|values ':' are] missing now"
    NAMED_DATES = "{n_values} [value, {example!r}, is|values such as {example!r} are] read as {what}"
    DATES_READ = "dates are read {order}, the first is {first} (year-month-day)"
    DATE_TIMES_READ = "{n_values} [date-time is|date-times are] read {order}"
    ORDER_ASKED = "as it was asked for"
    ORDER_PROVEN = "{example!r} proves it"
    ORDER_PROVEN_ELSEWHERE = "{example!r} in column {name!r} proves it"
    ZONE_LEFT_OUT = "every time has the offset or zone {shown!r}, which is left out: the times are local there"
    MOVED_TO_UTC = "offsets or zones differ ({shown}): every time is moved to UTC"


class Whys(Warns):
    """Reasons that stand inside a warning: why a column is text, a row a total, two names alike."""

    NOT_ALL_DATES = "{n_odd} of {n_values} values are none, one is {example!r}"
    SEVERAL_FORMS = "they have several forms, {one!r} and {other!r}"
    NOT_ALL_NAMED_DATES = "not every value is one, of one form, with or without a zone"
    NO_DATE = "{value!r} is none"
    BOTH_ORDERS = "{day!r} has the day first and {month!r} the month first"
    NOT_AS_ASKED = "not every date fits the order of day and month that was asked for"
    SOME_WITHOUT_ZONE = "some times have an offset or a zone, such as {shown!r}, and some have none"
    UNKNOWN_ZONE = "the zone {shown!r} is not known, or means several"
    BESIDE_NUMBER = "{n_beside} of {n_values} values have something beside the number, such as {example!r}"
    MOSTLY_NUMBERS = "most are numbers, but {value!r} is none"
    BOTH_MARKS = "some have a decimal point ({point!r}) and some a decimal comma ({comma!r})"
    COMMA_OR_LIST = "{value!r} may be a number with a decimal comma, or a list"
    ALL_NUMBERS = "every value is a number or a word for none"
    CAST_MAKES_NUMBERS = (
        "the step cast of transform (to number) makes numbers of the plain ones, and the others missing"
    )
    DERIVE_TAKES_NUMBER = "the step derive takes the number alone: {taken}"
    ENDINGS_DIFFER = "the endings differ ({shown}): the numbers may not be of one unit"
    LIMITS = "a limit such as {value!r} is no value: decide what it stands for"
    CALLED_TOTAL = "called {label!r}"
    SUM_OF_OTHERS = "the sum of the others in {names}"
    UNSEEN_SIGN = "a sign that does not show tells them apart"
    OTHER_LETTER = "{one} stands in the first where {other} stands in the second"


ORDERS: Mapping[str, str] = {"ymd": "year, month, day", "dmy": "day before month", "mdy": "month before day"}
"""Which number of a date stands where, in words."""
LEAVES_DOUBT = frozenset(
    one.code
    for one in (
        ColumnWarns.EITHER_MARK,
        ColumnWarns.CURRENCIES_DIFFER,
        ColumnWarns.EITHER_ORDER,
        ColumnWarns.OTHERS_DISAGREE,
        ColumnWarns.YEAR_EITHER_WAY,
        ColumnWarns.MAY_BE_A_ZONE,
    )
)


def warned_of_column(name: str, parts: Sequence[Warned]) -> Warned:
    """One sentence about a column; its code is that of the first part that leaves a doubt, or of the first."""
    doubts = [part for part in parts if part.code in LEAVES_DOUBT]
    return Warned((doubts or parts)[0].code, f"column {name[:64]!r}: {joined(parts)}")


def joined(parts: Sequence[Warned], by: str = "; ") -> str:
    """The parts of a sentence."""
    return by.join(part.words for part in parts)

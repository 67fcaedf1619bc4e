"""Which rows are meant: `year above 2007`, `sex is female`, `in 2008`, `for adelie`, as a condition in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.data.base import quote_identifier, quote_string
from agent.offline.naming import is_unit
from agent.offline.reader import Found, Match, Reader

IS = "[is|are|was|were]"
COMPARISONS = {
    f"({IS} (above|over|more than|greater than|larger than|higher than|bigger than|exceeding)|exceeds|>)": ">",
    f"({IS} (below|under|less than|smaller than|lower than|fewer than)|<)": "<",
    f"({IS} (at least|no less than|not below|not less than)|>=|> =)": ">=",
    f"({IS} (at most|no more than|not above|not more than|up to)|<=|< =)": "<=",
    "(is|are|was|equals|is equal to|equal to|=|of)": "=",
    "(is not|are not|was not|is not equal to|not equal to|isnt|!=)": "<>",
}
COUNTS = {
    "(more than|over|>)": ">",
    "(fewer than|less than|under|<)": "<",
    "(at least|no less than|no fewer than|>=)": ">=",
    "(at most|no more than|up to|<=)": "<=",
    "(exactly|just)": "=",
}
SINCE = {f"{IS} after": ">", f"{IS} before": "<", f"{IS} since": ">=", f"{IS} until": "<="}
ONE_OF = "and|or|,|, and|, or|nor"
ANY_COMPARISON = ONE_OF + "|vs|against|with|to|from|than"
YEARS = range(1500, 2201)
MOST_WORDS = 3
ROW_NUMBER = "_row"
TO_LOOK_UP = 100
"""The cost of a reading that takes a word for a value of some column before anybody has looked."""


def read_condition(reader: Reader, place: int) -> Iterator[Found]:
    """One condition, or several all joined by "and", or all by "or": a mixture can be read in two ways."""
    yield from _chain(reader, place, "AND", "[,] and")
    yield from (found for found in _chain(reader, place, "OR", "[,] or") if " OR " in str(found[0]))


def read_year(reader: Reader, place: int) -> Iterator[Found]:
    """A year alone, such as 2008, where one column holds years."""
    token = reader.tokens[place]
    columns = [
        column for column, own in reader.table.words.items() if own == ["year"] and reader.table.is_number(column)
    ]
    if token.kind == "number" and token.text.isdigit() and int(token.text) in YEARS and len(columns) == 1:
        yield f"{quote_identifier(columns[0])} = {token.text}", place + 1, 0


def read_years(reader: Reader, place: int) -> Iterator[Found]:
    """A year alone, several, or all from one to another."""
    yield from read_year(reader, place)
    for condition, end, _ in read_year(reader, place):
        name, _, first = str(condition).rpartition(" = ")
        for match in reader.fits("(and|or|to|through|until|–|-) {year:year}", Match(end)):
            last = str(match.bound[-1][1]).rpartition(" = ")[2]
            is_list = reader.tokens[end].text in ("and", "or")
            yield f"{name} IN ({first}, {last})" if is_list else f"{name} BETWEEN {first} AND {last}", match.end, 0


def read_since(reader: Reader, place: int) -> Iterator[Found]:
    """The years before or after one."""
    for phrase, sign in SINCE.items():
        for match in reader.fits(f"{phrase} {{year:year}}", Match(place)):
            yield str(match.bound[-1][1]).replace(" = ", f" {sign} "), match.end, match.cost


def read_values(reader: Reader, place: int, links: str = ONE_OF) -> Iterator[tuple[str, tuple[str, ...], int, int]]:
    """Words that are values of one column: (the column, the values as the data spell them, the end, the cost)."""
    furthest = reader.furthest
    found_phrases = list(_phrases(reader, place, links))
    # A word that might be a value accounts for nothing until it is one.
    reader.furthest = furthest
    for phrases, end in found_phrases:
        if reader.table.values is None:
            reader.asked |= dict.fromkeys(phrases)
            yield "", phrases, end, TO_LOOK_UP
            yield from (
                ("", phrases, last, TO_LOOK_UP) for _, last, _ in reader.column(end) if end < len(reader.tokens)
            )
            continue
        found = [dict(reader.table.values.get(phrase, ())) for phrase in phrases]
        for column in found[0]:
            if all(column in values for values in found):
                meant = tuple(values[column] for values in found)
                yield column, meant, end, 0
                # Dream island: the column's own name behind its value.
                yield from ((column, meant, last, cost) for named, last, cost in reader.column(end) if named == column)


def is_one_of(column: str, values: Sequence[str]) -> str:
    """The condition that a column has one of the values."""
    if len(values) == 1:
        return f"{quote_identifier(column)} = {quote_string(values[0])}"
    return f"{quote_identifier(column)} IN ({', '.join(map(quote_string, values))})"


def _chain(reader: Reader, place: int, word: str, link: str) -> Iterator[Found]:
    for condition, end, cost in _atom(reader, place):
        yield condition, end, cost
        for joined in reader.fits(link, Match(end)):
            for more, last, rest in _chain(reader, joined.end, word, link):
                yield f"{condition} {word} {more}", last, cost + rest


def _atom(reader: Reader, place: int) -> Iterator[Found]:
    yield from _by_column(reader, place)
    yield from _by_row(reader, place)
    yield from _by_count(reader, place)
    yield from read_since(reader, place)
    if "age" in [column.lower() for column in reader.table.kinds]:
        column = next(column for column in reader.table.kinds if column.lower() == "age")
        for word, sign in (("older", ">"), ("younger", "<")):
            for match in reader.fits(f"{IS} {word} than {{n:num}}", Match(place)):
                yield f"{quote_identifier(column)} {sign} {match.bound[-1][1]}", match.end, match.cost


def _by_column(reader: Reader, place: int) -> Iterator[Found]:
    for start in reader.skipping(Match(place)):
        for column, end, cost in reader.column(start.end):
            name, at = quote_identifier(column), Match(end, cost=start.cost + cost)
            for match in reader.fits("(is|are) [not] (missing|null|na|unknown|empty)", at):
                has_not = any(token.text == "not" for token in reader.tokens[end : match.end])
                yield f"{name} IS {'NOT ' if has_not else ''}NULL", match.end, match.cost
            if reader.table.is_number(column):
                for condition, last, paid in _by_number(reader, name, at):
                    yield condition, last, paid
                    if last < len(reader.tokens) and is_unit(reader.tokens[last].text, reader.table.words[column]):
                        yield condition, last + 1, paid
            elif reader.table.kinds[column].type == "text":
                yield from _by_text(reader, column, at)


def _by_row(reader: Reader, place: int) -> Iterator[Found]:
    """`_row`, the number of a row from 0 on, as a warning at the load names it: a person's `row` counts from 1."""
    for match in reader.fits("row", Match(place)):
        if reader.text[reader.tokens[place].start - 1 : reader.tokens[place].end] == ROW_NUMBER:
            yield from _by_number(reader, ROW_NUMBER, match)


def _by_count(reader: Reader, place: int) -> Iterator[Found]:
    """More than 3 bedrooms: the number before its column."""
    for phrase, sign in COUNTS.items():
        for match in reader.fits(f"{phrase} {{n:num}} {{of:number}}", Match(place)):
            (_, number), (_, column) = match.bound[-2:]
            yield f"{quote_identifier(str(column))} {sign} {number}", match.end, match.cost


def _by_number(reader: Reader, name: str, at: Match) -> Iterator[Found]:
    for phrase, sign in [*COMPARISONS.items(), ("", "=")]:
        for match in reader.fits(f"{phrase} {{n:num}}", at):
            yield f"{name} {sign} {match.bound[-1][1]}", match.end, match.cost
    for phrase, sign in SINCE.items():
        for match in reader.fits(f"{phrase} {{n:num}}", at):
            yield f"{name} {sign} {match.bound[-1][1]}", match.end, match.cost
    for match in reader.fits(f"{IS} [either|one of|in] {{numbers:nums}}", at):
        numbers = match.bound[-1][1]
        assert isinstance(numbers, list)  # noqa: S101 - a slot of numbers
        yield f"{name} IN ({', '.join(map(str, numbers))})", match.end, match.cost
    for match in reader.fits(f"{IS} (between {{a:num}} and {{b:num}}|from {{a:num}} to {{b:num}})", at):
        (_, low), (_, high) = match.bound[-2:]
        yield f"{name} BETWEEN {low} AND {high}", match.end, match.cost


def _by_text(reader: Reader, column: str, at: Match) -> Iterator[Found]:
    name = quote_identifier(column)
    for phrase, sign in (("(is|are|equals|=)", "="), ("(is not|are not|isnt|!=)", "<>"), ("", "=")):
        for match in reader.fits(phrase, at):
            for found, values, end, cost in read_values(reader, match.end, links=""):
                if found in (column, ""):
                    yield f"{name} {sign} {quote_string(values[0])}", end, at.cost + cost


def _phrases(reader: Reader, place: int, links: str) -> Iterator[tuple[tuple[str, ...], int]]:
    for start in reader.skipping(Match(place)):
        for phrase, end in _phrase(reader, start.end, is_after_column=not links):
            yield (phrase,), end
            for link in reader.fits(f"({links}) [for|in|of|the]", Match(end)) if links else ():
                for more, last in _phrases(reader, link.end, links):
                    yield (phrase, *more), last


def _phrase(reader: Reader, place: int, is_after_column: bool) -> Iterator[tuple[str, int]]:
    """One to three words that are none of the language, of a column or of a dataset; or a quoted text."""
    if place < len(reader.tokens) and reader.tokens[place].kind == "quoted":
        yield reader.tokens[place].text, place + 1
        return
    columns = list(reader.table.words.values())
    datasets = {name.lower() for name in reader.table.datasets}
    for end in range(place + 1, min(place + MOST_WORDS, len(reader.tokens)) + 1):
        token = reader.tokens[end - 1]
        if token.kind != "word" or token.text in datasets or [token.text] in columns:
            return
        is_answer = is_after_column and token.text in ("yes", "no")
        if token.text in reader.language and not reader.is_code(end - 1) and not is_answer:
            return
        yield " ".join(token.text for token in reader.tokens[place:end]), end

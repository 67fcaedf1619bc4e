"""Numbers in the model's prose that nothing in the conversation gives: they were made up, or computed in its head."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.records import JsonValue, Message
from tools.p_values import P_NAME

NUMBER = re.compile(r"(?<![\w.,])[-+−–]?(?:(?:\d{1,3}(?:[,  ]\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+−]?\d+)?(?![\w])")
TIMES_TEN = re.compile(r"(?:(?<=\d)\s*[×x·*]\s*|(?<![\w.,]))10(?:\^\{?([-+−]?\d+)\}?|([⁻⁺]?[⁰¹²³⁴-⁹]+))")
"""The power of ten of 3.2 × 10^-12, 3.2 × 10⁻¹² or 10⁻¹²."""
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
BOUND = re.compile(
    r"(?P<name>[A-Za-z]\w*)(?:[- ]values?)?[*$]*(?:\s+(?:is|are|was|were|all|both|each|well|far))*\s*[$\\]*"
    r"(?P<sign>[<>≤≥]=?|below|under|less than|smaller than|above|over|more than|greater than|larger than)[*$]*\s*$"
)
"""What stands before a number that is a bound: `p <`, `p-values are all below`."""
OF_A_LEVEL = re.compile(
    r"\b(?:at|if|when|whenever|where|unless|until|level|threshold|criterion|cut-?off|alpha|rule|means?|requires?|needs?|"
    r"typically|usually|conventional\w*|customar\w*|commonly)\b[^.;:!?]{0,25}$",
    re.IGNORECASE,
)
"""What stands before a bound that is a rule and no finding: `significant at p < 0.05`, `if p < 0.05`."""
BELOW = frozenset(["<", "<=", "≤", "below", "under", "less than", "smaller than"])
QUOTED_P = re.compile(r"`(p(?:_\w+)?)`", re.IGNORECASE)
IN_TEXT = re.compile(r"[-+]?\d[\d,]*\.?\d*(?:[eE][-+]?\d+)?")
NOT_PROSE = re.compile(
    r"```.*?```|`[^`]*`"  # code and names
    r"|\d{4}-\d{2}(?:-\d{2})?(?:[T ]\d{2}:\d{2}(?::\d{2})?)?|\b\d{1,2}:\d{2}(?::\d{2})?\b"  # dates and times
    r"|^\s*\d+[.)]\s"  # the numbers of a list
    r"|\S*[/\\]\S*",  # paths and addresses
    re.DOTALL | re.MULTILINE,
)
CUSTOMARY = frozenset([0.05, 0.01, 0.001, 0.0001, 0.1, 90.0, 95.0, 99.0, 99.9, 100.0, 0.9, 0.95, 0.99, 50.0, 0.5, 1.5])
"""Levels of significance and confidence, a half, a whole, Tukey's 1.5: said without any tool."""
SMALL = 12
"""Whole numbers up to here count things that anyone sees: three groups, two columns."""
COUNTS = frozenset("n rows count total missing distinct duplicates rows_before cells".split())
SCALES = (1.0, 100.0, 0.01, 1e-3, 1e3, 1e-6, 1e6)
"""Percentages and shares; thousands and millions, as people put units."""
MOST_ROUNDED = 0.02
"""How far zeros at the end of a whole number may be from the truth."""
MAX_BOUND = 60
"""So many characters before a number are searched for what it bounds."""
MAX_PAIRED = 400
"""Differences and ratios are tried among at most so many numbers of one kind."""


@dataclass
class Given:
    """All numbers that the conversation gives: alone, and by the name that they have in a result."""

    alone: set[float] = field(default_factory=set)
    by_name: dict[str, list[float]] = field(default_factory=dict)


def unsupported_numbers(prose: str, messages: Sequence[Message]) -> list[str]:
    """The numbers of the prose that are none of these, as they are written, each once.

    A number is supported when, rounded as it is shown, it equals one that a tool's result, a call's argument or the
    user gave; that number as a percentage or in thousands, or squared where it is a correlation; or the difference,
    ratio or change in percent of two numbers of the same name (two means), or of two counts. Whole numbers up to 12,
    customary levels (0.05, 95 %), dates, names and code are not looked at. The sign does not count: "fell by 3.2".
    A bound ("p < 1e-10") is supported when it is true of a number of that name in a result; one of p in no other way,
    unless somebody wrote it before. A bound of p is looked at with a customary level too, where it is no rule ("at").

    Parameters
    ----------
    prose : str
        The model's words, in Markdown.
    messages : sequence of Message
        The conversation up to these words.
    """
    plain = NOT_PROSE.sub(" ", TIMES_TEN.sub(_in_e, QUOTED_P.sub(r"\1", html.unescape(prose))))
    shown = {match.start(): match.group() for match in NUMBER.finditer(plain)}
    bounds = {at: BOUND.search(plain[max(0, at - MAX_BOUND) : at]) for at in shown}
    looked_at = {at: text for at, text in shown.items() if is_looked_at(text) or _bounds_a_p(bounds[at])}
    if not looked_at:
        return []
    given = read_given(messages)
    return list(dict.fromkeys(text for at, text in looked_at.items() if not _is_given(text, bounds[at], given)))


def _in_e(power: re.Match[str]) -> str:
    """A power of ten as e-12 behind a number, or as 1e-12."""
    exponent = (power[1] or power[2]).translate(RAISED)
    return f"{'' if power[0].lstrip()[0] in '×x·*' else '1'}e{exponent}"


def _bounds_a_p(bound: re.Match[str] | None) -> bool:
    """Whether a p is said to lie on one side: a claim, even about a customary level, unless it speaks of the level."""
    if bound is None or P_NAME.fullmatch(bound["name"].casefold()) is None:
        return False
    return OF_A_LEVEL.search(bound.string[: bound.start()]) is None


def _is_given(text: str, bound: re.Match[str] | None, given: Given) -> bool:
    if bound is None:
        return _is_supported(text, given)
    name, limit = bound["name"].casefold(), _value(text) or 0.0
    is_p = P_NAME.fullmatch(name) is not None
    values = [value for key, found in given.by_name.items() if _is_named(name, key, is_p) for value in found]
    if any(value <= limit if bound["sign"] in BELOW else value >= limit for value in values):
        return True
    if is_p and not values and not is_looked_at(text):
        return True  # where there is no p, a customary level claims nothing about one
    return limit in given.alone if is_p and values else _is_supported(text, given)


def _is_named(name: str, key: str, is_p: bool) -> bool:
    """Whether a result's numbers of this key are what the prose calls by that name; any p is called p."""
    return P_NAME.fullmatch(key) is not None if is_p else key.casefold() == ("counts" if name in COUNTS else name)


def read_given(messages: Iterable[Message]) -> Given:
    """The numbers in users' words, calls' arguments and tools' results."""
    given = Given()
    for message in messages:
        for block in message.content:
            if block["type"] == "text" and message.role == "user":
                given.alone |= set(_numbers_in(str(block["text"])))
            elif block["type"] == "tool_use":
                given.alone |= {value for _, value in _walk("", block["input"])}
            elif block["type"] == "tool_result":
                _take_result(given, str(block["content"]))
    return given


def _take_result(given: Given, content: str) -> None:
    try:
        result = json.loads(content)
    except json.JSONDecodeError:
        given.alone |= set(_numbers_in(content))
        return
    for name, value in _walk("", result):
        given.alone.add(value)
        given.by_name.setdefault("counts" if name in COUNTS else name, []).append(value)


def _walk(name: str, value: JsonValue) -> Iterator[tuple[str, float]]:
    """Every number with the name of the nearest key; a list gives its length too, as people count its items."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield name, float(value)
    elif isinstance(value, str):
        yield from (("", number) for number in _numbers_in(value))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(str(key), item)
    else:
        yield "", float(len(value))
        for item in value:
            yield from _walk(name, item)


def _numbers_in(text: str) -> Iterator[float]:
    for found in IN_TEXT.findall(text):
        value = _value(found)
        if value is not None:
            yield value


def _value(text: str) -> float | None:
    plain = re.sub(r"[,  ]", "", text).replace("−", "-").replace("–", "-")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def is_looked_at(text: str) -> bool:
    """False for what needs no source: small whole numbers and customary levels."""
    value = _value(text)
    if value is None:
        return False
    is_whole = re.fullmatch(r"[-+−–]?\d+", text) is not None
    return not (abs(value) in CUSTOMARY or (is_whole and abs(value) <= SMALL))


def _room(text: str) -> float:
    """Half a unit of the last digit that is shown; zeros at the end of a whole number may be rounding."""
    plain = re.sub(r"[,  ]", "", text).lower()
    mantissa, _, exponent = plain.partition("e")
    power = int(exponent.replace("−", "-")) if exponent else 0
    whole, _, fraction = mantissa.partition(".")
    if fraction:
        return 0.5 * 10.0 ** (power - len(fraction))
    n_zeros = len(whole) - len(whole.rstrip("0"))
    return min(0.5 * 10.0 ** (power + n_zeros), MOST_ROUNDED * abs(_value(text) or 0.0)) or 0.5


def _is_supported(text: str, given: Given) -> bool:
    value, room = abs(_value(text) or 0.0), _room(text) * (1 + 1e-9)

    def near(found: float) -> bool:
        return abs(abs(found) - value) <= room

    squares = {one * one for one in given.alone if abs(one) <= 1}  # r², the share of variance that r explains
    if any(near(one * scale) for one in given.alone | squares for scale in SCALES):
        return True
    return any(near(found) for numbers in given.by_name.values() for found in _derived(numbers))


def _derived(numbers: Sequence[float]) -> Iterator[float]:
    """Differences, ratios, shares and changes in percent of two numbers of one kind."""
    distinct = list(dict.fromkeys(numbers))[:MAX_PAIRED]
    for one in distinct:
        for other in distinct:
            if one == other:
                continue
            yield one - other
            if other != 0:
                ratio = one / other
                yield from (ratio, 100 * ratio, 100 * (ratio - 1))

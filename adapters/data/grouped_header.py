"""A header of two rows: groups in the first (Sales, , Costs, ), and below it what each has (2020, 2021, 2020, 2021)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from adapters.data.header_contrast import YEAR, as_number, column_kind, kind_of, years_of

FEWEST_OF_GROUP = 2


def names_of_two_rows(first: Sequence[str], below: Sequence[Sequence[str]]) -> list[str] | None:
    """The columns' names where the first row and the one below it name them together, else None.

    A name in the first row stands over its own column and over those to the right that have none or the same. The
    second row must name each column of a group differently: by words above numbers, or by years or numbers that no row
    below is like; then nothing may stand in it that could be the first value of another column.
    """
    upper = [field.strip() for field in first]
    groups = [places for places in _groups(upper) if len(places) >= FEWEST_OF_GROUP]
    # One name over all columns is a title.
    if not groups or len(groups[0]) == len(upper):
        return None
    rows = [[field.strip() for field in row] for row in below if len(row) == len(first)]
    if len(rows) < 2 or rows[0] != [field.strip() for field in below[0]]:
        return None
    lower, data = rows[0], rows[1:]
    if any(_repeats([lower[place] for place in places]) for places in groups):
        return None
    spanned = [place for places in groups for place in places]
    if not (_are_words(lower, data, spanned) or _are_numbers(upper, lower, data, groups)):
        return None
    names = list(upper)
    for places in groups:
        names = [upper[places[0]] if place in places else name for place, name in enumerate(names)]
    return [
        name if not label or label == name else f"{name} {label}".strip()
        for name, label in zip(names, lower, strict=True)
    ]


def _groups(upper: Sequence[str]) -> list[list[int]]:
    """The places below each name; what stands left of the first name is a group by itself."""
    groups: list[list[int]] = []
    for place, name in enumerate(upper):
        if groups and upper[groups[-1][0]] and name in ("", upper[groups[-1][0]]):
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _repeats(labels: Sequence[str]) -> bool:
    """Whether a label is missing, or comes twice."""
    return not all(labels) or len({label.casefold() for label in labels}) < len(labels)


def _are_words(lower: Sequence[str], data: Sequence[Sequence[str]], spanned: Sequence[int]) -> bool:
    """Whether all labels are words, and numbers or dates stand below each of them."""
    return all(
        kind_of(lower[place]) == "word" and column_kind([row[place] for row in data]) in ("number", "date")
        for place in spanned
    )


def _are_numbers(
    upper: Sequence[str], lower: Sequence[str], data: Sequence[Sequence[str]], groups: Sequence[Sequence[int]]
) -> bool:
    """Whether the labels are years at even steps, or the same numbers in each group, and no row below is like them."""
    spanned = {place for places in groups for place in places}
    others = [place for place in range(len(upper)) if place not in spanned]
    if not others or any(_may_be_value(upper[place], lower[place]) for place in others):
        return False
    return _are_labels(lower, groups) and not any(_are_labels(row, groups) for row in data)


def _may_be_value(name: str, field: str) -> bool:
    """Whether what stands below a column's name could be its first value."""
    return field not in ("", name) and (name != "" or kind_of(field) != "word")


def _are_labels(row: Sequence[str], groups: Sequence[Sequence[int]]) -> bool:
    labels = [[row[place] for place in places] for places in groups]
    if all(YEAR.fullmatch(field) for fields in labels for field in fields):
        return all(years_of(fields) for fields in labels)
    are_alike = len(labels) > 1 and all(one == other for one, other in itertools.pairwise(labels))
    return are_alike and all(as_number(field) is not None for field in labels[0])

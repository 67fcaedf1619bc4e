"""What a comparison compares: arrays of values by group, by pair, by subject, by two factors, or of yes and no."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from adapters.data.base import DuckTable, quote_identifier
from adapters.file_words import match_word
from tools import stats
from tools.columns import find_value, in_order, second_value
from tools.errors import ToolError

if TYPE_CHECKING:
    import pandas as pd

    from tools.stats import Floats

MAX_GROUPS = 50
MAX_LABEL = 64
Kind = Literal["one", "two", "many", "paired", "repeated", "share", "shares", "factors"]


@dataclass(frozen=True)
class Samples:
    """The values that are compared: a name and an array for each group, and how many rows were left out.

    Of shares the arrays hold 1 for yes and 0 for no; of factors the groups are cells, row by row of `levels`. Values
    are distances from `origin`, divided by 2^`exponent`.
    """

    kind: Kind
    names: list[str]
    arrays: list[Floats]
    missing: int
    event: str | None = None
    levels: tuple[list[str], list[str]] = field(default=([], []))
    factors: tuple[str, str] = ("", "")
    origin: float = 0.0
    exponent: int = 0

    @property
    def n(self) -> int:
        """Rows of one number; of pairs and repeated measures the subjects."""
        return len(self.arrays[0]) if self.kind in ("paired", "repeated") else sum(map(len, self.arrays))

    def without_rounding(self) -> Samples:
        """The same, where a group's values that differ by no more than rounding are one value: it has no spread."""
        return replace(self, arrays=[stats.as_one(x) for x in self.arrays])

    def near_one(self, mu: float | None) -> Samples:
        """The same, values (and mu) whose squares would be too large or too small to hold over a power of two."""
        exponent = stats.exponent_of(*self.arrays, *([] if mu is None else [stats.as_floats(mu - self.origin)]))
        arrays = [stats.divided(x, exponent) for x in self.arrays]
        return replace(self, arrays=arrays, exponent=exponent, origin=math.ldexp(self.origin, -exponent))

    def own(self, value: float | None) -> float | None:
        """A distance between values in their own unit."""
        return stats.times(value, self.exponent)

    def near_zero(self) -> Samples:
        """The same, values far from 0 measured from one of them: no digit is lost to where they lie.

        Shares stay as they are: of nothing but yes, measured from 1, there would be none.
        """
        if self.event is not None or not stats.are_far(self.arrays):
            return self
        everything = stats.joined(self.arrays)
        origin, unit = stats.find_origin(everything), stats.decimal_unit(everything)
        return replace(self, arrays=[stats.distances(x, origin, unit) for x in self.arrays], origin=origin)


def columns_side_by_side(table: DuckTable, names: Sequence[str]) -> Samples:
    """Two or more columns of numbers; each row is a subject, and only whole rows count."""
    arrays, missing = _whole_rows(table, names)
    return Samples("paired" if len(names) == 2 else "repeated", list(names), arrays, missing)


def one_column(table: DuckTable, value: str) -> Samples:
    """One column of numbers."""
    arrays, missing = _whole_rows(table, [value])
    return Samples("one", [value], arrays, missing)


def by_group(table: DuckTable, value: str, group: str, chosen: Sequence[str] | None) -> Samples:
    """The values of each group; only the `chosen` groups, in their order, where any are named."""
    found = _levels(_labels(table, group, [value]), group, chosen)
    arrays, missing = _split(table, value, group, found, is_part=chosen is not None)
    return Samples("two" if len(found) == 2 else "many", found, arrays, missing)


def by_subject(table: DuckTable, value: str, group: str, subject: str, chosen: Sequence[str] | None) -> Samples:
    """Each subject's values in the groups, where it has one in each."""
    frame = table.frame([value, group, subject], as_text=[group, subject])
    whole = frame.dropna()
    found = _levels(list(whole[group].unique()), group, chosen)
    whole = whole[whole[group].isin(found)]
    again = whole.duplicated([group, subject])
    if again.any():
        who, where = (text[:MAX_LABEL] for text in whole.loc[again, [subject, group]].iloc[0])
        raise ToolError(f"{subject!r} {who!r} has several values in {where!r}: average them first")
    wide = whole.pivot(index=subject, columns=group, values=value)[found]
    complete = wide.dropna()
    left_out = len(frame) - complete.size
    kind: Kind = "paired" if len(found) == 2 else "repeated"
    return Samples(kind, found, [_floats(complete[name]) for name in found], left_out)


def by_factors(table: DuckTable, value: str, group: str, other: str, chosen: Sequence[str] | None) -> Samples:
    """The values of each pair of levels of two factors; a pair may be empty."""
    first = _levels(_labels(table, group, [value, other]), group, chosen)
    rows = {group: first, other: _labels(table, other, [value, group])}
    (values, ones, others), missing = _whole_rows(table, [value, group, other], rows)
    missing -= 0 if chosen is None else _n_missing_elsewhere(table, [value, other], group, first)
    # Of the second factor, too, only the levels that the chosen groups have.
    second = _levels([label for place, label in enumerate(rows[other]) if (others == place).any()], other, None)
    cells = [(a, b) for a in range(len(first)) for b in map(rows[other].index, second)]
    names = [f"{a[:MAX_LABEL]}, {b[:MAX_LABEL]}" for a in first for b in second]
    arrays = [values[(ones == a) & (others == b)] for a, b in cells]
    return Samples("factors", names, arrays, missing, levels=(first, second), factors=(group, other))


def shares(table: DuckTable, value: str, group: str | None, event: str | None, chosen: Sequence[str] | None) -> Samples:
    """Yes (the event) and no, in all or by group; without an event the second of two values is it.

    Where all rows hold one value the event may be another: none of 18 is a share too.
    """
    found = in_order(_labels(table, value, [] if group is None else [group]))
    if event is None and len(found) != 2:
        shown = ", ".join(repr(name[:MAX_LABEL]) for name in found[:10])
        raise ToolError(f"{value!r} has {len(found)} values, not two ({shown}): say in `event` which one counts as yes")
    if event is None:
        event = second_value(found)
    elif len(found) == 1 and match_word(event, found) is None:
        found = [*found, event]
    else:
        event = find_value(event, found, "event", value)
    yes = found.index(event)
    if group is None:
        (places,), missing = _whole_rows(table, [value], {value: found})
        return Samples("share", [value], [(places == yes).astype("float64")], missing, event=event)
    groups = _levels(_labels(table, group, [value]), group, chosen)
    (places, ones), missing = _whole_rows(table, [value, group], {value: found, group: groups})
    missing -= 0 if chosen is None else _n_missing_elsewhere(table, [value], group, groups)
    arrays = [(places[ones == place] == yes).astype("float64") for place in range(len(groups))]
    return Samples("shares", groups, arrays, missing, event=event)


def _labels(table: DuckTable, column: str, others: Sequence[str]) -> list[str]:
    """The values of the column, as text, in the rows where the other columns have one too."""
    name = quote_identifier(column)
    there = " AND ".join(f"{quote_identifier(other)} IS NOT NULL" for other in (column, *others))
    return [label for (label,) in table.fetch(f"SELECT DISTINCT CAST({name} AS VARCHAR) FROM data WHERE {there}")]


def _whole_rows(
    table: DuckTable, names: Sequence[str], labels: Mapping[str, Sequence[str]] | None = None
) -> tuple[list[Floats], int]:
    """The columns in the rows where each has a value (or is one of the labels), and how many lack a value."""
    there = " AND ".join(f"{quote_identifier(name)} IS NOT NULL" for name in names)
    ((n_all, n_there),) = table.fetch(f"SELECT count(*), count(*) FILTER (WHERE {there}) FROM data")
    return stats.gather_whole(table.stream(names, labels=labels), len(names), n_there), n_all - n_there


def _n_missing_elsewhere(table: DuckTable, names: Sequence[str], group: str, chosen: Sequence[str]) -> int:
    """How many rows of the groups that were not chosen lack a value: nobody asked about them."""
    lacking = " OR ".join(f"{quote_identifier(name)} IS NULL" for name in names)
    counted = table.fetch(
        f"SELECT CAST({quote_identifier(group)} AS VARCHAR), count(*) FILTER (WHERE {lacking}) FROM data GROUP BY 1"
    )
    return sum(n for label, n in counted if label is not None and label not in chosen)


def _split(
    table: DuckTable, value: str, group: str, found: Sequence[str], *, is_part: bool
) -> tuple[list[Floats], int]:
    """The values of each of these groups, held once and not side by side first; and how many rows lack one of both.

    `is_part`: there are other groups, whose rows are none that were left out for a missing value.
    """
    x, g = quote_identifier(value), quote_identifier(group)
    counted = table.fetch(f"SELECT CAST({g} AS VARCHAR), count({x}), count(*) FROM data GROUP BY 1")
    sizes, missing = {}, 0
    for label, n, n_all in counted:
        if label is None:
            missing += n_all
        elif not is_part or label in found:
            sizes[label] = n
            missing += n_all - n
    batches = (stats.whole_rows(batch) for batch in table.stream([value, group], labels={group: found}))
    return stats.gather_groups(batches, [sizes[label] for label in found]), missing


def _levels(labels: Sequence[str], group: str, chosen: Sequence[str] | None) -> list[str]:
    found = in_order(labels)
    if chosen is not None:
        found = list(dict.fromkeys(find_value(name, found, "groups", group) for name in chosen))
    if not 2 <= len(found) <= MAX_GROUPS:
        raise ToolError(f"{group!r} makes {len(found)} groups; a comparison takes 2 to {MAX_GROUPS}")
    return found


def _floats(values: pd.Series[Any]) -> Floats:
    return values.to_numpy(dtype="float64", na_value=math.nan)

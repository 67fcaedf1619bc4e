"""What a comparison compares: arrays of values by group, by pair, by subject, by two factors, or of yes and no."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from tools import stats
from tools.columns import find_value, natural_order
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
    are distances from `origin`.
    """

    kind: Kind
    names: list[str]
    arrays: list[Floats]
    missing: int
    event: str | None = None
    levels: tuple[list[str], list[str]] = field(default=([], []))
    factors: tuple[str, str] = ("", "")
    origin: float = 0.0

    @property
    def n(self) -> int:
        """Rows of one number; of pairs and repeated measures the subjects."""
        return len(self.arrays[0]) if self.kind in ("paired", "repeated") else sum(map(len, self.arrays))

    def near_zero(self) -> Samples:
        """The same, values far from 0 measured from one of them: no digit is lost to where they lie."""
        everything = stats.joined(self.arrays)
        origin, unit = stats.find_origin(everything), stats.decimal_unit(everything)
        return replace(self, arrays=[stats.distances(x, origin, unit) for x in self.arrays], origin=origin)


def columns_side_by_side(frame: pd.DataFrame, names: Sequence[str]) -> Samples:
    """Two or more columns of numbers; each row is a subject, and only whole rows count."""
    whole = frame[list(names)].dropna()
    arrays = [_floats(whole[name]) for name in names]
    kind: Kind = "paired" if len(names) == 2 else "repeated"
    return Samples(kind, list(names), arrays, len(frame) - len(whole))


def one_column(frame: pd.DataFrame, value: str) -> Samples:
    """One column of numbers."""
    kept = frame[value].dropna()
    return Samples("one", [value], [_floats(kept)], len(frame) - len(kept))


def by_group(frame: pd.DataFrame, value: str, group: str, chosen: Sequence[str] | None) -> Samples:
    """The values of each group; only the `chosen` groups, in their order, where any are named."""
    whole = frame[[value, group]].dropna()
    labels = whole[group]
    found = _levels(labels, group, chosen)
    kept = whole[labels.isin(found)]
    parts = dict(iter(kept.groupby(group)[value]))
    arrays = [_floats(parts[name]) for name in found]
    return Samples("two" if len(found) == 2 else "many", found, arrays, len(frame) - len(whole))


def by_subject(frame: pd.DataFrame, value: str, group: str, subject: str, chosen: Sequence[str] | None) -> Samples:
    """Each subject's values in the groups, where it has one in each."""
    whole = frame[[value, group, subject]].dropna()
    found = _levels(whole[group], group, chosen)
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


def by_factors(frame: pd.DataFrame, value: str, group: str, other: str, chosen: Sequence[str] | None) -> Samples:
    """The values of each pair of levels of two factors; a pair may be empty."""
    whole = frame[[value, group, other]].dropna()
    first = _levels(whole[group], group, chosen)
    whole = whole[whole[group].isin(first)]
    second = _levels(whole[other], other, None)
    parts = dict(iter(whole.groupby([group, other])[value]))
    nothing = whole[value].iloc[:0]
    names = [f"{a[:MAX_LABEL]}, {b[:MAX_LABEL]}" for a in first for b in second]
    arrays = [_floats(parts.get((a, b), nothing)) for a in first for b in second]
    return Samples("factors", names, arrays, len(frame) - len(whole), levels=(first, second), factors=(group, other))


def shares(
    frame: pd.DataFrame, value: str, group: str | None, event: str | None, chosen: Sequence[str] | None
) -> Samples:
    """Yes (the event) and no, in all or by group; without an event the second of two values is it."""
    names = [value] if group is None else [value, group]
    whole = frame[names].dropna()
    found = sorted(whole[value].unique(), key=natural_order)
    if event is None and len(found) != 2:
        shown = ", ".join(repr(name[:MAX_LABEL]) for name in found[:10])
        raise ToolError(f"{value!r} has {len(found)} values, not two ({shown}): say in `event` which one counts as yes")
    event = found[1] if event is None else event
    event = find_value(event, found, "event", value)
    yes = (whole[value] == event).astype("float64").rename("yes").to_frame()
    if group is None:
        return Samples("share", [value], [_floats(yes["yes"])], len(frame) - len(whole), event=event)
    yes[group] = whole[group]
    parts = by_group(yes, "yes", group, chosen)
    return Samples("shares", parts.names, parts.arrays, len(frame) - len(whole), event=event)


def _levels(labels: pd.Series[str], group: str, chosen: Sequence[str] | None) -> list[str]:
    found = sorted(labels.unique(), key=natural_order)
    if chosen is not None:
        found = list(dict.fromkeys(find_value(name, found, "groups", group) for name in chosen))
    if not 2 <= len(found) <= MAX_GROUPS:
        raise ToolError(f"{group!r} makes {len(found)} groups; a comparison takes 2 to {MAX_GROUPS}")
    return found


def _floats(values: pd.Series[Any]) -> Floats:
    return values.to_numpy(dtype="float64", na_value=math.nan)

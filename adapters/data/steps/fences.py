"""The step for values outside of bounds: their rows go, or something else stands in their place."""

from __future__ import annotations

from adapters.data.base import DataError, quote_identifier, quote_string
from adapters.data.step_warns import StepWarns
from adapters.data.steps.models import Bound, Fence
from adapters.data.steps.work import Work
from adapters.file_words import match_words

MAX_SHOWN = 20


def fence(work: Work, step: Fence) -> int:
    """Drop the rows whose value is outside, or replace the value; gives how many values were replaced.

    A missing value is inside, and so is one whose group has no bounds.
    """
    column = quote_identifier(work.find_numeric(step.column))
    by = None if step.by is None else quote_identifier(work.find(step.by))
    if by is None and (len(step.bounds) > 1 or step.bounds[0].group is not None):
        raise DataError("fence: bounds of groups need `by`; without it give one pair of bounds and no group")
    if by is not None:
        step = step.model_copy(update={"bounds": _matched(work, step.bounds, by)})
    is_low = f"({column} < {_by_group(step, by, 'low')})"
    is_high = f"({column} > {_by_group(step, by, 'high')})"
    is_outside = f"(({is_low} OR {is_high}) IS TRUE)"
    if step.put == "drop":
        work.keep_rows(f"NOT {is_outside}")
        return 0
    n_outside = work.count(f"SELECT count(*) FROM data WHERE {is_outside}")
    if step.put == "bound":
        low, high = _by_group(step, by, "low"), _by_group(step, by, "high")
        put = f"CASE WHEN {is_low} THEN {low} WHEN {is_high} THEN {high} ELSE {column} END"
    else:
        stands_in = "NULL" if step.put == "missing" else _by_group(step, by, "value")
        put = f"CASE WHEN {is_outside} THEN {stands_in} ELSE {column} END"
    work.put({work.find(step.column): put})
    return n_outside


def _matched(work: Work, bounds: list[Bound], by: str) -> list[Bound]:
    """The bounds with their groups as the column writes them; a group that no row has is said."""
    labels = work.connection.execute(f"SELECT DISTINCT CAST({by} AS VARCHAR) FROM data WHERE {by} IS NOT NULL")
    found = [row[0] for row in labels.fetchall()]
    given = [bound.group for bound in bounds if bound.group is not None]
    meant = match_words(given, found)
    if found and given and not meant:
        raise DataError(f"fence: {by} has none of the groups; it has {', '.join(map(repr, sorted(found)[:MAX_SHOWN]))}")
    absent = [repr(group[:40]) for group in given if group not in meant]
    if absent:
        work.warnings.append(StepWarns.NO_SUCH_GROUP(by=by, absent=", ".join(absent[:MAX_SHOWN])))
    return [bound.model_copy(update={"group": meant.get(bound.group or "", bound.group)}) for bound in bounds]


def _by_group(step: Fence, by: str | None, side: str) -> str:
    """SQL for the bound, or the value, of the row's own group."""
    if by is None:
        return _number(step.bounds[0], side)
    cases = " ".join(
        f"WHEN {quote_string(bound.group)} THEN {_number(bound, side)}"
        for bound in step.bounds
        if bound.group is not None
    )
    return f"CASE CAST({by} AS VARCHAR) {cases} END" if cases else "CAST(NULL AS DOUBLE)"


def _number(bound: Bound, side: str) -> str:
    value = {"low": bound.low, "high": bound.high, "value": bound.value}[side]
    return "CAST(NULL AS DOUBLE)" if value is None else f"CAST({value!r} AS DOUBLE)"

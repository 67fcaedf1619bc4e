"""One result for each group, p corrected for their number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, Literal, Protocol, TypeVar, runtime_checkable

from adapters.data.base import DuckTable
from tools import stats
from tools.errors import ToolError
from tools.groups import Groups
from tools.pictured import Picture
from tools.results import Fields, Result

MAX_VALUES = 50


class OfGroup(Result):
    """The base of a result that may be one of many: then it has its group, or the values that make it, before all."""

    group: str | None = None
    group_values: tuple[str | None, ...] = ()


@runtime_checkable
class Tested(Protocol):
    """A result whose p is corrected where it is one of many."""

    p_adjusted: float | None
    p_adjusted_is_bound: bool
    p_adjusted_method: str | None


class Failed(Fields):
    """Why there is no result for a group."""

    group: str | None
    group_values: tuple[str | None, ...] = ()
    error: str


R = TypeVar("R", bound=OfGroup)


class EachValue(Result, Generic[R]):
    """The results of all groups; p-values of many have `p_adjusted` beside them, by this correction."""

    by: str | tuple[str, ...]
    results: tuple[R | Failed, ...]
    correction: Literal["holm"] | None = None
    warnings: tuple[str, ...] = ()
    warning_codes: tuple[str, ...] = ()
    picture: Picture


def each_value(table: DuckTable, by: Groups, run: Callable[[DuckTable], R]) -> list[R | Failed]:
    """What `run` finds in the rows of each group of `by`; where it cannot, why.

    Raises
    ------
    ToolError
        If nothing was found for any value.
    """
    results: list[R | Failed] = []
    for label in table.each_group(by.column_in(table), MAX_VALUES):
        shown = by.shown(label)
        try:
            results.append(run(table).model_copy(update=shown))
        except ToolError as error:
            results.append(Failed(**shown, error=str(error)))
    failed = [result for result in results if isinstance(result, Failed)]
    if len(failed) == len(results):
        why = failed[0].error if failed else "no rows"
        raise ToolError(f"nothing for any value of {', '.join(map(repr, by.names))}: {why}")
    return results


def corrected(results: Sequence[R | Failed], p_of: Callable[[R], float]) -> tuple[R | Failed, ...]:
    """The results with `p_adjusted`, by Holm's steps over all that there are, and how (`p_adjusted_method`)."""
    tested = [p_of(result) for result in results if not isinstance(result, Failed)]
    p_values = iter(stats.correct(tested))
    how = stats.correction_words("holm", len(tested))
    return tuple(
        result
        if isinstance(result, Failed)
        else result.model_copy(update={"p_adjusted": next(p_values), "p_adjusted_method": how})
        for result in results
    )

"""How a result is told without Claude: sentences and tables in Markdown, with the numbers as the tool gave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from adapters.records import JsonValue
from tools.results import Result

MAX_TABLE_ROWS = 30


R = TypeVar("R", covariant=True)


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """A call's arguments and the result that it gave."""

    arguments: Mapping[str, JsonValue]
    result: R


def listed(result: Mapping[str, Any], name: str) -> list[Any]:
    """The list of that name in a result; empty where there is none."""
    value = result.get(name, [])
    return value if isinstance(value, list) else []


def said_cut(result: Result) -> list[str]:
    """A sentence where not all of a result is shown."""
    return [f"These are the first of {result.total}."] if result.truncated else []


def as_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown, of some rows at most."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows[:MAX_TABLE_ROWS]]
    more = len(rows) - MAX_TABLE_ROWS
    return "\n".join(lines) + (f"\n\n… and {more} more rows." if more > 0 else "")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return number(value)
    return "–" if value is None else str(value).replace("|", "\\|").replace("\n", " ")


def number(value: object) -> str:
    """Four digits after the point for small numbers, two for large ones, none for whole ones."""
    if not isinstance(value, int | float):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    if abs(value) >= 100:
        return f"{value:.2f}"
    return f"{value:.4f}".rstrip("0") if abs(value) >= 0.001 else f"{value:.3g}"


def p_said(p: float | None, is_bound: bool = False) -> str:
    """A p as a sentence has it: p = 0.03, or p < 1e-9."""
    return f"p {p_shown(p, is_bound)}" if is_bound else f"p = {p_shown(p)}"


def p_shown(p: float | None, is_bound: bool = False) -> str:
    """A p in a table or behind a sentence; a bound as such, a dash where there is none."""
    if p is None:
        return "–"
    if is_bound:
        return f"< {p:.0e}"
    return f"{p:.2g}" if p >= 1e-4 else f"{p:.1e}"


def warned(warnings: Sequence[str]) -> list[str]:
    """Each warning of a result as a sentence."""
    return [f"Warning: {text}." for text in warnings]

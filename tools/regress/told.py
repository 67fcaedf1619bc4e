"""What is told of a result of regress without Claude."""

from __future__ import annotations

from typing import Any

from tools.telling import Outcome, as_table, listed, number, p_of, warned


def told(outcome: Outcome[Any]) -> str:
    """The sentences and tables."""
    result = outcome.result
    rows = [[c["term"], c["estimate"], c["se"], p_of(c)] for c in listed(result, "coefficients")]
    name, r2 = ("R²", result["r2"]) if "r2" in result else ("McFadden's R²", result.get("pseudo_r2"))
    event = f"The chance of {result['event']} is explained. " if result.get("event") is not None else ""
    fit = f"{event}{name} = {number(r2)}, n = {result['n']}."
    return "\n\n".join([as_table(["term", "estimate", "se", "p"], rows), fit, *warned(listed(result, "warnings"))])

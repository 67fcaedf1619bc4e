"""What is told of a result of regress without Claude."""

from __future__ import annotations

from tools.regress.result import LeastSquares, Regression
from tools.results import MadeCall
from tools.telling import as_table, number, p_shown, warned


def told(call: MadeCall[Regression]) -> str:
    """The table of the terms, and how well they fit."""
    result = call.result
    rows = [[one.term, one.estimate, one.se, p_shown(one.p, one.p_is_bound)] for one in result.coefficients]
    table = as_table(["term", "estimate", "se", "p"], rows)
    if isinstance(result, LeastSquares):
        fit = f"R² = {number(result.r2)}, n = {result.n}."
    else:
        event = "" if result.event is None else f"The chance of {result.event} is explained. "
        fit = f"{event}McFadden's R² = {number(result.pseudo_r2)}, n = {result.n}."
    return "\n\n".join([table, fit, *warned(result.warnings)])

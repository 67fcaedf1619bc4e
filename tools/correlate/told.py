"""What is told of a result of correlate without Claude."""

from __future__ import annotations

from tools.correlate.result import Correlations, Pair
from tools.results import MadeCall
from tools.telling import as_table, number, p_said, p_shown, said_cut, warned

SYMBOLS = {"spearman": "rho", "kendall": "tau", "cramers_v": "V"}


def told(call: MadeCall[Correlations]) -> str:
    """A sentence about one pair; of several a table, the strongest first."""
    result = call.result
    held = ", ".join(result.controls)
    symbol = ("partial " if held else "") + SYMBOLS.get(result.method, "r")
    how = result.method.replace("_", " ") + (f", with {held} held constant" if held else "")
    if len(result.pairs) == 1:
        return "\n\n".join([_one_pair(result.pairs[0], symbol, how, result), *warned(result.warnings)])
    pairs = sorted(result.pairs, key=lambda pair: -abs(pair.r or 0))
    corrected = next((pair.p_adjusted_method for pair in pairs if pair.p_adjusted_method is not None), None)
    names = ["x", "y", *(["group"] if any(map(_is_of_group, pairs)) else []), "r", "p", "n", "ci_low", "ci_high"]
    rows = [[_p_of(pair, corrected) if name == "p" else getattr(pair, name) for name in names] for pair in pairs]
    heads = {"r": symbol, "p": "p" if corrected is None else "p (corrected)"}
    head = [heads.get(name, name) for name in names]
    note = f"{len(pairs)} pairs ({how})" + (f"; p is corrected for their number: {corrected}." if corrected else ".")
    parts = [result.interpretation, as_table(head, rows), note]
    return "\n\n".join([*parts, *warned(result.warnings), *said_cut(result)])


def _is_of_group(pair: Pair) -> bool:
    """Also of the group where the value is missing."""
    return "group" in pair.model_fields_set


def _p_of(pair: Pair, corrected: str | None) -> str:
    if corrected is None:
        return p_shown(pair.p, pair.p_is_bound)
    return p_shown(pair.p_adjusted, pair.p_adjusted_is_bound)


def _one_pair(pair: Pair, symbol: str, how: str, result: Correlations) -> str:
    """The numbers of a pair, what the tool says of them, and of a shown Pearson's r its share of the variance."""
    names = f"{pair.x} and {pair.y}" + (f" in {pair.group}" if _is_of_group(pair) else "")
    if pair.r is None:
        return f"{names} have no correlation: one is constant, or there are fewer than 3 pairs (n = {pair.n})."
    low, high = pair.ci_low, pair.ci_high
    interval = "" if low is None or high is None else f", 95 % interval {number(low)} to {number(high)}"
    p = p_said(pair.p, pair.p_is_bound)
    numbers = f"{names}: {symbol} = {number(pair.r)} ({how}), {p}, n = {pair.n}{interval}."
    is_shown = pair.p is not None and pair.p < 0.05
    is_plain = result.method == "pearson" and not result.controls
    share = f" A straight line explains {100 * pair.r**2:.0f} % of the variance." if is_plain and is_shown else ""
    caution = " Going together is not causing." if is_shown else ""
    return f"{numbers} {result.interpretation}{share}{caution}"

"""What is told of a result of correlate without Claude."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.telling import Outcome, as_table, listed, number, p_of, p_said, said_cut, warned

SYMBOLS = {"spearman": "rho", "kendall": "tau", "cramers_v": "V"}


def told(outcome: Outcome[Any]) -> str:
    """The sentences and tables."""
    result = outcome.result
    pairs, held = listed(result, "pairs"), listed(result, "controls")
    symbol = ("partial " if held else "") + SYMBOLS.get(str(result["method"]), "r")
    how = f"{str(result['method']).replace('_', ' ')}{', with ' + ', '.join(held) + ' held constant' if held else ''}"
    if len(pairs) == 1:
        return "\n\n".join([_one_pair(pairs[0], symbol, how, result), *warned(listed(result, "warnings"))])
    pairs = sorted(pairs, key=lambda pair: -abs(pair["r"] or 0))
    fields = ["x", "y", *(["group"] if pairs and "group" in pairs[0] else []), "r", "p", "n", "ci_low", "ci_high"]
    corrected = next((str(pair["p_adjusted_method"]) for pair in pairs if "p_adjusted" in pair), None)
    p_name = "p" if corrected is None else "p_adjusted"
    rows = [[p_of(pair, p_name) if name == "p" else pair[name] for name in fields] for pair in pairs]
    heads = {"r": symbol, "p": "p" if corrected is None else "p (corrected)"}
    note = f"{len(pairs)} pairs ({how})" + (f"; p is corrected for their number: {corrected}." if corrected else ".")
    table = as_table([heads.get(name, name) for name in fields], rows)
    return "\n\n".join([result["interpretation"], table, note, *warned(listed(result, "warnings")), *said_cut(result)])


def _one_pair(pair: Mapping[str, Any], symbol: str, how: str, result: Mapping[str, Any]) -> str:
    """The numbers of a pair, what the tool says of them, and of a shown Pearson's r its share of the variance."""
    names = f"{pair['x']} and {pair['y']}" + (f" in {pair['group']}" if "group" in pair else "")
    if pair["r"] is None:
        return f"{names} have no correlation: one is constant, or there are fewer than 3 pairs (n = {pair['n']})."
    low, high = pair["ci_low"], pair["ci_high"]
    interval = "" if low is None or high is None else f", 95 % interval {number(low)} to {number(high)}"
    numbers = f"{names}: {symbol} = {number(pair['r'])} ({how}), {p_said(pair)}, n = {pair['n']}{interval}."
    is_shown = pair["p"] is not None and pair["p"] < 0.05
    is_plain = result["method"] == "pearson" and not result.get("controls")
    share = f" A straight line explains {100 * pair['r'] ** 2:.0f} % of the variance." if is_plain and is_shown else ""
    caution = " Going together is not causing." if is_shown else ""
    return f"{numbers} {result['interpretation']}{share}{caution}"

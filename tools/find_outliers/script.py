"""find_outliers in an exported script: the bounds by pandas, and the values outside of them."""

from __future__ import annotations

import math
from typing import get_args

import pandas as pd
from scipy import stats

from tools.find_outliers.result import OfSeveral, Outliers
from tools.results import MadeCall
from tools.scripting import Script
from tools.scripts.made import MADE_OTHERWISE


def script(writer: Script, number: int, call: MadeCall[Outliers]) -> None:
    """The bounds and the rows outside; a dataset that was made lies beside the script."""
    found = call.result
    if found.method in get_args(OfSeveral):
        writer.lines.append("# (outliers of several columns together: left out here)")
    else:
        writer.need(outlier_bounds)
        writer.lines += _lines(number, writer.rows(call.arguments), call)
    if found.dataset is not None:
        writer.lay_beside(found.dataset, MADE_OTHERWISE)


def _lines(number: int, rows: str, call: MadeCall[Outliers]) -> list[str]:
    found, by = call.result, call.arguments.get("by")
    ddof, side = call.arguments.get("ddof", 1), call.arguments.get("side", "both")
    loop = ["    for label, part in [({}, frame)]:"]
    if by is not None:
        loop = [f"    for name, part in frame.groupby({by!r}):", "        label = {'group': str(name)}"]
    inside = "        "
    return [
        f"frame = {rows}",
        "outside, bounds = pd.Series(False, index=frame.index), []",
        f"for column in {list(dict.fromkeys(line.column for line in found.bounds))!r}:",
        *loop,
        f"{inside}low, high = outlier_bounds(part[column], {found.method!r}, {found.threshold!r}, {ddof}, {side!r})",
        f"{inside}beyond = (part[column] < low) | (part[column] > high)",
        f"{inside}outside[part.index] |= beyond",
        f"{inside}shown = {{'low': None if math.isinf(low) else low, 'high': None if math.isinf(high) else high}}",
        f"{inside}bounds.append({{'column': column, **label, **shown, 'count': int(beyond.sum())}})",
        f"show({number}, 'find_outliers', {{'bounds': bounds, 'count': int(outside.sum())}})",
    ]


def outlier_bounds(values: pd.Series, method: str, threshold: float, ddof: int, side: str) -> tuple[float, float]:
    """Below and above what values are outliers; infinite on a side that does not count."""
    x = values.dropna().astype("float64")
    if method == "iqr":
        lower, upper = float(x.quantile(0.25)), float(x.quantile(0.75))
        reach = upper - lower
    elif method == "zscore":
        lower = upper = float(x.mean())
        reach = float(x.std(ddof=ddof))
    else:
        away = (x - x.median()).abs()
        sd = away.median() / stats.norm.ppf(0.75) if away.median() else away.mean() * math.sqrt(math.pi / 2)
        lower, upper, reach = float(x.median()), float(x.median()), float(sd)
    low, high = lower - threshold * reach, upper + threshold * reach
    if not len(x) or (method != "iqr" and low == high):
        return -math.inf, math.inf
    return (-math.inf if side == "high" else low), (math.inf if side == "low" else high)

"""The lines of an exported script for each statistical tool: the same numbers from pandas, SciPy and statsmodels."""

from __future__ import annotations

from runtime.export import script_helpers
from runtime.export.record import DoneCall
from runtime.export.script_writer import Writer, texts
from tools.scripts.counted_p import need_counts
from tools.scripts.described import describe_numbers
from tools.scripts.in_order import in_order
from tools.stats import normality

SEVERAL = "'group': ', '.join('(missing)' if group is None else group for group in groups), 'group_values': groups"
"""What a group of several columns is called, in a script that has their values in `groups`."""


def correlate(writer: Writer, number: int, call: DoneCall) -> None:
    """correlate: each pair, by group."""
    method, by = call.result["method"], call.result.get("by", call.arguments.get("by"))
    controls = texts(call.result.get("controls"))
    if call.result.get("sampled"):
        writer.lines.append("# (ranks of a sample that statagent drew: left out here)")
        return
    writer.need(in_order, script_helpers.correlate_pair, script_helpers.associate)
    writer.need(script_helpers.p_of_r)
    need_counts(writer)
    pairs = list(dict.fromkeys((str(pair["x"]), str(pair["y"])) for pair in call.result["pairs"]))
    found = f"correlate_pair(part[x], part[y], {method!r}, [part[name] for name in {controls!r}])"
    if method in ("point_biserial", "cramers_v"):
        found = f"associate(part[x], part[y], {method!r})"
    writer.lines += [f"frame = {writer.frame(call)}", "pairs = []"]
    if by is None:
        writer.lines.append("for label, part in [({}, frame)]:")
    elif isinstance(by, list):
        writer.lines.append(f"for groups, part in frame.groupby({by!r}, dropna=False):")
        writer.lines.append("    groups = [None if pd.isna(group) else str(group) for group in groups]")
        writer.lines.append(f"    label = {{{SEVERAL}}}")
    else:
        writer.lines.append(f"for name, part in frame.groupby({by!r}, dropna=False):")
        writer.lines.append("    label = {'group': None if pd.isna(name) else str(name)}")
    writer.lines.append(f"    pairs += [{{'x': x, 'y': y, **label, **{found}}} for x, y in {pairs!r}]")
    writer.lines.append(f"show({number}, 'correlate', {{'method': {method!r}, 'pairs': pairs}})")


def analyze_distribution(writer: Writer, number: int, call: DoneCall) -> None:
    """analyze_distribution: moments and tests of the column or of each group, and the families that were fitted."""
    writer.need(describe_numbers, script_helpers.test_normality, script_helpers.fit_families)
    writer.need(script_helpers.k_squared, script_helpers.anderson, normality.stephens_p)
    column, by = call.arguments["column"], call.arguments.get("by")
    if call.result.get("sampled"):
        writer.lines.append("# (tests and fits of a sample that statagent drew: left out here)")
        return
    writer.imports.add("import numpy as np")
    writer.lines += [
        f"frame = {writer.frame(call)}",
        f"moments = describe_numbers(frame[{column!r}])",
        "result = {name: moments[name] for name in ('n', 'missing', 'mean', 'median', 'sd', 'skewness', 'kurtosis')}",
    ]
    if by is None:
        writer.lines.append(f"result['tests'] = test_normality(frame[{column!r}])")
    else:
        writer.lines += [
            "result['tests'] = []",
            f"for group in in_order(frame[{by!r}].dropna().astype(str).unique()):",
            f"    values = frame[{column!r}][frame[{by!r}].astype(str) == group]",
            "    result['tests'] += [{'group': group, **test} for test in test_normality(values)]",
        ]
        writer.need(in_order)
    families = [entry["family"] for entry in texts(call.result.get("fits"))]
    if families:
        writer.lines.append(f"result['fits'] = fit_families(frame[{column!r}], {families!r})")
    writer.lines.append(f"show({number}, 'analyze_distribution', result)")


def find_outliers(writer: Writer, number: int, call: DoneCall) -> None:
    """find_outliers: the bounds and the rows outside; a dataset that was made of it lies beside the script."""
    method = call.result["method"]
    if method in ("mahalanobis", "isolation_forest"):
        writer.lines.append("# (outliers of several columns together: left out here)")
        return
    writer.need(script_helpers.outlier_bounds)
    given = call.arguments
    threshold, ddof, by = call.result["threshold"], given.get("ddof", 1), given.get("by")
    side = given.get("side", "both")
    columns = list(dict.fromkeys(str(line["column"]) for line in call.result["bounds"]))
    writer.lines += [
        f"frame = {writer.frame(call)}",
        "outside, bounds = pd.Series(False, index=frame.index), []",
        f"for column in {columns!r}:",
    ]
    if by is None:
        writer.lines.append("    for label, part in [({}, frame)]:")
    else:
        writer.lines.append(f"    for name, part in frame.groupby({by!r}):")
        writer.lines.append("        label = {'group': str(name)}")
    inside = "        "
    writer.lines += [
        f"{inside}low, high = outlier_bounds(part[column], {method!r}, {threshold!r}, {ddof}, {side!r})",
        f"{inside}beyond = (part[column] < low) | (part[column] > high)",
        f"{inside}outside[part.index] |= beyond",
        f"{inside}shown = {{'low': None if math.isinf(low) else low, 'high': None if math.isinf(high) else high}}",
        f"{inside}bounds.append({{'column': column, **label, **shown, 'count': int(beyond.sum())}})",
        f"show({number}, 'find_outliers', {{'bounds': bounds, 'count': int(outside.sum())}})",
    ]

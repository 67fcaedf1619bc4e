"""What the offline model says about each tool's result: the numbers as the tool gave them, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.offline.memory import Step

MAX_TABLE_ROWS = 30


def words_about(step: Step) -> str:
    """A few sentences or a table about one result; of a failed call, why it failed."""
    if step.error is not None:
        return f"That did not work: {step.error}"
    if "results" not in step.result:
        return WORDS[step.name](step)
    # One result for each value of a column: the words about each, under that value.
    by = step.arguments["by"]
    head = " and ".join(map(str, by)) if isinstance(by, list) else str(by)
    parts = [
        f"**{head} {part['group']}**\n\n"
        + (f"{part['error']}" if "error" in part else WORDS[step.name](Step(step.name, step.arguments, part)))
        + _corrected(part)
        for part in _list(step.result, "results")
    ]
    return "\n\n".join([*parts, *_warned(step.result)])


def _corrected(part: Mapping[str, Any]) -> str:
    """The p of one result of many, corrected for how many there are."""
    if "p_adjusted" not in part:
        return ""
    return f"\n\np corrected for the number of results ({part['p_adjusted_method']}): {_p(part, 'p_adjusted')}."


def _load(step: Step) -> str:
    result = step.result
    rows = [[c["name"], c["type"], c["missing"], c["distinct"], c["example"]] for c in _list(result, "columns")]
    lines = [f"**{result['dataset']}**: {result['rows']} rows, {len(rows)} columns."]
    lines += [_table(["column", "type", "missing", "distinct", "example"], rows)]
    return "\n\n".join([*lines, *[f"Warning: {text}." for text in _list(result, "warnings")], *_cut(result)])


DETAILS = (
    *("sum", "variance", "se", "ci_low", "ci_high", "range", "iqr", "mad", "cv", "skewness", "kurtosis"),
    *("mode", "n_modes", "geometric_mean", "harmonic_mean"),
)


def _describe(step: Step) -> str:
    result, by = step.result, step.arguments.get("by")
    lines = _list(result, "columns")
    # One column alone is named once, above its table: on a narrow screen the numbers need the room.
    names_once = sorted({str(line["column"]) for line in lines})
    what = names_once[0] if len(names_once) == 1 else "columns"
    over = f"{what} over {result['rows']} rows of {step.arguments['dataset']}"
    groups = " and ".join(map(str, by)) if isinstance(by, list) else by
    parts = [f"{over}, by {groups}:" if by else f"{over}:"]
    first = [*([] if len(names_once) == 1 else ["column"]), *(["group"] if by else [])]
    kinds: tuple[tuple[str, list[str]], ...] = (
        ("mean", ["n", "missing", "mean", "sd", "min", "q1", "median", "q3", "max"]),
        ("top", ["n", "missing", "distinct"]),
        ("median", ["n", "missing", "distinct", "min", "median", "max"]),
    )
    told: list[int] = []
    for mark, names in kinds:
        chosen = [index for index, line in enumerate(lines) if mark in line and index not in told]
        told += chosen
        head = [*first, *names]
        rows = [[lines[index].get(name) for name in head] for index in chosen]
        if mark == "top":
            head = [*head, "most frequent"]
            rows = [[*row, _top(lines[index]["top"])] for row, index in zip(rows, chosen, strict=True)]
        if rows:
            parts.append(_table(head, rows))
    if step.arguments.get("detail"):
        there = [name for name in DETAILS if any(name in line for line in lines)]
        parts += [_table([*first, *there], [[line.get(name) for name in [*first, *there]] for line in lines])] * bool(
            there
        )
    return "\n\n".join([*parts, *_cut(result)])


def _top(top: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{entry['value']} ({entry['count']})" for entry in top[:3])


def _quality(step: Step) -> str:
    result = step.result
    advice = [f"- {sentence}" for sentence in _list(result, "advice")]
    if not advice:
        return f"Nothing stands out in {result['rows']} rows: no missing values, duplicates, placeholders or outliers."
    return "\n".join([f"In {result['rows']} rows of {step.arguments['dataset']}, the worst first:", "", *advice])


SYMBOLS = {"spearman": "rho", "kendall": "tau", "cramers_v": "V"}


def _correlate(step: Step) -> str:
    result = step.result
    pairs, held = _list(result, "pairs"), _list(result, "controls")
    symbol = ("partial " if held else "") + SYMBOLS.get(str(result["method"]), "r")
    how = f"{str(result['method']).replace('_', ' ')}{', with ' + ', '.join(held) + ' held constant' if held else ''}"
    if len(pairs) == 1:
        return "\n\n".join([_one_pair(pairs[0], symbol, how, result), *_warned(result)])
    pairs = sorted(pairs, key=lambda pair: -abs(pair["r"] or 0))
    fields = ["x", "y", *(["group"] if pairs and "group" in pairs[0] else []), "r", "p", "n", "ci_low", "ci_high"]
    corrected = next((str(pair["p_adjusted_method"]) for pair in pairs if "p_adjusted" in pair), None)
    p_name = "p" if corrected is None else "p_adjusted"
    rows = [[_p(pair, p_name) if name == "p" else pair[name] for name in fields] for pair in pairs]
    heads = {"r": symbol, "p": "p" if corrected is None else "p (corrected)"}
    note = f"{len(pairs)} pairs ({how})" + (f"; p is corrected for their number: {corrected}." if corrected else ".")
    table = _table([heads.get(name, name) for name in fields], rows)
    return "\n\n".join([result["interpretation"], table, note, *_warned(result), *_cut(result)])


def _one_pair(pair: Mapping[str, Any], symbol: str, how: str, result: Mapping[str, Any]) -> str:
    """The numbers of a pair, what the tool says of them, and of a shown Pearson's r its share of the variance."""
    names = f"{pair['x']} and {pair['y']}" + (f" in {pair['group']}" if "group" in pair else "")
    if pair["r"] is None:
        return f"{names} have no correlation: one is constant, or there are fewer than 3 pairs (n = {pair['n']})."
    low, high = pair["ci_low"], pair["ci_high"]
    interval = "" if low is None or high is None else f", 95 % interval {_number(low)} to {_number(high)}"
    numbers = f"{names}: {symbol} = {_number(pair['r'])} ({how}), {_p_said(pair)}, n = {pair['n']}{interval}."
    is_shown = pair["p"] is not None and pair["p"] < 0.05
    is_plain = result["method"] == "pearson" and not result.get("controls")
    share = f" A straight line explains {100 * pair['r'] ** 2:.0f} % of the variance." if is_plain and is_shown else ""
    caution = " Going together is not causing." if is_shown else ""
    return f"{numbers} {result['interpretation']}{share}{caution}"


def _detect(step: Step) -> str:
    result = step.result
    features = ", ".join(feature["name"] for feature in _list(result, "features"))
    dropped = "; ".join(f"{entry['name']} ({entry['reason']})" for entry in _list(result, "dropped"))
    others = ", ".join(f"{entry['target']} ({entry['confidence']:.0%})" for entry in _list(result, "candidates"))
    lines = [
        f"Likeliest target: **{result['target']}** ({result['task']}, confidence {result['confidence']:.0%}).",
        f"From: {features}." if features else "No column is left to predict it from.",
        f"Left out: {dropped}." if dropped else "",
        f"Other targets that you may mean: {others}." if others else "",
        f"Say `train a random forest to predict {result['target']}`, or name another target.",
    ]
    return "\n\n".join(line for line in lines if line)


def _quotes(step: Step) -> str:
    rows = [
        [quote["machine"], quote["expected_usd"], quote["cap_usd"], quote["expected_seconds"]]
        for quote in _list(step.result, "quotes")
    ]
    table = _table(["machine", "expected $", "at most $", "expected seconds"], rows)
    return f"{table}\n\nNothing was started. Say `train …` to be asked for a yes."


def _launch(step: Step) -> str:
    return f"Training has started as {step.result['job_id']}. Ask `how is it going?`."


def _poll(step: Step) -> str:
    result = step.result
    state, seconds = str(result["state"]), result["seconds"]
    if state == "succeeded":
        metrics, baseline = result["metrics"], result.get("baseline") or {}
        rows = [[name, value, baseline.get(name)] for name, value in metrics.items()]
        table = _table([f"on {result['test_rows']} test rows", "model", "baseline"], rows)
        done = f"Done in {seconds} s for ${result['cost_usd']:.2f}: **{result['model']}**."
        return "\n\n".join([done, table, *_warned(result)])
    if state in ("queued", "active"):
        cost = f"${result['cost_usd']:.2f} so far"
        return f"Still running: {result['status']}, {result['progress']:.0%} after {seconds} s, {cost}."
    return f"The job ended without a model ({state}): {result['status']}."


def _predict(step: Step) -> str:
    result = step.result
    summary = result["summary"]
    counts = summary.get("counts")
    if counts is not None:
        told = ", ".join(f"{label} {count}" for label, count in counts.items())
    else:
        told = ", ".join(f"{name} {_number(value)}" for name, value in summary.items())
    preview = _list(result, "preview")
    table = _table(list(preview[0]), [list(row.values()) for row in preview]) if preview else ""
    warnings = [f"Warning: {text}." for text in _list(result, "warnings")]
    head = f"{result['n']} predictions of {result['target']} by {result['model']}: {told}."
    return "\n\n".join([head, table, *warnings, f"All of them are in {result['artifact']}."])


def _compare(step: Step) -> str:
    result = step.result
    groups = _list(result, "groups")
    head = ["group", "n", *(["yes", "share"] if groups and "share" in groups[0] else ["mean", "sd", "median"])]
    table = _table(head, [[group[name] for name in head] for group in groups])
    more = _pairs_of_groups(_list(result, "post_hoc"), str(result["test"]))
    why = [f"Why this test: {result['why']}."] if "why" in result else []
    return "\n\n".join([result["interpretation"], *why, table, *more, *_warned(result)])


RANKED = {"kruskal": ("difference of mean ranks (b - a)", "Dunn"), "friedman": ("median of b - a", "Wilcoxon")}


def _pairs_of_groups(pairs: Sequence[Mapping[str, Any]], test: str) -> list[str]:
    """Each two groups, and what corrected their p: the method of a pair says it after its last comma."""
    if not pairs:
        return []
    label, by_ranks = RANKED.get(test, ("b - a", None))
    ways = [method.split(", ")[-1] if ", " in method else "–" for method in (str(pair["p_method"]) for pair in pairs)]
    ways = [f"{by_ranks} with {way}" if by_ranks and way != "–" else way for way in ways]
    rows = [[pair["a"], pair["b"], pair["difference"], _p(pair)] for pair in pairs]
    if len(set(ways)) == 1:
        return [_table(["a", "b", label, f"p ({ways[0]})"], rows)]
    told = [[*row, way] for row, way in zip(rows, ways, strict=True)]
    return [_table(["a", "b", label, "p (corrected)", "corrected by"], told)]


def _crosstab(step: Step) -> str:
    result = step.result
    rows = [[line["row"], *line["counts"]] for line in _list(result, "table")]
    return "\n\n".join([result["interpretation"], _table(["", *_list(result, "columns")], rows), *_warned(result)])


def _regress(step: Step) -> str:
    result = step.result
    rows = [[c["term"], c["estimate"], c["se"], _p(c)] for c in _list(result, "coefficients")]
    name, r2 = ("R²", result["r2"]) if "r2" in result else ("McFadden's R²", result.get("pseudo_r2"))
    event = f"The chance of {result['event']} is explained. " if result.get("event") is not None else ""
    fit = f"{event}{name} = {_number(r2)}, n = {result['n']}."
    return "\n\n".join([_table(["term", "estimate", "se", "p"], rows), fit, *_warned(result)])


def _distribution(step: Step) -> str:
    result = step.result
    is_grouped = "groups" in result
    tests = [
        [*([test.get("group")] if is_grouped else []), test["name"], test["statistic"], _p(test)]
        for test in _list(result, "tests")
    ]
    fits = [[fit["family"], fit["aic"], fit["ks"]] for fit in _list(result, "fits")]
    told = [result["interpretation"], _table([*(["group"] if is_grouped else []), "test", "statistic", "p"], tests)]
    more = [_table(["family", "AIC", "KS distance"], fits)] if fits else []
    return "\n\n".join([*told, *more, *_warned(result)])


def _outliers(step: Step) -> str:
    result = step.result
    is_grouped = any("group" in line for line in _list(result, "bounds"))
    bounds = [
        [*([line.get("group")] if is_grouped else []), line["column"], line["low"], line["high"], line["count"]]
        for line in _list(result, "bounds")
    ]
    head = [*(["group"] if is_grouped else []), "column", "low", "high", "outside"]
    made = [f"Made **{result['dataset']}**; {step.arguments['dataset']} stays as it is."] if "dataset" in result else []
    table = [_table(head, bounds)] if bounds else []
    return "\n\n".join([result["interpretation"], *made, *table, *_warned(result)])


def _warned(result: Mapping[str, Any]) -> list[str]:
    return [f"Warning: {text}." for text in _list(result, "warnings")]


def _plot(step: Step) -> str:
    result = step.result
    arguments = step.arguments
    names = [str(arguments[name]) for name in ("y", "x", "color") if name in arguments]
    what = " and ".join(names) or "the correlations"
    return (
        f"A {result['kind']} of {what}: n = {result['n']}"
        + "".join(f"; {note}" for note in _list(result, "notes"))
        + "."
    )


def _query(step: Step) -> str:
    result = step.result
    table = _table(_list(result, "columns"), _list(result, "rows"))
    return "\n\n".join([table, f"{len(_list(result, 'rows'))} of {result['total']} rows."])


def _transform(step: Step) -> str:
    result = step.result
    changes = [
        f"{change['op']}: {change['rows_before']} rows before, {change['rows']} after."
        for change in _list(result, "changed")
    ]
    warnings = [f"Warning: {text}." for text in _list(result, "warnings")]
    made = f"Made **{result['dataset']}** with {result['rows']} rows; {step.arguments['dataset']} stays as it is."
    return "\n\n".join([made, *changes, *warnings])


def _spending(step: Step) -> str:
    result = step.result
    today, total, budget = result["today"], result["total"], result["budget_per_day"]
    rows = [
        ["the model", today["model_usd"], total["model_usd"], budget["model_left_usd"], budget["model_usd"]],
        ["jobs", today["jobs_usd"], total["jobs_usd"], budget["jobs_left_usd"], budget["jobs_usd"]],
    ]
    table = _table(["dollars", "today", "in all", "left today", "budget of a day"], rows)
    return f"{table}\n\n${_number(result['reserved_usd'])} are reserved for jobs that are not closed."


def _models(step: Step) -> str:
    models = _list(step.result, "models")
    if not models:
        return "There is no model yet."
    rows = [
        [
            model["model"],
            ", ".join(f"{k} {_number(v)}" for k, v in model["metrics"].items()),
            model["test_rows"],
            model["created_at"],
        ]
        for model in models
    ]
    warned = [f"{model['model']}: {text}." for model in models for text in model["warnings"]]
    return "\n\n".join([_table(["model", "scores", "on test rows", "trained"], rows), *warned])


WORDS: dict[str, Callable[[Step], str]] = {
    "load_dataset": _load,
    "describe": _describe,
    "check_quality": _quality,
    "correlate": _correlate,
    "detect_schema": _detect,
    "estimate_cost": _quotes,
    "launch_training": _launch,
    "poll_job": _poll,
    "cancel_job": _poll,
    "predict": _predict,
    "list_models": _models,
    "compare_groups": _compare,
    "crosstab": _crosstab,
    "regress": _regress,
    "analyze_distribution": _distribution,
    "find_outliers": _outliers,
    "plot": _plot,
    "query": _query,
    "transform": _transform,
    "show_spending": _spending,
}


def _list(result: Mapping[str, Any], name: str) -> list[Any]:
    value = result.get(name, [])
    return value if isinstance(value, list) else []


def _cut(result: Mapping[str, Any]) -> list[str]:
    return [f"These are the first of {result['total']}."] if result.get("truncated") else []


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows[:MAX_TABLE_ROWS]]
    more = len(rows) - MAX_TABLE_ROWS
    return "\n".join(lines) + (f"\n\n… and {more} more rows." if more > 0 else "")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return _number(value)
    return "–" if value is None else str(value).replace("|", "\\|").replace("\n", " ")


def _number(value: object) -> str:
    """Four digits after the point for small numbers, two for large ones, none for whole ones."""
    if not isinstance(value, int | float):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    if abs(value) >= 100:
        return f"{value:.2f}"
    return f"{value:.4f}".rstrip("0") if abs(value) >= 0.001 else f"{value:.3g}"


def _p_said(entry: Mapping[str, Any]) -> str:
    return f"p {_p(entry)}" if entry.get("p_is_bound") else f"p = {_p(entry)}"


def _p(entry: Mapping[str, Any], name: str = "p") -> str:
    """The p of an entry, or one of another name; a bound as such."""
    p = entry.get(name)
    if not isinstance(p, int | float):
        return "–"
    if entry.get(f"{name}_is_bound"):
        return f"< {p:.0e}"
    return f"{p:.2g}" if p >= 1e-4 else f"{p:.1e}"

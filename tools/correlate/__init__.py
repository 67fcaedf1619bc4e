"""correlate: how columns are associated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from adapters.data.base import Table
from adapters.records import Column, Dataset, JsonValue
from prompts import render
from prompts.visible import one_line
from tools import stats
from tools.columns import NUMERIC, find_column, find_numeric, in_order, numeric_columns
from tools.context import ToolContext
from tools.correlate.sentences import SENTENCES
from tools.correlate.told import told
from tools.counts import count_pairs
from tools.effect_words import strength_of
from tools.errors import ToolError
from tools.groups import Groups, find_groups
from tools.number_scan import scan_correlations
from tools.p_values import p_words, settled
from tools.results import ToolOutput
from tools.spec import Arguments, tool

if TYPE_CHECKING:
    import pandas as pd

    from tools.stats import Correlation, Floats

Method = Literal["pearson", "spearman", "kendall", "point_biserial", "cramers_v"]
MAX_GROUPS = 200
MAX_COLUMNS = 200
"""Of which every pair is taken: 19,900 pairs are computed in seconds, and nobody reads more."""
MOST_RANKED = {"pearson": 5_000_000, "spearman": 20_000_000, "kendall": 1_000_000}
"""Ranks of more rows than these are taken of a sample; of many pairs, of fewer."""
WORK = {"pearson": 40_000_000, "spearman": 200_000_000, "kendall": 40_000_000}
"""Rows times pairs that are compared in well under a minute (of pearson: the partial one)."""


class Correlate(Arguments):
    """Two columns, or a set of columns, or one against all others."""

    dataset: str = Field(description="Name of a loaded dataset.")
    x: str | None = Field(default=None, description="First column of a pair; with y.")
    y: str | None = Field(default=None, description="Second column of a pair; with x.")
    columns: list[str] | None = Field(
        default=None,
        description="Columns of which every pair is taken, at most 200; all columns with numbers by default.",
        min_length=2,
    )
    target: str | None = Field(default=None, description="One column, taken with every other column of numbers.")
    method: Method = Field(
        default="pearson",
        description="pearson: linear. spearman: monotone, by ranks, robust against outliers. kendall: tau-b. "
        "point_biserial: one column with two values, the other of numbers. cramers_v: categories.",
    )
    controls: list[str] = Field(
        default_factory=list, description="Columns of numbers held constant: partial correlation (pearson, spearman)."
    )
    correction: Literal["holm", "bonferroni", "benjamini_hochberg"] = Field(
        default="holm", description="How p_adjusted corrects p for the number of pairs in this result."
    )
    by: str | list[str] | None = Field(default=None, description="Column (or columns) whose values make the groups.")
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )


@dataclass(frozen=True)
class _Wish:
    """What is correlated, with the columns found."""

    method: Method
    pairs: list[tuple[Column, Column]]
    controls: list[Column]
    by: Groups | None

    @property
    def names(self) -> list[str]:
        """Every column that is read, once."""
        return list(dict.fromkeys([c.name for pair in self.pairs for c in pair] + [c.name for c in self.controls]))


@dataclass(frozen=True)
class _Told:
    """Sentences met on the way: of rows that were drawn, of controls that say nothing."""

    samples: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)


@tool(
    effect="read",
    gives="Pearson, Spearman, Kendall, partial, point-biserial, Cramér's V with p (corrected for many "
    "pairs), n and 95 % interval",
    example={"dataset": "penguins", "x": "flipper_length_mm", "y": "body_mass_g", "by": "species"},
    sentences=SENTENCES,
    told=told,
)
def correlate(arguments: Correlate, context: ToolContext) -> ToolOutput[Any]:
    """Correlate columns: r with two-sided p-value, n and 95 % interval for each pair.

    Each pair uses the rows where both values (and all controls) are present: its own n. Give x and y, or columns, or
    target; nothing means every pair of number columns. r is Pearson's r, Spearman's rho, Kendall's tau-b, the
    point-biserial r (`levels`: the value that counts as 0 and the one that counts as 1), or Cramér's V (p of
    crosstab). r is null when a column is constant or n < 3. `p_method` says how p was got: of ranks of few rows by
    counting; where `p_is_bound`, p is below. `sampled` says that rows were drawn by chance. With more than one pair
    `p_adjusted` is corrected for their number, as `p_adjusted_method` says: judge a matrix by it. Correlation is not
    causation. It only reads.
    """
    dataset = context.data.get(arguments.dataset)
    wish = _Wish(
        arguments.method,
        _pairs(arguments, dataset),
        [find_numeric(dataset, name) for name in arguments.controls],
        find_groups(dataset, arguments.by),
    )
    _check(wish)
    told = _Told()
    with context.data.open(dataset.name, arguments.where, context.watch, is_lean=True) as table:
        if wish.by is None:
            lines = list(_lines(table, wish, told))
        else:
            lines = [
                {"x": line.pop("x"), "y": line.pop("y"), **wish.by.shown(group), **line}
                for group in table.each_group(wish.by.column_in(table), MAX_GROUPS)
                for line in _lines(table, wish, told)
            ]
    _adjust(lines, arguments.correction)
    content: dict[str, JsonValue] = {"method": arguments.method, "pairs": list(lines)}
    if wish.by is not None and len(wish.by.columns) > 1:
        content["by"] = wish.by.said
    if arguments.controls:
        content["controls"] = [column.name for column in wish.controls]
    content["sampled"] = bool(told.samples)
    content["warnings"] = [*dict.fromkeys([*told.samples, *told.idle]), *_caveats(lines)]
    content["interpretation"] = _sentence(wish, lines)
    content["picture"] = _picture(wish)
    return ToolOutput(settled(content))


def _pairs(arguments: Correlate, dataset: Dataset) -> list[tuple[Column, Column]]:
    x, y, columns, target = arguments.x, arguments.y, arguments.columns, arguments.target
    if (x is None) != (y is None):
        raise ToolError("x and y go together: give both, or columns, or target")
    if sum(choice is not None for choice in (x, columns, target)) > 1:
        raise ToolError("give one of: x and y, columns, target")
    takes_any = arguments.method in ("point_biserial", "cramers_v")
    find = find_column if takes_any else find_numeric
    usual = [column for column in dataset.columns if column.type not in NUMERIC] if takes_any else None
    if x is not None and y is not None:
        return [(find(dataset, x), find(dataset, y))]
    if arguments.method == "point_biserial":
        raise ToolError("point_biserial takes one pair: give x and y")
    others = numeric_columns(dataset) if usual is None else usual
    if target is not None:
        first = find(dataset, target)
        return [(first, other) for other in others if other != first]
    _check_width(len(others) if columns is None else len(set(columns)))
    chosen = list({column.name: column for column in others}.values())
    if columns is not None:
        chosen = list({column.name: column for column in (find(dataset, name) for name in columns)}.values())
    if len(chosen) < 2:
        kind = "with numbers" if usual is None else "of categories"
        raise ToolError(f"{dataset.name!r} has {len(chosen)} columns {kind}; a correlation needs two")
    return list(combinations(chosen, 2))


def _check_width(n_columns: int) -> None:
    """ToolError where there are more pairs of these columns than are read by anybody."""
    if n_columns > MAX_COLUMNS:
        raise ToolError(
            f"every pair of {n_columns:,} columns would be {n_columns * (n_columns - 1) // 2:,} pairs; at most "
            f"{MAX_COLUMNS} columns are taken: name some in columns, or one in target to take it with all others"
        )


def _check(wish: _Wish) -> None:
    if wish.controls and wish.method not in ("pearson", "spearman"):
        raise ToolError(f"controls go with pearson or spearman, not with {wish.method}")
    held = {column.name for column in wish.controls}
    for x, y in wish.pairs:
        if x.name in held or y.name in held:
            raise ToolError(f"{x.name!r} and {y.name!r}: a column cannot be a control too")
        if wish.by is not None:
            wish.by.refuse([x, y], "makes the groups and cannot be correlated too")


def _lines(table: Table, wish: _Wish, told: _Told) -> Iterator[dict[str, JsonValue]]:
    """One line for each pair, over the rows that the table shows now; `told` takes what is said of them."""
    if wish.method == "cramers_v":
        yield from (_association(table, x, y) for x, y in wish.pairs)
    elif wish.method == "point_biserial":
        yield _point_biserial(table, *wish.pairs[0])
    else:
        is_linear = wish.method == "pearson" and not wish.controls
        found = _linear(table, wish) if is_linear else _others(table, wish, told)
        for (x, y), correlation in zip(wish.pairs, found, strict=True):
            yield {"x": x.name, "y": y.name, **asdict(correlation)}


def _linear(table: Table, wish: _Wish) -> Sequence[Correlation]:
    places = {name: place for place, name in enumerate(wish.names)}
    return scan_correlations(table, wish.names, [(places[x.name], places[y.name]) for x, y in wish.pairs])


def _others(table: Table, wish: _Wish, told: _Told) -> Iterator[Correlation]:
    method = wish.method
    assert method in ("pearson", "spearman", "kendall")  # noqa: S101 - the caller has the others
    kind = "pearson" if wish.controls else method  # what is left of ranks costs as much as what is left of values
    most = max(100_000, min(MOST_RANKED[kind], WORK[kind] // len(wish.pairs)))
    n_rows = table.count()
    if n_rows > most:
        told.samples.append(f"of about {most:,} rows drawn by chance of {n_rows:,}")
    if method == "spearman" and not wish.controls:
        # Column by column: of each only its ranks stay in memory.
        ranked = {}
        for name in wish.names:
            table.step(f"ranking {name[:64]}")
            ranked[name] = stats.rank_column(_numbers(table.frame([name], most=most), name))
        for x, y in wish.pairs:
            table.step(f"correlating {x.name[:64]} and {y.name[:64]}")
            yield stats.correlate_ranks(ranked[x.name], ranked[y.name])
        return
    frame = table.frame(wish.names, most=most)
    arrays = {name: _numbers(frame, name) for name in wish.names}
    held = [arrays[column.name] for column in wish.controls]
    told.idle.extend(_idle_controls(held))
    for x, y in wish.pairs:
        table.step(f"correlating {x.name[:64]} and {y.name[:64]}")
        yield stats.correlate_pair(arrays[x.name], arrays[y.name], method, held)


def _idle_controls(held: Sequence[Floats]) -> list[str]:
    """A sentence where controls do not vary, or say the same as others."""
    rank = stats.count_directions(held) if held else 0
    if rank == len(held):
        return []
    return [f"of {len(held)} controls only {rank} count: the others do not vary here, or say what these say"]


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    values: Floats = frame[name].to_numpy(dtype="float64", na_value=float("nan"))
    return values


def _point_biserial(table: Table, x: Column, y: Column) -> dict[str, JsonValue]:
    two, numbers = (y, x) if x.type in NUMERIC and (y.type not in NUMERIC or x.distinct > 2) else (x, y)
    if numbers.type not in NUMERIC:
        raise ToolError(f"point_biserial: {numbers.name!r} holds {numbers.type}; one of the columns must hold numbers")
    frame = table.frame([two.name, numbers.name], as_text=[two.name])
    levels = in_order(frame[two.name].dropna().unique())
    if len(levels) != 2:
        raise ToolError(f"point_biserial: {two.name!r} has {len(levels)} values here; it takes two")
    found = stats.correlate_pair(stats.as_codes(frame[two.name], levels), _numbers(frame, numbers.name))
    return {"x": x.name, "y": y.name, **asdict(found), "levels": [level[:64] for level in levels]}


def _association(table: Table, x: Column, y: Column) -> dict[str, JsonValue]:
    _, counts, _ = count_pairs(table, x, y)
    names: dict[str, JsonValue] = {"x": x.name, "y": y.name}
    n = int(counts.sum())
    try:  # by the rule of crosstab: Fisher's exact test where an expected count is small
        found = stats.examine_counts(counts, None)
    except (stats.TooFewValues, ValueError):
        return {**names, "r": None, "p": None, "n": n, "ci_low": None, "ci_high": None, "p_method": None}
    effect = found.effect
    interval: dict[str, JsonValue] = {"ci_low": effect.ci_low, "ci_high": effect.ci_high}
    drawn: dict[str, JsonValue] = {"p_interval": list(found.p_interval)} if found.p_interval else {}
    return {**names, "r": effect.value, "p": found.p, "n": n, **interval, "p_method": found.p_method, **drawn}


def _adjust(lines: Sequence[dict[str, JsonValue]], correction: stats.Correction) -> None:
    """Add p_adjusted where more than one p is read together."""
    tested = [line for line in lines if isinstance(line["p"], float)]
    if len(tested) < 2:
        return
    for line, p in zip(tested, stats.correct([float(str(line["p"])) for line in tested], correction), strict=True):
        line |= {"p_adjusted": p, "p_adjusted_method": stats.correction_words(correction, len(tested))}


def _caveats(lines: Sequence[dict[str, JsonValue]]) -> list[JsonValue]:
    caveats: list[JsonValue] = []
    if any(line["r"] is None for line in lines):
        caveats.append("some pairs have no r: fewer than 3 complete rows, or a constant column")
    if any(isinstance(line["n"], int) and 3 <= line["n"] < 10 for line in lines):
        caveats.append("fewer than 10 complete rows: a single row can make or break r")
    return caveats


def _sentence(wish: _Wish, lines: Sequence[dict[str, JsonValue]]) -> str:
    known = [line for line in lines if isinstance(line["r"], float) and isinstance(line["p"], float)]
    best = max(known, key=lambda line: abs(float(str(line["r"]))), default=None)
    if best is None:
        return "No pair has a correlation: too few complete rows, or a constant column."
    r, p = float(str(best["r"])), float(str(best.get("p_adjusted", best["p"])))
    return render(
        "correlate",
        n_pairs=len(lines),
        n_shown=sum(float(str(line.get("p_adjusted", line["p"]))) < 0.05 for line in known),
        x=one_line(str(best["x"])),
        y=one_line(str(best["y"])),
        group=None if best.get("group") is None else one_line(str(best["group"])),
        symbol={"kendall": "tau", "spearman": "rho", "cramers_v": "V"}.get(wish.method, "r"),
        held=[one_line(column.name) for column in wish.controls],
        r=f"{r:.2f}",
        is_negative=r < 0,
        is_shown=p < 0.05,
        p=p_words(p, str(best["p_method"]), best.get("p_is_bound") is True),
        size=strength_of(r),
    )


def _picture(wish: _Wish) -> JsonValue:
    x, y = wish.pairs[0]
    if wish.method == "cramers_v":
        return {"tool": "plot", "kind": "heatmap", "x": x.name, "y": y.name}
    if wish.method == "point_biserial":
        two, numbers = (x, y) if y.type in NUMERIC else (y, x)
        return {"tool": "plot", "kind": "box", "x": two.name, "y": numbers.name}
    if len(wish.pairs) == 1:
        return {"tool": "plot", "kind": "scatter", "x": x.name, "y": y.name}
    return {"tool": "plot", "kind": "heatmap", "columns": list(wish.names)}

"""correlate: how columns are associated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from adapters.data.base import DuckTable
from adapters.records import Column, Dataset
from prompts import render
from prompts.visible import one_line
from tools import stats
from tools.columns import NUMERIC, find_column, find_numeric, in_order
from tools.context import ToolContext
from tools.correlate.result import Correlations, CorrelationWarns, Method, Pair
from tools.correlate.sentences import SENTENCES
from tools.correlate.told import SYMBOLS, told
from tools.counts import count_pairs
from tools.effect_words import strength_of
from tools.errors import ToolError
from tools.groups import Groups, find_groups
from tools.number_scan import scan_correlations
from tools.p_values import p_words
from tools.pictured import Picture, pictured
from tools.results import ToolOutput, if_any
from tools.scripting import later
from tools.spec import Arguments, tool
from tools.warned import Warned, said

if TYPE_CHECKING:
    import pandas as pd

    from tools.stats import Correlation, Floats

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
class _Correlated:
    """What is correlated, with the columns found."""

    method: Method
    pairs: list[tuple[Column, Column]]
    controls: list[Column]
    by: Groups | None

    @property
    def names(self) -> list[str]:
        """Every column that is read, once."""
        return list(dict.fromkeys([c.name for pair in self.pairs for c in pair] + [c.name for c in self.controls]))


@tool(
    effect="read",
    gives="Pearson, Spearman, Kendall, partial, point-biserial, Cramér's V with p (corrected for many "
    "pairs), n and 95 % interval",
    example={"dataset": "penguins", "x": "flipper_length_mm", "y": "body_mass_g", "by": "species"},
    sentences=SENTENCES,
    told=told,
    script=later("tools.correlate.script"),
)
def correlate(arguments: Correlate, context: ToolContext) -> ToolOutput[Correlations]:
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
    what = _Correlated(
        arguments.method,
        _pairs(arguments, dataset),
        [find_numeric(dataset, name) for name in arguments.controls],
        find_groups(dataset, arguments.by),
    )
    _check(what)
    met: list[Warned] = []
    with context.data.open(dataset.name, arguments.where, context.watch, is_lean=True) as table:
        if what.by is None:
            pairs = list(_found(table, what, {}, met))
        else:
            by = what.by
            groups = table.each_group(by.column_in(table), MAX_GROUPS)
            pairs = [pair for group in groups for pair in _found(table, what, by.shown(group), met)]
    pairs = _adjusted(pairs, arguments.correction)
    several = tuple(what.by.names) if what.by is not None and len(what.by.columns) > 1 else None
    return ToolOutput(
        Correlations(
            method=arguments.method,
            pairs=tuple(pairs),
            **if_any(by=several, controls=tuple(column.name for column in what.controls)),
            sampled=any(one.code == CorrelationWarns.SAMPLED.code for one in met),
            **said([*dict.fromkeys(met), *_caveats(pairs)]),
            interpretation=_sentence(what, pairs),
            picture=_picture(what),
        )
    )


def _pairs(arguments: Correlate, dataset: Dataset) -> list[tuple[Column, Column]]:
    x, y, columns, target = arguments.x, arguments.y, arguments.columns, arguments.target
    if (x is None) != (y is None):
        raise ToolError("x and y go together: give both, or columns, or target")
    if sum(choice is not None for choice in (x, columns, target)) > 1:
        raise ToolError("give one of: x and y, columns, target")
    takes_any = arguments.method in ("point_biserial", "cramers_v")
    find = find_column if takes_any else find_numeric
    if x is not None and y is not None:
        return [(find(dataset, x), find(dataset, y))]
    if arguments.method == "point_biserial":
        raise ToolError("point_biserial takes one pair: give x and y")
    kind = "of categories" if takes_any else "with numbers"
    others = [column for column in dataset.columns if (column.type in NUMERIC) != takes_any]
    if target is not None:
        first = find(dataset, target)
        pairs = [(first, other) for other in others if other != first]
        if not pairs:
            raise ToolError(f"target: {dataset.name!r} has no column {kind} beside {first.name!r}")
        return pairs
    _check_width(len(others) if columns is None else len(set(columns)))
    chosen = dict.fromkeys(others if columns is None else [find(dataset, name) for name in columns])
    if len(chosen) < 2:
        raise ToolError(f"{dataset.name!r} has {len(chosen)} columns {kind}; a correlation needs two")
    return list(combinations(chosen, 2))


def _check_width(n_columns: int) -> None:
    """ToolError where there are more pairs of these columns than are read by anybody."""
    if n_columns > MAX_COLUMNS:
        raise ToolError(
            f"every pair of {n_columns:,} columns would be {n_columns * (n_columns - 1) // 2:,} pairs; at most "
            f"{MAX_COLUMNS} columns are taken: name some in columns, or one in target to take it with all others"
        )


def _check(what: _Correlated) -> None:
    if what.controls and what.method not in ("pearson", "spearman"):
        raise ToolError(f"controls go with pearson or spearman, not with {what.method}")
    held = {column.name for column in what.controls}
    for x, y in what.pairs:
        if x.name in held or y.name in held:
            raise ToolError(f"{x.name!r} and {y.name!r}: a column cannot be a control too")
        if what.by is not None:
            what.by.refuse([x, y], "makes the groups and cannot be correlated too")


def _found(table: DuckTable, what: _Correlated, group: Mapping[str, Any], met: list[Warned]) -> Iterator[Pair]:
    """Each pair over the rows that the table shows now; `met` takes what there is to warn of."""
    if what.method == "cramers_v":
        yield from (_association(table, x, y, group) for x, y in what.pairs)
    elif what.method == "point_biserial":
        yield _point_biserial(table, *what.pairs[0], group)
    else:
        found = _others(table, what, what.method, met)
        if what.method == "pearson" and not what.controls:
            found = iter(_linear(table, what))
        for (x, y), correlation in zip(what.pairs, found, strict=True):
            yield Pair(x=x.name, y=y.name, **group, **asdict(correlation))


def _linear(table: DuckTable, what: _Correlated) -> Sequence[Correlation]:
    places = {name: place for place, name in enumerate(what.names)}
    return scan_correlations(table, what.names, [(places[x.name], places[y.name]) for x, y in what.pairs])


def _others(
    table: DuckTable, what: _Correlated, method: Literal["pearson", "spearman", "kendall"], met: list[Warned]
) -> Iterator[Correlation]:
    kind = "pearson" if what.controls else method  # what is left of ranks costs as much as what is left of values
    most = max(100_000, min(MOST_RANKED[kind], WORK[kind] // len(what.pairs)))
    n_rows = table.count()
    if n_rows > most:
        met.append(CorrelationWarns.SAMPLED(most=most, n=n_rows))
    if method == "spearman" and not what.controls:
        # Column by column: of each only its ranks stay in memory.
        ranked = {}
        for name in what.names:
            table.step(f"ranking {name[:64]}")
            ranked[name] = stats.rank_column(_numbers(table.frame([name], most=most), name))
        for x, y in what.pairs:
            table.step(f"correlating {x.name[:64]} and {y.name[:64]}")
            yield stats.correlate_ranks(ranked[x.name], ranked[y.name])
        return
    frame = table.frame(what.names, most=most)
    arrays = {name: _numbers(frame, name) for name in what.names}
    held = [arrays[column.name] for column in what.controls]
    met.extend(_idle_controls(held))
    for x, y in what.pairs:
        table.step(f"correlating {x.name[:64]} and {y.name[:64]}")
        yield stats.correlate_pair(arrays[x.name], arrays[y.name], method, held)


def _idle_controls(held: Sequence[Floats]) -> list[Warned]:
    """A warning where controls do not vary, or say the same as others."""
    rank = stats.count_directions(held) if held else 0
    return [] if rank == len(held) else [CorrelationWarns.IDLE_CONTROLS(n=len(held), n_counted=rank)]


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    values: Floats = frame[name].to_numpy(dtype="float64", na_value=float("nan"))
    return values


def _point_biserial(table: DuckTable, x: Column, y: Column, group: Mapping[str, Any]) -> Pair:
    two, numbers = (y, x) if x.type in NUMERIC and (y.type not in NUMERIC or x.distinct > 2) else (x, y)
    if numbers.type not in NUMERIC:
        raise ToolError(f"point_biserial: {numbers.name!r} holds {numbers.type}; one of the columns must hold numbers")
    frame = table.frame([two.name, numbers.name], as_text=[two.name])
    levels = in_order(frame[two.name].dropna().unique())
    if len(levels) != 2:
        raise ToolError(f"point_biserial: {two.name!r} has {len(levels)} values here; it takes two")
    found = stats.correlate_pair(stats.as_codes(frame[two.name], levels), _numbers(frame, numbers.name))
    return Pair(x=x.name, y=y.name, **group, **asdict(found), levels=tuple(level[:64] for level in levels))


def _association(table: DuckTable, x: Column, y: Column, group: Mapping[str, Any]) -> Pair:
    _, counts, _ = count_pairs(table, x, y)
    n = int(counts.sum())
    try:  # by the rule of crosstab: Fisher's exact test where an expected count is small
        found = stats.examine_counts(counts, None)
    except (stats.TooFewValues, ValueError):
        return Pair(x=x.name, y=y.name, **group, r=None, p=None, n=n, ci_low=None, ci_high=None, p_method=None)
    return Pair(
        x=x.name,
        y=y.name,
        **group,
        r=found.effect.value,
        p=found.p,
        n=n,
        ci_low=found.effect.ci_low,
        ci_high=found.effect.ci_high,
        p_method=found.p_method,
        **if_any(p_interval=found.p_interval),
    )


def _adjusted(pairs: list[Pair], correction: stats.Correction) -> list[Pair]:
    """The pairs with p_adjusted, where more than one p is read together."""
    tested = [pair.p for pair in pairs if pair.p is not None]
    if len(tested) < 2:
        return pairs
    adjusted, how = iter(stats.correct(tested, correction)), stats.correction_words(correction, len(tested))
    return [
        pair if pair.p is None else pair.model_copy(update={"p_adjusted": next(adjusted), "p_adjusted_method": how})
        for pair in pairs
    ]


def _caveats(pairs: Sequence[Pair]) -> list[Warned]:
    caveats = [CorrelationWarns.NO_R()] if any(pair.r is None for pair in pairs) else []
    if any(3 <= pair.n < 10 for pair in pairs):
        caveats.append(CorrelationWarns.FEW_ROWS())
    return caveats


def _sentence(what: _Correlated, pairs: Sequence[Pair]) -> str:
    known = [(r, p, pair) for pair in pairs if (r := pair.r) is not None and (p := pair.p_read) is not None]
    if not known:
        return "No pair has a correlation: too few complete rows, or a constant column."
    r, p, best = max(known, key=lambda one: abs(one[0]))
    return render(
        "correlate",
        n_pairs=len(pairs),
        n_shown=sum(p < 0.05 for _, p, _ in known),
        x=one_line(best.x),
        y=one_line(best.y),
        group=None if best.group is None else one_line(best.group),
        symbol=SYMBOLS.get(what.method, "r"),
        held=[one_line(column.name) for column in what.controls],
        r=f"{r:.2f}",
        is_negative=r < 0,
        is_shown=p < 0.05,
        p=p_words(p, best.p_method, best.p_is_bound),
        size=strength_of(r),
    )


def _picture(what: _Correlated) -> Picture:
    x, y = what.pairs[0]
    if what.method == "cramers_v":
        return pictured("heatmap", x=x.name, y=y.name)
    if what.method == "point_biserial":
        two, numbers = (x, y) if y.type in NUMERIC else (y, x)
        return pictured("box", x=two.name, y=numbers.name)
    if len(what.pairs) == 1:
        return pictured("scatter", x=x.name, y=y.name)
    return pictured("heatmap", columns=what.names)

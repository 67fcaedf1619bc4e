"""plot: a picture of one column, of two, or of many."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field

from adapters.data.base import DuckTable, quote_identifier
from adapters.records import Column, Dataset
from tools import plots
from tools.columns import NUMERIC, TIMES, find_column, find_value, numeric_columns
from tools.context import ToolContext
from tools.errors import ToolError
from tools.ml.metadata import Metadata
from tools.model_lines import metadata_of
from tools.number_scan import scan_correlations
from tools.plot.drawable import check_drawable
from tools.plot.result import Kind, Plotted
from tools.plot.sentences import SENTENCES
from tools.plot.told import told
from tools.plots.notes import Notes
from tools.results import Artifact, ToolOutput, if_any
from tools.spec import Arguments, tool

if TYPE_CHECKING:
    from tools.plots import Axis, Drawn, Fetch

    Draw = Callable[[Fetch, Axis, Axis | None, str], Drawn]

SECONDS_A_DAY = 86_400.0


class Plot(Arguments):
    """What is drawn, of which columns."""

    dataset: str = Field(description="Name of a loaded dataset; of a trained model's picture any.")
    kind: Kind = Field(
        description="histogram, density, box, violin, qq: the distribution of x (box and violin also: of y for each "
        "x). scatter, residuals: x and y. "
        "line: y (or the number of rows) along x. bar: rows, or the mean of y, for each value of x. heatmap: counts of "
        "x by y, or correlations of `columns`. pair: `columns` against each other. roc, precision_recall: "
        "x the scores, y the truth, or of a `model`. confusion: x predicted, y true, or of a `model`. importance: of a "
        "`model`."
    )
    x: str | None = Field(default=None, description="The column along the picture; of a distribution, the column.")
    y: str | None = Field(default=None, description="The column of numbers going up, where the kind takes one.")
    color: str | None = Field(default=None, description="Column whose values make groups in colours of their own.")
    columns: list[str] | None = Field(
        default=None,
        description="heatmap without x and y: columns of numbers, all by default; pair: two to six.",
        min_length=2,
    )
    event: str | None = Field(
        default=None,
        description="roc, precision_recall: the value of y that high scores stand for, or the model's class; else the "
        "second of two.",
    )
    model: str | None = Field(
        default=None,
        description="roc, precision_recall, confusion, importance: a trained model, as it was scored on its test rows.",
    )
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )
    title: str | None = Field(default=None, description="Words above the picture.", max_length=80)
    fit: bool = Field(default=True, description="scatter: draw the least-squares line, with `color` one of each group.")
    common_fit: bool = Field(
        default=False,
        description="scatter with `color`: draw also the line over all groups together, which may run against each.",
    )


@dataclass(frozen=True)
class _Wish:
    """The open table, and the arguments with their columns found."""

    table: DuckTable
    dataset: Dataset
    arguments: Plot
    title: str

    def number(self, name: str | None, field: str, times: bool = False) -> Axis:
        """The column of that argument, which must hold numbers (or dates, where a picture takes them)."""
        column = self.column(name, field)
        if column.type in NUMERIC:
            return plots.Axis(column.name, f"CAST({quote_identifier(column.name)} AS DOUBLE)")
        if times and column.type in ("date", "datetime"):
            days = f"epoch({quote_identifier(column.name)}) / {SECONDS_A_DAY}"
            return plots.Axis(column.name, days, is_time=True)
        kind = "numbers or dates" if times else "numbers"
        names = ", ".join(repr(other.name) for other in numeric_columns(self.dataset)) or "none"
        raise ToolError(
            f"{field}: {self.arguments.kind} needs {kind}, and {column.name!r} holds {column.type}; "
            f"columns with numbers: {names}"
        )

    def category(self, name: str | None, field: str) -> tuple[Axis, bool]:
        """The column as categories, and whether they have an order of their own."""
        column = self.column(name, field)
        return plots.Axis(column.name, quote_identifier(column.name)), column.type in (*NUMERIC, *TIMES)

    def column(self, name: str | None, field: str) -> Column:
        """The column that the argument of that name holds."""
        if name is None:
            raise ToolError(f"{field}: {self.arguments.kind} needs a column here")
        return find_column(self.dataset, name)

    def correlate(self, columns: Sequence[Axis], pairs: Sequence[tuple[int, int]]) -> list[float | None]:
        """Pearson's r of these pairs, as correlate gives it."""
        return [found.r for found in scan_correlations(self.table, [axis.name for axis in columns], pairs)]

    @property
    def color(self) -> Axis | None:
        """The column that makes the groups."""
        return None if self.arguments.color is None else self.category(self.arguments.color, "color")[0]


@tool(
    effect="write",
    gives="histogram, density, box, violin, Q-Q, scatter, residuals, line, bar, heat map, pairs, ROC, "
    "precision-recall, confusion, importance as PNG, with n and what was left out",
    example={
        "dataset": "penguins",
        "kind": "scatter",
        "x": "flipper_length_mm",
        "y": "body_mass_g",
        "color": "species",
    },
    sentences=SENTENCES,
    told=told,
)
def plot(arguments: Plot, context: ToolContext) -> ToolOutput[Plotted]:
    """Draw a picture and show it to the user: histogram, density, box, violin, qq (against the normal), scatter with
    its line (by color one of each group; `lines` gives slope and r), residuals (of y on x), line, bar (counts, or
    means with 95 % intervals), heatmap, pair (scatters of several columns), roc and precision_recall (of scores),
    confusion, importance (of a trained model).

    The user sees the picture, you do not: only what the result says about it may be told. `n` counts the rows in it,
    `notes` say what was left out, binned or sampled. Numbers to be quoted come from the other tools.
    """
    unused = _unused(arguments)
    if unused:
        raise ToolError(f"{arguments.kind} takes no {unused}; leave it out")
    title = arguments.title or _title(arguments)
    try:
        if arguments.model is None:
            drawn = _of_table(arguments, context, title)
        else:
            drawn = _of_model(arguments.model, arguments, context, title)
    except plots.NothingToDraw as error:
        raise ToolError(str(error)) from error
    path = context.artifacts / f"{arguments.kind}_{secrets.token_hex(4)}.png"
    context.artifacts.mkdir(parents=True, exist_ok=True, mode=0o700)
    plots.save(drawn, path)
    lines = if_any(lines=drawn.lines)
    codes = if_any(note_codes=tuple(one.code for one in drawn.noted))
    found = Plotted(kind=arguments.kind, n=drawn.n, notes=drawn.notes, **codes, artifact=path.name, **lines)
    return ToolOutput(found, (Artifact(path, "png", title),))


def _of_table(arguments: Plot, context: ToolContext, title: str) -> Drawn:
    if arguments.kind == "importance":
        raise ToolError("importance is of a trained model: give model")
    dataset = context.data.get(arguments.dataset)
    with context.data.open(dataset.name, arguments.where, context.watch) as table:
        check_drawable(table, _along(dataset, arguments))
        return DRAWERS[arguments.kind](table.fetch, _Wish(table, dataset, arguments, title))


def _along(dataset: Dataset, arguments: Plot) -> Sequence[Column]:
    """The columns of numbers and dates that go along an axis as they are, not as categories."""
    if arguments.kind in ("heatmap", "roc", "precision_recall", "confusion"):
        return []
    if arguments.kind == "pair" and arguments.columns is None:
        return numeric_columns(dataset)
    x = None if arguments.kind == "bar" else arguments.x
    names = [name for name in (x, arguments.y, *(arguments.columns or [])) if name is not None]
    found = [find_column(dataset, name) for name in names]
    return [column for column in found if column.type in (*NUMERIC, "date", "datetime")]


def _of_model(model_id: str, arguments: Plot, context: ToolContext, title: str) -> Drawn:
    """A picture of what training wrote down about the test rows."""
    model = context.models.get(model_id)
    found = metadata_of(model)
    if arguments.kind == "importance":
        measure = "R²" if found.confusion is None else "accuracy"
        return plots.importances(found.importance, measure, title, found.rows.test)
    if found.confusion is None or found.classes is None:
        raise ToolError(f"{model.model_id} predicts numbers: it confuses no classes")
    if arguments.kind in CURVES:
        return CURVES[arguments.kind](_model_curve(model.model_id, found, arguments.event), title)
    return plots.confusion(found.classes, found.confusion, title, (Notes.TEST_ROWS(),))


def _model_curve(model_id: str, found: Metadata, event: str | None) -> plots.Curve:
    """The class's curve; of two classes the second's."""
    if not found.curves:
        raise ToolError(f"{model_id} has no curves: it has more than 20 classes, or was trained before they were kept")
    events = [curve.event for curve in found.curves]
    if event is None and len(events) > 2:
        raise ToolError(f"event: name the class that is set against the others; there are {', '.join(events)}")
    curve = found.curves[-1 if event is None else events.index(find_value(event, events, "event", model_id))]
    said = (Notes.TEST_ROWS(), *([] if len(events) == 2 else [Notes.AGAINST_OTHERS()]))
    share = curve.n_events / curve.n
    return plots.Curve(curve.event, curve.found, curve.false, curve.area, curve.average_precision, share, curve.n, said)


def _title(arguments: Plot) -> str:
    names = [name for name in (arguments.y, arguments.x) if name is not None]
    if arguments.kind == "pair":
        return f"each against each, {arguments.dataset}"
    if arguments.model is not None:
        return f"{arguments.kind} of {arguments.model}"
    words = " by ".join(names) if names else f"correlations of {arguments.dataset}"
    where = "" if arguments.where is None else f" where {arguments.where}"
    return f"{words}{where}"


TAKEN: Mapping[str, tuple[str, ...]] = {
    "histogram": ("x", "color"),
    "density": ("x", "color"),
    "box": ("x", "y", "color"),
    "violin": ("x", "y", "color"),
    "qq": ("x", "color"),
    "scatter": ("x", "y", "color"),
    "residuals": ("x", "y"),
    "line": ("x", "y", "color"),
    "bar": ("x", "y", "color"),
    "heatmap": ("x", "y", "columns"),
    "pair": ("columns", "color"),
    "roc": ("x", "y", "event", "model"),
    "precision_recall": ("x", "y", "event", "model"),
    "confusion": ("x", "y", "model"),
    "importance": ("model",),
}


def _unused(arguments: Plot) -> str:
    """Arguments that would be silently ignored."""
    given = [name for name in ("x", "y", "color", "columns", "event", "model") if getattr(arguments, name) is not None]
    unused = [name for name in given if name not in TAKEN[arguments.kind]]
    if arguments.kind == "heatmap" and "columns" in given and len(given) > 1:
        unused.append("columns beside x and y")
    if arguments.common_fit and (arguments.kind != "scatter" or arguments.color is None):
        unused.append("common_fit without groups" if arguments.kind == "scatter" else "common_fit")
    if arguments.model is not None and not unused:
        unused += [f"{name} beside model" for name in ("x", "y") if name in given]
    return " or ".join(unused)


def _of_one(draw: Draw, fetch: Fetch, wish: _Wish, times: bool) -> Drawn:
    return draw(fetch, wish.number(wish.arguments.x, "x", times), wish.color, wish.title)


def _of_groups(draw: Draw, fetch: Fetch, wish: _Wish) -> Drawn:
    """x alone is the column; with y, y is, and x makes the groups, as people say it."""
    arguments = wish.arguments
    if arguments.y is None:
        return _of_one(draw, fetch, wish, times=False)
    if arguments.color not in (None, arguments.x):
        raise ToolError(f"color: {arguments.kind} of y by x has its groups already; leave color out")
    return draw(fetch, wish.number(arguments.y, "y"), wish.category(arguments.x, "x")[0], wish.title)


def _scatter(fetch: Fetch, wish: _Wish) -> Drawn:
    x, y = wish.number(wish.arguments.x, "x", times=True), wish.number(wish.arguments.y, "y")
    if wish.arguments.common_fit and x.is_time:
        raise ToolError(f"common_fit: {x.name!r} holds dates, and a scatter over dates has no line")
    lines = plots.Lines(own=wish.arguments.fit, common=wish.arguments.common_fit)
    return plots.scatter(fetch, x, y, wish.color, wish.title, lines)


def _residuals(fetch: Fetch, wish: _Wish) -> Drawn:
    return plots.residuals(fetch, wish.number(wish.arguments.x, "x"), wish.number(wish.arguments.y, "y"), wish.title)


def _line(fetch: Fetch, wish: _Wish) -> Drawn:
    y = None if wish.arguments.y is None else wish.number(wish.arguments.y, "y")
    return plots.line_chart(fetch, wish.number(wish.arguments.x, "x", times=True), y, wish.color, wish.title)


def _bar(fetch: Fetch, wish: _Wish) -> Drawn:
    x, ordered = wish.category(wish.arguments.x, "x")
    y = None if wish.arguments.y is None else wish.number(wish.arguments.y, "y")
    return plots.bars(fetch, x, y, wish.color, wish.title, ordered)


def _heatmap(fetch: Fetch, wish: _Wish) -> Drawn:
    if wish.arguments.x is None and wish.arguments.y is None:
        chosen = wish.arguments.columns or [column.name for column in numeric_columns(wish.dataset)]
        axes = [wish.number(name, "columns") for name in chosen]
        return plots.correlation_map(fetch, axes, wish.title, wish.correlate)
    x, x_ordered = wish.category(wish.arguments.x, "x")
    y, y_ordered = wish.category(wish.arguments.y, "y")
    return plots.count_map(fetch, x, y, wish.title, (x_ordered, y_ordered))


def _pair(fetch: Fetch, wish: _Wish) -> Drawn:
    chosen = wish.arguments.columns or [column.name for column in numeric_columns(wish.dataset)]
    axes = [wish.number(name, "columns") for name in chosen]
    return plots.pair_plot(fetch, axes, wish.color, wish.title, wish.correlate)


def _curve(fetch: Fetch, wish: _Wish) -> Drawn:
    score, truth = wish.number(wish.arguments.x, "x"), wish.column(wish.arguments.y, "y")
    sql, event = quote_identifier(truth.name), wish.arguments.event
    values = plots.values_of(fetch, sql)
    if event is None and len(values) == 2:
        event = values[1]
    if event not in values:
        shown = ", ".join(repr(value[:64]) for value in values[:10])
        raise ToolError(f"event: name the value of {truth.name!r} that high scores stand for; there are {shown}")
    return CURVES[wish.arguments.kind](plots.trace(fetch, score, sql, event), wish.title)


def _confusion(fetch: Fetch, wish: _Wish) -> Drawn:
    predicted, true = wish.column(wish.arguments.x, "x"), wish.column(wish.arguments.y, "y")
    return plots.confusion_of(fetch, quote_identifier(predicted.name), quote_identifier(true.name), wish.title)


CURVES: Mapping[str, Callable[[plots.Curve, str], Drawn]] = {
    "roc": lambda curve, title: plots.roc(curve, title),
    "precision_recall": lambda curve, title: plots.precision_recall(curve, title),
}
DRAWERS: Mapping[str, Callable[[Fetch, _Wish], Drawn]] = {
    "histogram": lambda fetch, wish: _of_one(plots.histogram, fetch, wish, times=True),
    "density": lambda fetch, wish: _of_one(plots.density, fetch, wish, times=True),
    "box": lambda fetch, wish: _of_groups(plots.box, fetch, wish),
    "violin": lambda fetch, wish: _of_groups(plots.violin, fetch, wish),
    "qq": lambda fetch, wish: _of_one(plots.quantile_plot, fetch, wish, times=False),
    "scatter": _scatter,
    "residuals": _residuals,
    "line": _line,
    "bar": _bar,
    "heatmap": _heatmap,
    "pair": _pair,
    "roc": _curve,
    "precision_recall": _curve,
    "confusion": _confusion,
}

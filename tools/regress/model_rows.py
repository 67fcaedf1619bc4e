"""The rows of a regression out of a table: which are whole, which categories they have, and a stream of blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from adapters.data.base import DuckTable, quote_identifier
from adapters.records import Column
from tools import stats
from tools.columns import find_value, in_order, second_value
from tools.errors import ToolError
from tools.regress.terms import MAX_LEVELS, Grammar, Terms, make_terms

if TYPE_CHECKING:
    from tools.stats import Blocks, Rows

MAX_LONG = 5_000_000
"""Values of x that are held, and in long double; more are streamed anew for each step, in float64."""
MAX_EVENTS = 10_000
MAX_LABEL = 64
Kind = Literal["ols", "wls", "logit", "poisson"]


@dataclass(frozen=True)
class Model:
    """What is explained by what, and how: of a logit an event, the second of two values if None.

    `weights` are those of least squares, or the exposure of counts; `measure` says which.
    """

    target: Column
    weights: Column | None
    grammar: Grammar
    kind: Kind
    event: str | None
    robust: bool
    intercept: bool

    @property
    def is_logit(self) -> bool:
        """Whether it is the chance of an event that is explained."""
        return self.kind == "logit"

    @property
    def measure(self) -> Literal["weights", "exposure"]:
        """The argument that names the weights."""
        return "exposure" if self.kind == "poisson" else "weights"

    @property
    def columns(self) -> list[Column]:
        """All that is read, each once."""
        parts = [self.target, *self.grammar.features, *([self.weights] if self.weights else [])]
        return list({column.name: column for column in parts}.values())

    def is_word(self, column: Column) -> bool:
        """Whether the column's values are read as words."""
        return self.grammar.is_category(column) or (self.is_logit and column.name == self.target.name)


@dataclass(frozen=True)
class ModelRows:
    """The rows that are whole, and how many were left out; of a logit the event, as the data writes it.

    `aliased` are terms that were left out, as those before them say the same together.
    """

    missing: int
    terms: Terms
    event: str | None
    blocks: Blocks
    aliased: Sequence[str] = ()

    def only(self, places: Sequence[int]) -> ModelRows:
        """The same rows with these terms alone; the others are aliased."""
        names, makers = self.terms.names, self.terms.makers
        terms = replace(self.terms, names=[names[at] for at in places], makers=[makers[at] for at in places])

        def narrowed() -> Iterable[Rows]:
            for rows in self.blocks():
                yield replace(rows, x=rows.x[:, list(places)])

        aliased = [name for at, name in enumerate(names) if at not in places]
        return replace(self, terms=terms, blocks=narrowed, aliased=aliased)


def read_rows(model: Model, table: DuckTable) -> ModelRows:
    """Look at the table once for each category, and make its blocks ready.

    Raises
    ------
    ToolError
        If no row is whole, a weight is below 0, a category has too many values, or a logit's target not two.
    """
    whole = " AND ".join(_is_there(column, model.is_word(column)) for column in model.columns)
    weight = None if model.weights is None else quote_identifier(model.weights.name)
    # A row of weight 0 says nothing, as in R; nor does a count out of nothing.
    used = whole if weight is None else f"{whole} AND {weight} > 0"
    below = "false" if weight is None else f"{whole} AND {weight} < 0"
    ((n_all, n_used, n_below),) = table.fetch(
        f"SELECT count(*), count(*) FILTER (WHERE {used}), count(*) FILTER (WHERE {below}) FROM data"
    )
    if model.weights is not None and n_below:
        raise ToolError(f"{model.measure}: {model.weights.name!r} holds numbers below 0")
    if not n_used:
        raise ToolError("no row has a value in every one of these columns")
    levels = {
        column.name: _levels(table, column, used, MAX_EVENTS if column.name == model.target.name else MAX_LEVELS)
        for column in model.columns
        if model.is_word(column)
    }
    event = _event(model, levels[model.target.name]) if model.is_logit else None
    terms = make_terms(model.grammar, levels)
    is_held = n_used * len(terms.names) <= MAX_LONG

    def stream() -> Iterable[Rows]:
        return _stream(model, table, terms, levels, event, "longdouble" if is_held else "float64")

    held = list(stream()) if is_held else []
    blocks: Callable[[], Iterable[Rows]] = (lambda: held) if is_held else stream
    return ModelRows(n_all - n_used, terms, event, blocks)


def _is_there(column: Column, is_word: bool) -> str:
    sql = quote_identifier(column.name)
    return f"{sql} IS NOT NULL" + ("" if is_word else f" AND NOT isnan(CAST({sql} AS DOUBLE))")


def _levels(table: DuckTable, column: Column, used: str, most: int) -> list[str]:
    sql = f"SELECT DISTINCT CAST({quote_identifier(column.name)} AS VARCHAR) FROM data WHERE {used} LIMIT {most + 1}"
    found = [label for (label,) in table.fetch(sql)]
    if len(found) > most:
        raise ToolError(f"{column.name!r} has more than {most} values: too many categories")
    return in_order(found)


def _event(model: Model, levels: Sequence[str]) -> str:
    name = model.target.name
    if model.event is None and len(levels) != 2:
        raise ToolError(f"logit needs a target of two values; {name!r} has {len(levels)} in these rows: name the event")
    if len(levels) < 2:
        raise ToolError(f"event: {name!r} has only {levels[0][:MAX_LABEL]!r} in these rows: two values are needed")
    return second_value(levels) if model.event is None else find_value(model.event, levels, "event", name)


def _stream(
    model: Model, table: DuckTable, terms: Terms, levels: dict[str, list[str]], event: str | None, kind: str
) -> Iterable[Rows]:
    names = ["_row", *(column.name for column in model.columns)]
    target, weights = model.target.name, None if model.weights is None else model.weights.name
    for arrays in table.stream(names, labels=levels):
        batch = dict(zip(names, stats.whole_rows(arrays), strict=True))
        if weights is not None:
            counts = batch[weights] > 0
            batch = {name: array[counts] for name, array in batch.items()}
        y = batch[target]
        if not len(y):
            continue
        if event is not None:
            y = (y == levels[target].index(event)).astype("float64")
        x = terms.values(batch).astype(kind)
        if not (stats.are_finite(y) and stats.are_finite(x)):
            raise ToolError("there are infinite numbers among the values; leave them out with where")
        yield stats.Rows(batch["_row"], x, y, None if weights is None else batch[weights])

"""Steps that choose, name, make or scale columns. Each gives the number of values written."""

from __future__ import annotations

import itertools
import math
import re

from adapters.data.base import DataError, quote_identifier, quote_string
from adapters.data.expression import DERIVE, check_expression
from adapters.data.step_warns import StepWarns
from adapters.data.steps.models import Bin, Derive, Drop, Encode, Rename, Scale, Select
from adapters.data.steps.work import Work, check_different
from adapters.file_words import match_words

MAX_ONEHOT = 200
MAX_SHOWN = 20


def select(work: Work, step: Select) -> int:
    """Keep these columns, in this order."""
    work.rewrite(f"SELECT {', '.join(map(quote_identifier, work.find_all(step.columns)))} FROM numbered ORDER BY _row")
    return 0


def drop(work: Work, step: Drop) -> int:
    """Leave these columns out."""
    dropped = set(work.find_all(step.columns))
    kept = [name for name in work.types() if name not in dropped]
    if not kept:
        raise DataError("drop: that would leave no column")
    work.rewrite(f"SELECT {', '.join(map(quote_identifier, kept))} FROM numbered ORDER BY _row")
    return 0


def rename(work: Work, step: Rename) -> int:
    """Another name for a column."""
    old = work.find(step.column)
    if old.lower() != step.to.lower():
        work.check_new(step.to)
    work.change(f"ALTER TABLE data RENAME {quote_identifier(old)} TO {quote_identifier(step.to)}")
    return 0


def derive(work: Work, step: Derive) -> int:
    """Values from an expression over the row, or a window of rows; a column that it does not use is replaced aloud."""
    if step.column.lower() == "_row":
        raise DataError("_row is every dataset's row number; choose another name")
    names = list(work.types())
    old = next((name for name in names if name.lower() == step.column.lower()), step.column)
    work.put({old: check_expression(step.expression, names, DERIVE)})
    if old in names and not re.search(rf"(?<!\w){re.escape(old)}(?!\w)", step.expression, re.IGNORECASE):
        work.warnings.append(StepWarns.COLUMN_REPLACED(name=old[:64]))
    return work.n_rows()


def scale(work: Work, step: Scale) -> int:
    """Numbers on another scale, as scikit-learn's scalers have it: sd of the population; a spread of 0 counts as 1."""
    values = {}
    names = [work.find_numeric(name) for name in work.find_all(step.columns)]
    for name in names:
        column = quote_identifier(name)
        if step.method == "log1p":
            n_lost = work.count(f"SELECT count(*) FROM data WHERE {column} <= -1")
            if n_lost:
                work.warnings.append(StepWarns.NO_LOGARITHM(name=name[:64], n_values=n_lost))
            values[name] = f"CASE WHEN {column} > -1 THEN {_log1p(column)} END"
        else:
            centre, spread = _centre_and_spread(work, column, step.method)
            values[name] = f"(CAST({column} AS DOUBLE) - CAST({centre!r} AS DOUBLE)) / CAST({spread!r} AS DOUBLE)"
    n_written = sum(work.counts(names).values())
    work.put(values)
    return n_written


def _log1p(column: str) -> str:
    """log(1 + x) to the last digits also near 0, where 1 + x rounds (Goldberg 1991, theorem 4); DuckDB has none."""
    x = f"CAST({column} AS DOUBLE)"
    return f"CASE WHEN 1 + {x} = 1 THEN {x} ELSE ln(1 + {x}) * ({x} / ((1 + {x}) - 1)) END"


def _centre_and_spread(work: Work, column: str, method: str) -> tuple[float, float]:
    if method == "standard":
        # Centred before it is squared: DuckDB's own stddev loses half the digits of values far from zero.
        mean = f"(SELECT favg({column}) FROM data)"
        # Over a power of two near the largest distance, so that no square is too large or too small for float64.
        farthest = work.connection.execute(f"SELECT max(abs({column} - {mean})) FROM data").fetchall()[0][0]
        unit = repr(math.ldexp(1.0, math.frexp(float(farthest or 1.0))[1] - 1))
        sql = f"SELECT {mean}, {unit}::DOUBLE * sqrt(favg(power(({column} - {mean}) / {unit}::DOUBLE, 2))) FROM data"
    elif method == "minmax":
        sql = f"SELECT min({column}), max({column}) - min({column}) FROM data"
    else:
        sql = (
            f"SELECT median({column}), quantile_cont({column}, 0.75) - quantile_cont({column}, 0.25) "
            f"FROM (SELECT CAST({column} AS DOUBLE) AS {column} FROM data)"
        )
    centre, spread = (float(value or 0) for value in work.connection.execute(sql).fetchall()[0])
    if not math.isfinite(centre) or not math.isfinite(spread):
        raise DataError(f"scale: the values of {column} are too far apart for float64")
    return centre, spread or 1.0


def encode(work: Work, step: Encode) -> int:
    """Categories as 0, 1, … in their order, or as a column of 0 and 1 for each in the place of the column."""
    names = work.find_all(step.columns)
    n_written = sum(work.counts(names).values())
    categories = {name: _categories(work, step, name) for name in names}
    if step.method == "ordinal":
        work.put({name: _ordinal(name, categories[name]) for name in names})
    else:
        _onehot(work, categories)
    return n_written


def _categories(work: Work, step: Encode, name: str) -> list[str]:
    column = quote_identifier(name)
    distinct = work.connection.execute(
        f"SELECT DISTINCT {column}, CAST({column} AS VARCHAR) FROM data WHERE {column} IS NOT NULL ORDER BY 1"
    )
    found = [row[1] for row in distinct.fetchall()]
    return found if step.categories is None else _listed(work, step, name, found)


def _ordinal(name: str, categories: list[str]) -> str:
    cases = " ".join(f"WHEN {quote_string(value)} THEN {index}" for index, value in enumerate(categories))
    text = f"CAST({quote_identifier(name)} AS VARCHAR)"
    return f"CAST(CASE {text} {cases} END AS BIGINT)" if cases else "CAST(NULL AS BIGINT)"


def _listed(work: Work, step: Encode, name: str, found: list[str]) -> list[str]:
    """The categories of the list as the column writes them; what the list and the column do not share is said."""
    given = step.categories or []
    meant = match_words(given, found)
    if found and not meant:
        shown = ", ".join(repr(value[:40]) for value in found[:MAX_SHOWN])
        raise DataError(f"encode: column {name[:64]!r} has none of the categories in the list; it has {shown}")
    absent = [repr(word[:40]) for word in given if word not in meant]
    if absent:
        work.warnings.append(StepWarns.NO_SUCH_CATEGORY(name=name[:64], absent=", ".join(absent[:MAX_SHOWN])))
    others = [value for value in found if value not in meant.values()]
    if others:
        warns = StepWarns.OTHERS_MISSING if step.method == "ordinal" else StepWarns.OTHERS_ALL_0
        work.warnings.append(warns(name=name[:64], n_others=len(others), other=others[0][:40]))
    return [meant.get(word, word) for word in given]


def _onehot(work: Work, categories: dict[str, list[str]]) -> None:
    """In place of each column one of 0 and 1 for each of its categories."""
    names, parts = [], []
    for old in work.types():
        values = categories.get(old)
        text = f"CAST({quote_identifier(old)} AS VARCHAR)"
        if values is None:
            names.append(old)
            parts.append(quote_identifier(old))
            continue
        if len(values) > MAX_ONEHOT:
            raise DataError(
                f"encode: column {old[:64]!r} has {len(values)} categories; at most {MAX_ONEHOT} columns are made"
            )
        for value in values:
            names.append(f"{old}_{value}")
            is_value = f"CAST(coalesce({text} = {quote_string(value)}, false) AS BIGINT)"
            parts.append(f"{is_value} AS {quote_identifier(names[-1])}")
    check_different(names)
    work.rewrite(f"SELECT {', '.join(parts)} FROM numbered ORDER BY _row")


def bin_numbers(work: Work, step: Bin) -> int:
    """A category for each range: [a, b), and [a, b] for the last one."""
    name = work.find_numeric(step.column)
    column = quote_identifier(name)
    work.check_new(step.into)
    edges = _edges(work, step, column)
    labels = step.labels or _ranges([f"{edge:g}" for edge in edges]) or _ranges([repr(edge) for edge in edges])
    if len(labels) != len(edges) - 1 or len(set(labels)) != len(labels):
        raise DataError(f"bin: {len(edges) - 1} different labels are needed, got {len(set(labels))}")
    cases = " ".join(
        f"WHEN {column} >= {low!r}::DOUBLE AND {column} {'<=' if index == len(labels) - 1 else '<'} {high!r}::DOUBLE "
        f"THEN {quote_string(labels[index])}"
        for index, (low, high) in enumerate(itertools.pairwise(edges))
    )
    outside = work.count(f"SELECT count(*) FROM data WHERE {column} < {edges[0]!r} OR {column} > {edges[-1]!r}")
    if outside:
        work.warnings.append(StepWarns.OUTSIDE_EDGES(n_values=outside, name=name[:64], into=step.into[:64]))
    work.put({step.into: f"CASE {cases} END"})
    return work.count(f"SELECT count({quote_identifier(step.into)}) FROM data")


def _ranges(edges: list[str]) -> list[str]:
    """The bins as text; none where two edges read the same."""
    if len(set(edges)) < len(edges):
        return []
    texts = [f"[{low}, {high})" for low, high in itertools.pairwise(edges)]
    return [*texts[:-1], texts[-1][:-1] + "]"]


def _edges(work: Work, step: Bin, column: str) -> list[float]:
    if (step.edges is None) == (step.n_bins is None):
        raise DataError("bin: give edges or n_bins, one of the two")
    if step.edges is not None:
        if len(step.edges) < 2 or any(low >= high for low, high in itertools.pairwise(step.edges)):
            raise DataError("bin: edges are at least two numbers that increase")
        return step.edges
    n_bins = step.n_bins or 2
    if step.method == "quantile":
        levels = ", ".join(repr(index / n_bins) for index in range(n_bins + 1))
        sql = f"SELECT quantile_cont(CAST({column} AS DOUBLE), [{levels}]) FROM data"
        edges = sorted(set(work.connection.execute(sql).fetchall()[0][0] or []))
        if len(edges) <= n_bins:
            work.warnings.append(StepWarns.FEWER_BINS(n_left=max(0, len(edges) - 1), n_bins=n_bins))
    else:
        low, high = work.connection.execute(f"SELECT min({column}), max({column}) FROM data").fetchall()[0]
        low, high = float(low or 0), float(high or 0)
        edges = [low + (high - low) * index / n_bins for index in range(n_bins)] + [high] if low < high else []
    if len(edges) < 2:
        raise DataError(f"bin: column {column} does not have two different values to cut between")
    return edges

"""Steps that make a table of another shape. Each gives the number of values written."""

from __future__ import annotations

from adapters.data.base import DataError, quote_identifier, quote_string
from adapters.data.step_warns import StepWarns
from adapters.data.steps.models import Aggregate, AggregateName, Join, Pivot, Unpivot
from adapters.data.steps.work import NUMERIC, Work, check_different, check_made
from adapters.names import name_choices

MAX_PIVOTED = 1_000
NUMBERS_ONLY = ("sum", "mean", "median", "sd", "variance", "q1", "q3")


def aggregate(work: Work, step: Aggregate) -> int:
    """One row for each group, the groups in order, a missing one last."""
    by = work.find_all(step.by)
    names = [*by, *(value.into for value in step.values)]
    check_different(names)
    values = [
        f"{_aggregated(work, value.function, value.column)} AS {quote_identifier(value.into)}" for value in step.values
    ]
    keys = ", ".join(map(quote_identifier, by))
    grouped = (
        f"GROUP BY {keys} ORDER BY {', '.join(f'{key} NULLS LAST' for key in map(quote_identifier, by))}" if by else ""
    )
    work.rewrite(f"SELECT {', '.join([*map(quote_identifier, by), *values])} FROM numbered {grouped}")
    return work.n_rows() * len(step.values)


def pivot(work: Work, step: Pivot) -> int:
    """One row for each index, one column for each category, both in order."""
    index = work.find_all(step.index)
    category = quote_identifier(work.find(step.columns))
    text = f"CAST({category} AS VARCHAR)"
    found = work.connection.execute(f"SELECT DISTINCT {category}, {text} FROM data ORDER BY 1 NULLS LAST").fetchall()
    if len(found) > MAX_PIVOTED:
        raise DataError(f"pivot: {step.columns[:64]!r} has {len(found)} values; at most {MAX_PIVOTED} columns are made")
    made = {"missing" if value is None else value: value for _, value in found}
    check_different([*index, *made])
    parts = list(map(quote_identifier, index))
    for name, value in made.items():
        condition = f"{text} IS NULL" if value is None else f"{text} = {quote_string(value)}"
        parts.append(f"{_aggregated(work, step.function, step.values, condition)} AS {quote_identifier(name)}")
    keys = list(map(quote_identifier, index))
    order = ", ".join(f"{key} NULLS LAST" for key in keys)
    work.rewrite(f"SELECT {', '.join(parts)} FROM numbered GROUP BY {', '.join(keys)} ORDER BY {order}")
    return work.n_rows() * len(made)


def unpivot(work: Work, step: Unpivot) -> int:
    """Each row once for each of the columns, one after the other."""
    columns = work.find_all(step.columns)
    types = work.types()
    unpivoted = set(columns)
    kept = [name for name in types if name not in unpivoted]
    check_different([*kept, step.name, step.value])
    kinds = {types[name] for name in columns}
    sql_type = None if len(kinds) == 1 else "DOUBLE" if kinds <= set(NUMERIC) else "VARCHAR"
    if sql_type == "VARCHAR":
        work.warnings.append(StepWarns.VALUES_ARE_TEXT(kinds=", ".join(sorted(kinds))))
    values = [
        quote_identifier(name) if sql_type is None else f"CAST({quote_identifier(name)} AS {sql_type})"
        for name in columns
    ]
    parts = [
        *map(quote_identifier, kept),
        f"unnest([{', '.join(map(quote_string, columns))}]) AS {quote_identifier(step.name)}",
        f"unnest([{', '.join(values)}]) AS {quote_identifier(step.value)}",
    ]
    work.rewrite(f"SELECT {', '.join(parts)} FROM (SELECT * FROM numbered ORDER BY _row)")
    return work.n_rows()


def join(work: Work, step: Join) -> int:
    """Columns of another dataset beside these; a row with several partners comes once for each of them."""
    if step.dataset not in work.joins:
        raise DataError(f"join: no dataset {step.dataset[:64]!r}; {name_choices(step.dataset, work.joins)}")
    view = work.joins[step.dataset]
    other = dict(work.connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE {view})").fetchall())
    other.pop("_row")
    on = {name: _partner(name, list(other), step.dataset) for name in work.find_all(step.on)}
    _check_types(work, on, view)
    mine = list(work.types())
    taken = {name.lower() for name in mine}
    parts = [
        f"coalesce(l.{quote_identifier(name)}, r.{quote_identifier(on[name])}) AS {quote_identifier(name)}"
        if name in on
        else f"l.{quote_identifier(name)}"
        for name in mine
    ]
    added = [name for name in other if name not in on.values()]
    for name in added:
        label = f"{name}_{step.dataset}" if name.lower() in taken else name
        parts.append(f"r.{quote_identifier(name)} AS {quote_identifier(label)}")
    check_made(len(parts))
    condition = " AND ".join(f"l.{quote_identifier(name)} = r.{quote_identifier(on[name])}" for name in on)
    n_before = work.n_rows()
    work.rewrite(
        f"SELECT {', '.join(parts)} FROM numbered l {step.how.upper()} JOIN {view} r ON {condition} "
        "ORDER BY l._row NULLS LAST, r._row"
    )
    n_after = work.n_rows()
    if step.how == "left" and n_after > n_before:
        work.warnings.append(StepWarns.SEVERAL_PARTNERS(dataset=step.dataset, n_before=n_before, n_after=n_after))
    return n_after * len(added)


def _partner(name: str, others: list[str], dataset: str) -> str:
    for other in others:
        if other.casefold() == name.casefold():
            return other
    raise DataError(f"join: no column {name[:64]!r} in {dataset!r}; {name_choices(name, others)}")


def _check_types(work: Work, on: dict[str, str], view: str) -> None:
    """Numbers meet numbers, text meets text: SQL would read one as the other, and find less than there is."""
    for name, other in on.items():
        pair = work.connection.execute(
            f"SELECT typeof(l.{quote_identifier(name)}), typeof(r.{quote_identifier(other)}) "
            f"FROM (SELECT * FROM data LIMIT 1) l FULL JOIN (SELECT * FROM {view} LIMIT 1) r ON true"
        ).fetchall()
        kinds = {"NUMBER" if kind in ("BIGINT", "DOUBLE") else kind for row in pair for kind in row if kind is not None}
        if len(kinds) > 1:
            raise DataError(
                f"join: {name[:64]!r} holds {' here and '.join(sorted(kinds)).lower()} there; cast one of them first"
            )


def _aggregated(work: Work, function: AggregateName, name: str, condition: str | None = None) -> str:
    """The aggregate of a column, as SQL over `numbered`; missing values are left out."""
    name = work.find_numeric(name) if function in NUMBERS_ONLY else work.find(name)
    column = quote_identifier(name)
    x = column if condition is None else f"CASE WHEN {condition} THEN {column} END"
    if function in ("sd", "variance"):
        # Nearer to zero before it is squared: the built-in loses half the digits of values far from it.
        shift = work.connection.execute(f"SELECT coalesce(favg({column}), 0) FROM data").fetchall()[0][0]
        sql_function = "stddev_samp" if function == "sd" else "var_samp"
        return f"{sql_function}(CAST({x} AS DOUBLE) - CAST({shift!r} AS DOUBLE))"
    is_whole = work.types()[name] == "integer"
    return {
        "count": f"count({x})",
        "count_distinct": f"count(DISTINCT {x})",
        "sum": f"sum({x})" if is_whole else f"fsum({x})",
        "mean": f"favg({x})",
        "median": f"median({x})",
        "min": f"min({x})",
        "max": f"max({x})",
        "first": f"arg_min({x}, _row)",
        "last": f"arg_max({x}, _row)",
        "q1": f"quantile_cont(CAST({x} AS DOUBLE), 0.25)",
        "q3": f"quantile_cont(CAST({x} AS DOUBLE), 0.75)",
    }[function]

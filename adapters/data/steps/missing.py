"""fill_missing: each method as SQL over the groups, kNN by scikit-learn."""

from __future__ import annotations

from adapters.data import neighbors
from adapters.data.base import DataError, quote_identifier, quote_string
from adapters.data.step_warns import StepWarns
from adapters.data.steps.models import FillMissing
from adapters.data.steps.work import NUMERIC, Work
from adapters.file_words import match_word, truth

MAX_SPREAD_RATIO = 10
MOST_BY_NEIGHBORS = 100
MOST_WORDS = 1_000
"""Of more different values a column is no list of words that a person would mean one of."""


def fill_missing(work: Work, step: FillMissing) -> int:
    """Fill what is missing; gives the number of values filled. What has nothing to be filled from stays missing."""
    names = work.find_all(step.columns)
    _check(step)
    before = work.counts(names)
    if step.method == "knn":
        _fill_by_neighbors(work, step, names)
    else:
        work.put({name: _filled(work, step, name) for name in names})
    after, n_rows = work.counts(names), work.n_rows()
    for name in names:
        left = n_rows - after[name]
        if left:
            work.warnings.append(StepWarns.NOT_FILLED(name=name[:64], n_left=left))
    return sum(after.values()) - sum(before.values())


def _check(step: FillMissing) -> None:
    if (step.value is not None) != (step.method == "value"):
        raise DataError("fill_missing: value goes with the method value, and only with it")
    if step.by and step.method in ("knn", "value"):
        raise DataError(f"fill_missing: by does not go with the method {step.method}")
    if step.features and step.method != "knn":
        raise DataError("fill_missing: features goes with the method knn")


def _filled(work: Work, step: FillMissing, name: str) -> str:
    """The column with its gaps filled, as SQL over `numbered`."""
    if step.method in ("mean", "median"):
        name = work.find_numeric(name)
    column = quote_identifier(name)
    keys = [quote_identifier(group) for group in (work.find_all(step.by) if step.by else [])]
    window = f"PARTITION BY {', '.join(keys)}" if keys else ""
    if step.method == "forward":
        return f"coalesce({column}, last_value({column} IGNORE NULLS) OVER ({window} ORDER BY _row))"
    if step.method == "value":
        return f"coalesce({column}, {_typed_value(work, step, name)})"
    if step.method == "mode":
        return f"coalesce({column}, {_mode(column, keys)})"
    function = "favg" if step.method == "mean" else "median"
    number = f"CAST({column} AS DOUBLE)"
    return f"coalesce({number}, {function}({number}) OVER ({window}))"


def _mode(column: str, keys: list[str]) -> str:
    """The smallest of the most frequent values of the row's group, as SQL."""
    partition = f"PARTITION BY {', '.join(keys)} " if keys else ""
    ranked = (
        f"SELECT {', '.join([column, *keys])}, rank() OVER ({partition}ORDER BY count(*) DESC) AS place "
        f"FROM numbered WHERE {column} IS NOT NULL GROUP BY {', '.join([column, *keys])}"
    )
    same = "".join(f" AND ranked.{key} IS NOT DISTINCT FROM numbered.{key}" for key in keys)
    return f"(SELECT min({column}) FROM ({ranked}) ranked WHERE place = 1{same})"


def _typed_value(work: Work, step: FillMissing, name: str) -> str:
    """The value as SQL of the column's own type: a word of the file where the person's word means one."""
    kind = work.types()[name]
    value = step.value
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "text":
        return quote_string(_as_written(work, name, value))
    if kind == "boolean" and isinstance(value, str):
        value = truth(value)
    fits = {"integer": is_number, "number": is_number, "boolean": isinstance(value, bool)}.get(kind, True)
    if not fits:
        raise DataError(f"fill_missing: column {name[:64]!r} holds {kind}; {step.value!r} is none")
    if is_number and kind in NUMERIC:
        return repr(value)
    sql_type = {"boolean": "BOOLEAN", "date": "DATE", "datetime": "TIMESTAMP", "time": "TIME"}.get(kind, "VARCHAR")
    return f"CAST({quote_string(str(value))} AS {sql_type})"


def _as_written(work: Work, name: str, value: object) -> str:
    """The word as the column writes it, where it means one of the column's words; said where it is another."""
    given = str(value).lower() if isinstance(value, bool) else str(value)
    column = quote_identifier(name)
    most = f"SELECT DISTINCT {column} FROM data WHERE {column} IS NOT NULL ORDER BY 1 LIMIT {MOST_WORDS}"
    word = match_word(given, [str(row[0]) for row in work.connection.execute(most).fetchall()]) or given
    if word != given:
        work.warnings.append(StepWarns.PUT_IN_AS(name=name[:64], given=given[:40], word=word[:40]))
    return word


def _fill_by_neighbors(work: Work, step: FillMissing, names: list[str]) -> None:
    """The mean of the nearest rows that have the value (Euclidean distance over what both rows have)."""
    if len(names) > MOST_BY_NEIGHBORS:
        raise DataError(
            f"fill_missing: knn fills at most {MOST_BY_NEIGHBORS} columns at once, and {len(names):,} are named"
        )
    names = [work.find_numeric(name) for name in names]
    features = [work.find_numeric(name) for name in work.find_all(step.features or [])]
    if not step.features:
        features = [name for name, kind in work.types().items() if kind in NUMERIC]
    used = list(dict.fromkeys([*features, *names]))
    if len(used) < 2:
        raise DataError("fill_missing: knn needs at least one other column of numbers as a feature")
    listed = ", ".join(f"CAST({quote_identifier(name)} AS DOUBLE) AS {quote_identifier(name)}" for name in used)
    frame = work.connection.execute(f"SELECT {listed} FROM data ORDER BY rowid").df()
    spreads = frame[[name for name in used if name not in names]].std()
    if len(spreads) > 1 and spreads.max() > MAX_SPREAD_RATIO * spreads[spreads > 0].min():
        work.warnings.append(StepWarns.SPREADS_DIFFER())
    filled = neighbors.fill_from_neighbors(frame, names, features, step.n_neighbors)
    work.connection.register("filled_by_knn", filled.set_axis([f"v{index}" for index in range(len(names))], axis=1))
    work.connection.execute(
        "CREATE OR REPLACE TEMP TABLE filled AS SELECT row_number() OVER () - 1 AS r, * FROM filled_by_knn"
    )
    work.connection.unregister("filled_by_knn")
    columns = {name: f"numbered.{quote_identifier(name)}" for name in work.types()}
    values = {name: f"coalesce(CAST({columns[name]} AS DOUBLE), filled.v{index})" for index, name in enumerate(names)}
    listed = ", ".join(f"{sql} AS {quote_identifier(name)}" for name, sql in (columns | values).items())
    # One join for all columns: a look-up for each of a hundred takes a gigabyte.
    work.rewrite(f"SELECT {listed} FROM numbered LEFT JOIN filled ON filled.r = numbered._row ORDER BY numbered._row")

"""May this SQL expression, which Claude wrote, look at a row? An allow-list over DuckDB's own syntax tree."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from adapters.data.base import DataError, quote_identifier
from adapters.data.connection import connect
from adapters.names import name_choices

MAX_CHARACTERS = 4_000
QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`""")
BARE_DATE = re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}\b")

FUNCTIONS = frozenset(
    """
    ~~ !~~ ~~* !~~* ~~~ like_escape not_like_escape ilike_escape not_ilike_escape regexp_matches regexp_full_match
    + - * / // % ** ^ || abs round floor ceil ceiling trunc sign sqrt cbrt exp ln log log10 log2 pow power
    sin cos tan asin acos atan atan2 sinh cosh tanh radians degrees pi greatest least mod
    lower upper trim ltrim rtrim length len strlen substring substr left right contains starts_with prefix ends_with
    suffix strip_accents concat
    isnan isinf isfinite coalesce nullif ifnull if
    year month day quarter week dayofweek isodow dayofyear hour minute second date_part datepart date_trunc datetrunc
    date_diff datediff epoch make_date strftime
    """.split()
)
"""Functions of the row's own values: none reads a file, a setting or a variable, or makes a value longer than a few
times its input (`repeat`, `lpad` and nested `replace` pass every memory limit, facts/data-and-stats.md)."""

CLASSES = frozenset(
    ["COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "BETWEEN", "OPERATOR", "FUNCTION", "CASE", "CAST", "TYPE"]
)
TYPES = frozenset(
    """
    BOOLEAN BOOL TINYINT SMALLINT INTEGER INT BIGINT HUGEINT FLOAT REAL DOUBLE DECIMAL NUMERIC VARCHAR TEXT STRING
    DATE TIME TIMESTAMP DATETIME INT1 INT2 INT4 INT8 FLOAT4 FLOAT8
    """.split()
)

WINDOWS = frozenset(
    """
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first first_value last last_value nth_value
    count sum avg mean min max median mode stddev stddev_samp stddev_pop var_samp var_pop variance
    """.split()
)
MORE_FUNCTIONS = frozenset(
    """
    replace regexp_replace regexp_extract split_part concat_ws lpad rpad reverse repeat format printf
    strptime try_strptime to_days to_months to_years to_hours to_minutes to_seconds make_timestamp last_day dayname
    monthname date_add date_sub datesub datediff age epoch_ms to_timestamp hash sign cot even gamma factorial
    """.split()
)
"""They may make long values: only for expressions that run in the child process, under the kernel's limits."""


@dataclass(frozen=True)
class Grammar:
    """What one kind of expression may use; `name` begins each refusal."""

    name: str
    functions: frozenset[str]
    classes: frozenset[str]


WHERE = Grammar("where", FUNCTIONS, CLASSES)
DERIVE = Grammar("expression", FUNCTIONS | MORE_FUNCTIONS, CLASSES | {"WINDOW"})


def check_expression(expression: str, columns: Sequence[str], grammar: Grammar = WHERE) -> str:
    """The SQL expression as DuckDB writes its syntax tree back, when all that it does is on the allow-list.

    Parameters
    ----------
    expression : str
        One SQL expression over the columns of a row, such as "species = 'Adelie' and year > 2007".
    columns : sequence of str
        The columns that there are; names compare without case, as in SQL.
    grammar : Grammar
        WHERE for a condition on one row, DERIVE for the values of a new column, which may look at other rows by a
        window such as "lag(price) OVER (ORDER BY _row)".

    Raises
    ------
    DataError
        If it is no expression, names an unknown column (answered with the nearest), holds a subquery, an aggregate or
        a window, or uses a function or type that is not allowed.
    """
    if len(expression) > MAX_CHARACTERS:
        raise DataError(f"{grammar.name}: {len(expression)} characters; at most {MAX_CHARACTERS} are read")
    bare = QUOTED.sub(" ", expression)
    if date := BARE_DATE.search(bare):
        raise DataError(f"{grammar.name}: a date is written in single quotes: '{date.group()}'")
    try:
        return _check(expression, columns, grammar)
    except DataError as error:
        raise DataError(f"{error}{_hint(expression, bare, columns)}") from error


def _check(expression: str, columns: Sequence[str], grammar: Grammar) -> str:
    with connect(config={"autoload_known_extensions": False}) as connection:
        statement = f"SELECT * FROM data WHERE ({expression}\n)"
        tree = json.loads(_scalar(connection, "SELECT CAST(json_serialize_sql(?) AS VARCHAR)", statement))
        where = _where(tree, expression, grammar.name)
        known = {column.lower() for column in columns} | {"_row"}
        for node in _nodes(where):
            _check_node(node, known, columns, grammar)
        canonical = _scalar(connection, "SELECT json_deserialize_sql(CAST(? AS JSON))", json.dumps(tree))
    return canonical.split(" WHERE ", 1)[1]


def _hint(expression: str, bare: str, columns: Sequence[str]) -> str:
    """What most often went wrong with quotes: a name that needs them has none, or words have a name's."""
    for column in sorted(columns, key=len, reverse=True):
        if not column.isidentifier() and column.casefold() in bare.casefold():
            return f"; write the column's name in double quotes: {quote_identifier(column)}"
    known = {column.casefold() for column in columns}
    words = [match.group(1) for match in re.finditer(r'"([^"]*)"', expression)]
    strange = next((word for word in words if word.casefold() not in known), None)
    return "" if strange is None else f"; write words that are no column's name in single quotes: '{strange[:64]}'"


def _scalar(connection: duckdb.DuckDBPyConnection, sql: str, value: str) -> str:
    rows = connection.execute(sql, [value]).fetchall()
    return str(rows[0][0])


def _where(tree: dict[str, object], expression: str, field: str) -> object:
    if tree["error"]:
        raise DataError(f"{field}: {expression!r} is not a SQL expression: {tree['error_message']}")
    statements = tree["statements"]
    assert isinstance(statements, list)  # noqa: S101 - json_serialize_sql's own shape
    node = statements[0]["node"]
    is_plain = (
        len(statements) == 1
        and node["type"] == "SELECT_NODE"
        and not node["modifiers"]
        and not node["cte_map"]["map"]
        and node["from_table"]["type"] == "BASE_TABLE"
        and not any(node[clause] for clause in ("group_expressions", "having", "qualify", "sample"))
    )
    if not is_plain or node["where_clause"] is None:
        raise DataError(f"{field}: {expression!r} is more than one expression over the columns of a row")
    return node["where_clause"]


def _nodes(value: object) -> Iterator[dict[str, object]]:
    """Every object of the tree that has a class, and every object inside it."""
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item)
    elif isinstance(value, dict):
        if "class" in value:
            yield value
        for item in value.values():
            yield from _nodes(item)


def _check_node(node: dict[str, object], known: set[str], columns: Sequence[str], grammar: Grammar) -> None:
    kind = str(node["class"])
    if kind not in grammar.classes:
        raise DataError(f"{grammar.name}: a {kind.lower()} is not allowed; write it over the columns of one row")
    if kind == "COLUMN_REF":
        names = node["column_names"]
        assert isinstance(names, list)  # noqa: S101 - json_serialize_sql's own shape
        if len(names) != 1 or names[0].lower() not in known:
            name = ".".join(names)
            raise DataError(f"no column {name!r}; {name_choices(name, columns)}")
    if kind == "FUNCTION" and str(node["function_name"]).lower() not in grammar.functions:
        hint = "; an aggregate needs OVER ()" if str(node["function_name"]).lower() in WINDOWS else ""
        raise DataError(f"{grammar.name}: the function {node['function_name']!r} is not allowed{hint}")
    if kind == "WINDOW" and str(node["function_name"]).lower() not in WINDOWS:
        raise DataError(f"{grammar.name}: the window function {node['function_name']!r} is not allowed")
    if kind == "TYPE" and str(node["type_name"]).upper() not in TYPES:
        raise DataError(f"{grammar.name}: the type {node['type_name']!r} is not allowed")

"""Is this SQL, which Claude wrote, one SELECT over the person's datasets? Read from DuckDB's own syntax tree."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import duckdb

from adapters.data.base import DataError
from adapters.data.connection import connect
from adapters.names import name_choices

MAX_CHARACTERS = 20_000
QUERY_NODES = frozenset(["SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"])
TABLE_FUNCTIONS = frozenset(["range", "generate_series", "unnest"])
SETTING_FUNCTIONS = frozenset(
    """
    current_setting getvariable getenv write_log current_schemas current_schema current_database current_catalog
    current_query in_search_path pg_get_viewdef pg_get_constraintdef get_block_size nextval currval
    """.split()
)
"""The locked engine denies files, network and settings; these would only read what the settings are."""


def check_select(connection: duckdb.DuckDBPyConnection, sql: str, datasets: Collection[str]) -> str:
    """The text of the one SELECT in `sql`, without a closing semicolon.

    Parameters
    ----------
    datasets : collection of str
        The names that may stand after FROM, beside the query's own WITH names.

    Raises
    ------
    DataError
        If it does not parse, is more than one statement or no SELECT, reads a table that is no dataset (answered with
        the nearest names), calls a table function or a function of the settings.
    """
    if len(sql) > MAX_CHARACTERS:
        raise DataError(f"sql: {len(sql)} characters; at most {MAX_CHARACTERS} are read")
    text = sql.strip().rstrip(";").rstrip()
    try:
        statements = connection.extract_statements(text)
    except duckdb.Error as error:
        raise DataError(f"sql: {str(error).partition(chr(10))[0]}") from error
    if len(statements) != 1:
        raise DataError(f"sql: {len(statements)} statements; write exactly one SELECT")
    tree = _syntax_tree(connection, text)
    if tree["error"]:
        raise DataError("sql: only one SELECT (or WITH … SELECT) is run; nothing can be changed by a query")
    for node, known in _in_scope(tree["statements"], frozenset(name.lower() for name in datasets)):
        _check_node(node, known, datasets)
    return text


def tables_of(sql: str, datasets: Collection[str]) -> list[str]:
    """Those of the datasets that a checked SELECT reads, in their own order; a WITH name of its own is none of them."""
    with connect() as connection:
        tree = _syntax_tree(connection, sql.strip().rstrip(";").rstrip())
    read = {
        str(node["table_name"]).lower()
        for node, own in _in_scope(tree["statements"], frozenset())
        if node.get("type") == "BASE_TABLE" and str(node["table_name"]).lower() not in own
    }
    return [name for name in datasets if name.lower() in read]


def _syntax_tree(connection: duckdb.DuckDBPyConnection, text: str) -> dict[str, Any]:
    rows = connection.execute("SELECT CAST(json_serialize_sql(?) AS VARCHAR)", [text]).fetchall()
    tree: dict[str, Any] = json.loads(rows[0][0])
    return tree


def _in_scope(tree: object, datasets: frozenset[str]) -> Iterator[tuple[dict[str, object], frozenset[str]]]:
    """Every object of the tree, with the table names that are known where it stands."""
    waiting = [(tree, datasets)]
    while waiting:
        value, known = waiting.pop()
        if isinstance(value, list):
            waiting += [(item, known) for item in value]
        elif isinstance(value, dict):
            yield value, known
            waiting += _parts(value, known)


def _parts(node: dict[str, Any], known: frozenset[str]) -> Iterator[tuple[object, frozenset[str]]]:
    """What the object holds: a WITH name is known to the tables after its own, and to the SELECT below them.

    The table of a WITH RECURSIVE knows itself in its second half alone.
    """
    own = known
    for entry in (node.get("cte_map") or {"map": []})["map"]:
        yield entry["value"], own
        own |= {entry["key"].lower()}
    for part, value in node.items():
        is_again = node.get("type") == "RECURSIVE_CTE_NODE" and part == "right"
        if part != "cte_map":
            yield value, own | {node["cte_name"].lower()} if is_again else own


def _check_node(node: dict[str, object], known: frozenset[str], datasets: Collection[str]) -> None:
    kind = str(node.get("type"))
    if "cte_map" in node and kind not in QUERY_NODES:
        raise DataError("sql: only SELECT is run; nothing can be changed by a query")
    if kind == "SHOW_REF":
        raise DataError("sql: SHOW, DESCRIBE and SUMMARIZE are not run; use the tools describe and check_quality")
    if kind == "BASE_TABLE":
        places = [str(node[part]) for part in ("catalog_name", "schema_name") if node[part]]
        name = ".".join([*places, str(node["table_name"])])
        if places:
            raise DataError(
                f"sql: {name[:64]!r} is a table of a catalog; select from a loaded dataset by its name alone"
            )
        if name.lower() not in known:
            raise DataError(f"sql: no dataset {name[:64]!r}; {name_choices(name, datasets)}")
    if kind == "TABLE_FUNCTION":
        function = node["function"]
        called = str(function["function_name"]) if isinstance(function, dict) else ""
        if called.lower() not in TABLE_FUNCTIONS:
            raise DataError(f"sql: the table function {called[:64]!r} is not allowed; select from a loaded dataset")
    if node.get("class") == "FUNCTION" and str(node["function_name"]).lower() in SETTING_FUNCTIONS:
        raise DataError(f"sql: the function {node['function_name']!r} is not allowed")

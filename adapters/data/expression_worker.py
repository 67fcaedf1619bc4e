"""The child process of an expression: checks it, locks the engine, and looks at every row once.

`python -m adapters.data.expression_worker` reads one request as JSON from stdin and writes one answer to stdout.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.data.base import DataError, quote_string
from adapters.data.child_engine import ENGINE_ERRORS, answer_one_request, end_sentence, lock
from adapters.data.connection import connect
from adapters.data.expression import DERIVE, WHERE, check_expression


def run(request: Mapping[str, Any]) -> dict[str, Any]:
    """Write the table `data` of the file `part`, in the order of the rows of the stored one.

    It is `_row` and the columns of the rows for which `where` is true, or `found`, the values of `derive`.

    Raises
    ------
    DataError
        If the expression is refused, does not fit the columns' types, or takes more than it may.
    """
    is_where = request["where"] is not None
    grammar, expression = (WHERE, request["where"]) if is_where else (DERIVE, request["derive"])
    checked = check_expression(expression, request["columns"], grammar)
    with connect(request["part"]) as connection:
        connection.execute(f"ATTACH {quote_string(request['path'])} AS stored (READ_ONLY)")
        lock(connection, request)
        rows = "(SELECT rowid AS _row, * FROM stored.data)"
        # Rows stay in their order by the engine's own promise; window functions would end it.
        select = f"* FROM {rows} WHERE {checked}" if is_where else f"{checked} AS found FROM {rows} ORDER BY _row"
        try:
            connection.execute(f"CREATE TABLE data AS SELECT {select}")
        except ENGINE_ERRORS as error:
            raise DataError(f"{grammar.name}: {end_sentence(error, 'an expression')}") from error
    return {}


if __name__ == "__main__":
    answer_one_request(run)

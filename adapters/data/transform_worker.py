"""The child process of a transform: copies one dataset into its own file, locks the engine, and takes the steps.

`python -m adapters.data.transform_worker` reads one request as JSON from stdin and writes one answer to stdout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from adapters.data import steps
from adapters.data.base import DataError, quote_string
from adapters.data.child_engine import answer_one_request, lock
from adapters.data.connection import connect
from adapters.data.steps.models import Step
from adapters.data.steps.work import Work


def run(request: Mapping[str, Any]) -> dict[str, Any]:
    """Take the request's steps; the result is the table `data` of the file `part`.

    Raises
    ------
    DataError
        If a step does not fit; the message says which one.
    """
    with connect(request["part"]) as connection:
        joins = {}
        for index, table in enumerate(request["tables"]):
            connection.execute(f"ATTACH {quote_string(table['path'])} AS stored_{index} (READ_ONLY)")
            connection.execute(f"CREATE TEMP VIEW other_{index} AS SELECT rowid AS _row, * FROM stored_{index}.data")
            joins[table["name"]] = f"other_{index}"
        lock(connection, request)
        work = Work(connection, joins)
        connection.execute(
            f"CREATE TABLE data AS SELECT * EXCLUDE (_row) FROM {joins[request['dataset']]} ORDER BY _row"
        )
        changed = []
        for number, step in enumerate(TypeAdapter(list[Step]).validate_python(request["steps"]), start=1):
            try:
                changed.append(asdict(steps.apply(work, step)))
            except DataError as error:
                raise DataError(f"step {number} of {len(request['steps'])}: {error}") from error
        return {"changed": changed, "warnings": list(map(asdict, work.warnings))}


if __name__ == "__main__":
    answer_one_request(run)

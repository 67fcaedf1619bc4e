"""The inside of a child process that runs what Claude wrote: the kernel's limits first, then a locked engine."""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

import duckdb

from adapters.data.base import DataError
from adapters.data.table import DENIED

ENGINE_ERRORS = (duckdb.Error, MemoryError)
MAX_REASON_CHARACTERS = 1_000


def answer_one_request(run: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """Answer the one request on stdin with what `run` gives, or with `{error}` where it raises DataError."""
    request = json.loads(sys.stdin.read())
    # The kernel ends this process although nobody is left to do it, and although the engine does not look up.
    signal.setitimer(signal.ITIMER_REAL, request["wall_s"])
    resource.setrlimit(resource.RLIMIT_AS, (request["address_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (request["file_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = run(request)
    except DataError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer))


def end_sentence(error: Exception, what: str) -> str:
    """Why the engine gave nothing, in one sentence; `what` is what may not take so much: "a query"."""
    if isinstance(error, (MemoryError, duckdb.OutOfMemoryException)):
        return f"it needs more memory than {what} may take; aggregate, filter or select fewer columns"
    text = str(error)
    if isinstance(error, duckdb.InterruptException) or "max_execution_time" in text:
        return f"it takes longer than {what} may; aggregate or filter first"
    return text.partition("\n")[0][:MAX_REASON_CHARACTERS]


def lock(connection: duckdb.DuckDBPyConnection, request: Mapping[str, Any]) -> None:
    """No file, network, extension or Python variable from here on, bounded memory, disk and time, and no way back."""
    for setting in (
        f"memory_limit = '{request['memory_bytes']}B'",
        f"threads = {request['threads']}",
        f"temp_directory = '{request['scratch']}'",
        f"max_temp_directory_size = '{request['file_bytes']}B'",
        f"max_execution_time = {int(request['seconds'] * 1000)}",
        *DENIED,
    ):
        connection.execute(f"SET {setting}")

"""A stream of bytes becomes a file: measured, stopped when asked, and never larger than allowed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from pathlib import Path

from adapters.data.base import Cancelled, DataError, Watch

PATIENCE_S = 20.0
MIN_BYTES_PER_S = 1_000
PROGRESS_EVERY_S = 0.2


def save(chunks: Iterable[bytes], path: Path, total: int | None, max_bytes: int, watch: Watch) -> None:
    """Write the chunks as they come.

    Parameters
    ----------
    total : int or None
        How many bytes were promised, if any number was.
    max_bytes : int
        More than that is refused, at the promise or while it streams.

    Raises
    ------
    DataError
        If there is more than allowed, less than promised, or less than 1 kB/s after 20 seconds.
    Cancelled
        The user stopped it.
    """
    limit = f"at most {max_bytes / 2**20:,.3g} MiB are taken (the setting max_download_bytes)"
    if total is not None and total > max_bytes:
        raise DataError(f"the file has {total / 2**20:.0f} MiB; {limit}")
    n_bytes, started, told = 0, time.monotonic(), 0.0
    with path.open("wb") as out:
        for chunk in chunks:
            n_bytes += len(chunk)
            seconds = time.monotonic() - started
            if watch.cancel.is_set():
                raise Cancelled("stopped; nothing was loaded")
            if n_bytes > max_bytes:
                raise DataError(f"the file is too large: {limit}")
            if seconds > PATIENCE_S and n_bytes < seconds * MIN_BYTES_PER_S:
                raise DataError(f"only {n_bytes / seconds:.0f} bytes a second arrive: too slow to wait for")
            out.write(chunk)
            if seconds - told > PROGRESS_EVERY_S:
                told = seconds
                watch.progress(f"fetched {n_bytes / 2**20:.1f} MiB", None if not total else min(1.0, n_bytes / total))
    if total is not None and n_bytes < total:
        raise DataError(f"only {n_bytes} of {total} bytes arrived; try again")


def file_name(path: str) -> str:
    """The last part of a path or key, as a file's name that leads nowhere."""
    name = re.sub(r"[^\w.\- ]+", "_", path.rstrip("/").rpartition("/")[2]).lstrip(".")[-80:]
    return name or "data"

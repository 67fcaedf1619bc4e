"""A source that is not on this machine, as a file: fetched beside, so that a stop and the clock are seen at once."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from adapters.data.base import Cancelled, DataError, RemoteRules, Watch
from adapters.data.remote import bucket, web

LOOK_EVERY_S = 0.1
BYTES_PER_S = 1_000_000
"""A file that comes at this rate may take as long as its size wants."""


def fetch(source: str, folder: Path, rules: RemoteRules, watch: Watch) -> Path:
    """Download an http(s), s3 or runpod source into the folder; gives the new file.

    Raises
    ------
    DataError
        If it cannot be fetched, or not in the time that it may take, in one sentence.
    Cancelled
        The user stopped it; what still arrives is thrown away.
    """
    scheme = source.partition("://")[0].lower()
    by_scheme = {"http": web.fetch, "https": web.fetch, "s3": bucket.fetch, "runpod": bucket.fetch}
    if scheme not in by_scheme:
        raise DataError(f"{scheme[:20]!r} is no kind of address that is fetched; there are {', '.join(by_scheme)}")
    outcome: list[Path | BaseException] = []
    given_up = threading.Event()
    inner = Watch(given_up, watch.progress)

    def work() -> None:
        try:
            outcome.append(by_scheme[scheme](source, folder, rules, inner))
        except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
            outcome.append(error)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    started = time.monotonic()
    try:
        while worker.is_alive():
            worker.join(LOOK_EVERY_S)
            if watch.cancel.is_set():
                raise Cancelled("stopped; nothing was loaded")
            _check_time(time.monotonic() - started, _arrived(folder), rules.max_seconds)
    finally:
        # A silent server holds the worker for seconds more; nobody waits for it.
        given_up.set()
    (found,) = outcome
    if isinstance(found, BaseException):
        raise found
    return found


def _check_time(seconds: float, n_bytes: int, max_seconds: float) -> None:
    """Names, connections, redirects, headers and body count alike: each could be drawn out on its own."""
    if seconds > max_seconds + n_bytes / BYTES_PER_S:
        raise DataError(
            f"given up after {seconds:.0f} s with {n_bytes / 2**20:.1f} MiB: a download may take {max_seconds:g} s, "
            "and a second more for each MB (STATAGENT_MAX_DOWNLOAD_S)"
        )


def _arrived(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())

"""A source that is not on this machine, as a file: fetched beside, so that a stop is seen at once."""

from __future__ import annotations

import threading
from pathlib import Path

from adapters.data.base import Cancelled, DataError, RemoteRules, Watch
from adapters.data.remote import bucket, web


def fetch(source: str, folder: Path, rules: RemoteRules, watch: Watch) -> Path:
    """Download an http(s), s3 or runpod source into the folder; gives the new file.

    Raises
    ------
    DataError
        If it cannot be fetched, in one sentence.
    Cancelled
        The user stopped it; what still arrives is thrown away.
    """
    scheme = source.partition("://")[0].lower()
    by_scheme = {"http": web.fetch, "https": web.fetch, "s3": bucket.fetch, "runpod": bucket.fetch}
    if scheme not in by_scheme:
        raise DataError(f"{scheme[:20]!r} is no kind of address that is fetched; there are {', '.join(by_scheme)}")
    outcome: list[Path | BaseException] = []

    def work() -> None:
        try:
            outcome.append(by_scheme[scheme](source, folder, rules, watch))
        except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
            outcome.append(error)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    while worker.is_alive():
        worker.join(0.1)
        # A silent server holds the worker for seconds more; nobody waits for it.
        if watch.cancel.is_set():
            raise Cancelled("stopped; nothing was loaded")
    (found,) = outcome
    if isinstance(found, BaseException):
        raise found
    return found

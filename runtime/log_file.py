"""The log of the home: warnings, errors and tracebacks, never on the screen."""

from __future__ import annotations

import logging
import logging.handlers
import os
import secrets
import tempfile
import threading
import traceback
from pathlib import Path

from runtime.way_out import ShownFormatter, say, shown

NAME = "statagent.log"
MAX_LOG_BYTES = 5_000_000


def log_to(home: Path) -> None:
    """Warnings and errors of this run go to a file beside the data; where it cannot be opened, nowhere.

    Where logging was set up already, as by a program that this one runs in, it stays as it is.
    """
    if logging.getLogger().handlers:
        return
    try:
        handler = logging.handlers.RotatingFileHandler(
            home / NAME, maxBytes=MAX_LOG_BYTES, backupCount=2, encoding="utf-8"
        )
    except OSError:
        return
    handler.setFormatter(ShownFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def listen() -> None:
    """Let a thread that fails be told as everything else is."""
    threading.excepthook = lambda failed: say_bug(failed.exc_value or failed.exc_type())


def say_bug(error: BaseException) -> None:
    """Tell of something that nobody foresaw: one sentence with an error id, under which a file has the traceback."""
    error_id = secrets.token_hex(4)
    where = _keep(error_id, error)
    kept = "it could not be written down" if where is None else f"{where} says more"
    say(f"Sorry, that is a mistake of mine (error {error_id}): {kept}. Nothing that was finished is lost.", err=True)


def _keep(error_id: str, error: BaseException) -> str | None:
    """Write the traceback to the log, or, where none is open, to a file of its own; gives where."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.handlers.RotatingFileHandler):
            logging.getLogger(__name__).error("error %s", error_id, exc_info=error)
            return handler.baseFilename
    path = Path(tempfile.gettempdir()) / f"statagent-error-{error_id}.txt"
    text = shown("".join(traceback.format_exception(error)))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        return None
    return str(path)

"""The one way out: what goes to a terminal, a script or the log holds no secret, and what shows nothing is escaped.

Words out of data stand in results, titles, errors and tracebacks; whatever was forgotten before them ends here.
`runtime.terminal` is the same for tables and Markdown. tests/test_one_way_out.py finds what goes round both.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
import warnings
from typing import TextIO

import typer

from adapters.secret_words import mask, mask_json, mask_keys
from prompts.visible import visible, visible_json


def shown(text: str) -> str:
    """The text as it may be kept and shown."""
    return visible(mask(text))


def say(text: object, err: bool = False) -> None:
    """Print a line, or lines: to standard output, or to standard error."""
    typer.echo(visible(mask(str(text)) if err else mask_keys(str(text))), err=err)


def say_json(value: object, indent: int | None = None) -> None:
    """Print a value as JSON."""
    typer.echo(to_json(value, indent))


def to_json(value: object, indent: int | None = None) -> str:
    """The value as JSON that any screen may show: what shows nothing is written in JSON's own escapes."""
    masked = mask_json(value, mask_keys)
    return visible_json(json.dumps(masked, ensure_ascii=False, allow_nan=False, indent=indent, default=str))


def tell_stderr(note: str) -> None:
    """Print what the program has to say beside its results, where no pipe takes it for one."""
    say(note, err=True)


class ShownFormatter(logging.Formatter):
    """Writes log lines, tracebacks too, without secrets and without what shows nothing."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it may be kept."""
        return visible(mask(super().format(record)))


def show_all() -> None:
    """Let what Python itself prints of warnings, logs and broken threads take this way too."""
    warnings.showwarning = _show_warning
    threading.excepthook = lambda failed: say_traceback(failed.exc_value or failed.exc_type())
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(ShownFormatter())


def say_traceback(error: BaseException) -> None:
    """Print a traceback to standard error: for a worker, whose log that is."""
    say("".join(traceback.format_exception(error)).rstrip("\n"), err=True)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    say(warnings.formatwarning(message, category, filename, lineno, line).rstrip("\n"), err=file is not sys.stdout)

"""load_dataset in an exported script: pandas reads the file, where it reads just what is stored."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from adapters.data.base import DataError
from adapters.data.missing_words import MISSING_WORDS
from adapters.data.sources import is_remote
from tools.load_dataset.result import Loaded
from tools.results import MadeCall
from tools.scripting import Script
from tools.scripts.made import show_made


def script(writer: Script, number: int, call: MadeCall[Loaded]) -> None:
    """The lines that read the file."""
    name = call.result.dataset
    path = _readable(writer, name, str(call.arguments["source"]))
    if path is None:
        writer.lay_beside(name, "pandas reads this file otherwise than statagent does")
    else:
        read = f"pd.read_csv({str(path)!r}, keep_default_na=False, na_values={[*MISSING_WORDS]!r})"
        writer.lines.append(f"data[{name!r}] = {read}")
    show_made(writer, number, "load_dataset", name)


def _readable(writer: Script, name: str, source: str) -> Path | None:
    """The CSV file, where pandas reads from it just the table that is stored."""
    if is_remote(source) or source.startswith("upload:"):
        return None
    try:
        path, opened = writer.open_source(source)
        with opened:
            found = pd.read_csv(opened, keep_default_na=False, na_values=MISSING_WORDS)
    except (DataError, ValueError, OSError):
        return None
    if not writer.is_stored(found, name):
        return None
    writer.frames[name] = found
    return path

"""The file of predictions: whole under its name, or not there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapters.csv_parts import CsvParts
from adapters.data.workplace import workplace
from tools.errors import ToolError
from tools.predictions.writing import Writing


@contextmanager
def open_file(names: Sequence[str], writing: Writing) -> Iterator[CsvParts]:
    """A file of these columns that is being written; what `publish` has not given a name is gone at the end.

    Raises
    ------
    ToolError
        If the disk is full.
    """
    with workplace(writing.folder) as place:
        try:
            with CsvParts(place / "predictions.csv", names, is_raw=writing.raw_csv) as file:
                yield file
        except OSError as error:
            raise ToolError(
                f"the file of predictions cannot be written: {error.strerror}; nothing of it is kept"
            ) from error


def publish(file: CsvParts, model_id: str, writing: Writing) -> Path:
    """Close the file and name it `predictions_<model_id>_<yyyymmdd_hhmmss>.csv`, or with a number behind."""
    part = file.close()
    stem, number = f"predictions_{model_id}_{writing.clock():%Y%m%d_%H%M%S}", 1
    while True:
        path = writing.folder / (f"{stem}.csv" if number == 1 else f"{stem}_{number}.csv")
        try:
            # Another call may want the same name in this very second: a link is made only where there is none.
            os.link(part, path)
        except FileExistsError:
            number += 1
        else:
            return path

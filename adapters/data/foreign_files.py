"""Files that are no tables, told by how they begin, whatever they are called."""

from __future__ import annotations

from pathlib import Path

from adapters.data.base import DataError

HEAD_BYTES = 1_024
BEGINNINGS = (
    (b"%PDF", "a PDF document; copy the table into a CSV or Excel file"),
    (b"SQLite format 3\0", "a SQLite database; export the table as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Office file; save it as .xlsx or CSV"),
    (b"\x93NUMPY", "a NumPy array; save it as CSV or Parquet"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x7fELF", "a program"),
    (b"PK\x03\x04", "a packed file that holds no table; save the table as CSV, Excel or Parquet"),
    (b"ARROW1", "an Arrow file; save it as Parquet"),
    # Reading a pickle runs what is in it.
    (b"\x80\x02", "a Python pickle, which is never opened: it can run programs"),
    (b"\x80\x03", "a Python pickle, which is never opened: it can run programs"),
    (b"\x80\x04", "a Python pickle, which is never opened: it can run programs"),
    (b"\x80\x05", "a Python pickle, which is never opened: it can run programs"),
)
PAGES = (b"<!doctype html", b"<html", b"<head", b"<?xml")


def refuse_foreign(path: Path) -> None:
    """DataError if the file begins as something that is no table: a web page, a PDF, a pickle, a picture."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    for beginning, what in BEGINNINGS:
        if head.startswith(beginning):
            raise DataError(f"{path.name!r} is {what}")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(PAGES):
        raise DataError(f"{path.name!r} is a web page, not a table; look for the link to the file itself")

"""An Excel book becomes the CSV file of one of its sheets, read by a child process."""

from __future__ import annotations

import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.data.base import DataError, Watch
from adapters.data.child import ChildLimits, ask_child
from adapters.data.load_warns import LoadWarns
from adapters.data.unpacking import swelling_limit
from adapters.records.warned import Warned, read_warned

LIMITS = ChildLimits(seconds=120.0)
MAX_SHOWN = 10


@contextmanager
def sheet_as_csv(path: Path, sheet: str | None, folder: Path, watch: Watch) -> Iterator[tuple[Path, list[Warned]]]:
    """The file itself, or where it is an Excel book a CSV of the sheet, with the warnings that go with it.

    Parameters
    ----------
    sheet : str or None
        The sheet's name; the first with anything in it where None, and which one that is becomes a warning.

    Raises
    ------
    DataError
        If it is no book although a sheet is named, there is no such sheet, or it swells to far more than its size.
    Cancelled
        The user stopped it.
    """
    if not is_book(path):
        if sheet is not None:
            raise DataError(f"{path.name!r} is no Excel file: it has no sheets")
        yield path, []
        return
    _check_size(path)
    # In a folder of its own, so that it keeps the name that errors tell the user.
    copy = folder / f"{secrets.token_hex(8)}.part"
    copy.mkdir(parents=True, mode=0o700)
    try:
        request = {"book": str(path), "sheet": sheet, "csv": str(copy / path.name)}
        found = ask_child("excel_worker", request, folder, LIMITS, watch)
        warnings = []
        if sheet is None and len(found["sheets"]) > 1:
            others = [repr(name[:64]) for name in found["sheets"] if name != found["sheet"]]
            more = ", …" if len(others) > MAX_SHOWN else ""
            listed = ", ".join(others[:MAX_SHOWN]) + more
            warnings.append(LoadWarns.SHEET_CHOSEN(n=len(found["sheets"]), sheet=found["sheet"][:64], others=listed))
        if found["n_titles"]:
            warnings.append(LoadWarns.TITLE_ROWS(n=found["n_titles"]))
        yield copy / path.name, [*warnings, *map(read_warned, found["warnings"])]
    finally:
        shutil.rmtree(copy)


def is_book(path: Path) -> bool:
    """True for the zip file that an Excel book is, whatever it is called."""
    if not zipfile.is_zipfile(path):
        return False
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def _check_size(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        n_bytes = sum(member.file_size for member in archive.infolist())
    limit = swelling_limit(path)
    if n_bytes > limit:
        raise DataError(f"{path.name!r} unpacks to more than {limit / 2**20:.0f} MiB: it is not read")

"""How wide an Excel sheet begins: told from its first cells, before the whole of it is read."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path

from adapters.data.merged_cells import FILLED, find_member, read_chunks

CHUNKS = 4
"""Of a megabyte: a row of 16,384 cells, the most that a sheet has, takes about one."""


def count_first_cells(book: Path, sheet: str) -> int:
    """How many cells are filled in the fullest of the sheet's first rows: it has so many columns, or more.

    The dimension that a sheet states is no measure: cells that were only formatted count in it, and some have none.
    """
    with zipfile.ZipFile(book) as archive:
        member = find_member(archive, sheet)
        if member is None:
            return 0
        found: set[tuple[bytes, bytes]] = set()
        for _, chunk in zip(range(CHUNKS), read_chunks(archive, member), strict=False):
            found |= set(FILLED.findall(chunk))
    return max(Counter(row for _, row in found).values(), default=0)

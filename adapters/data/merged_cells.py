"""Merged cells of an Excel sheet: only the first of them holds the value, and the table has gaps that nobody left."""

from __future__ import annotations

import html
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from adapters.data.load_warns import LoadWarns
from adapters.records.warned import Warned

CHUNK_BYTES = 1 << 20
OVERLAP_BYTES = 1 << 12
"""Longer than any tag that is looked for."""
SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
ATTRIBUTE = re.compile(r'([\w:]+)\s*=\s*"([^"]*)"')
FILLED = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*\s)?r="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
UNCOMPUTED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^>]*)?/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></|</(?:\w+:)?c>)"
)
MOST_NAMED = 10


@dataclass(frozen=True)
class Merged:
    """A block of merged cells: its place in the sheet as written (A2:A4), and its rows and columns in the table.

    Both are counted from 0, the last ones included.
    """

    ref: str
    top: int
    left: int
    bottom: int
    right: int


def find_merged(book: Path, sheet: str) -> list[Merged]:
    """The sheet's merged cells, rows and columns counted from its first ones that hold anything."""
    with zipfile.ZipFile(book) as archive:
        member = find_member(archive, sheet)
        if member is None:
            return []
        blocks: dict[tuple[bytes, ...], None] = {}
        first_row = first_column = 1 << 30
        for chunk in read_chunks(archive, member):
            for column, row in FILLED.findall(chunk):
                first_row, first_column = min(first_row, int(row)), min(first_column, _number(column))
            blocks |= dict.fromkeys(MERGED.findall(chunk))
    found = [
        Merged(
            f"{left.decode()}{int(top)}:{right.decode()}{int(bottom)}",
            int(top) - first_row,
            _number(left) - first_column,
            int(bottom) - first_row,
            _number(right) - first_column,
        )
        for left, top, right, bottom in blocks
    ]
    return sorted(found, key=lambda block: (block.top, block.left))


def say_uncomputed(book: Path, sheet: str) -> list[Warned]:
    """A sentence where cells hold formulas without a result: no program has computed them yet, and they are empty."""
    with zipfile.ZipFile(book) as archive:
        member = find_member(archive, sheet)
        if member is None or not any(UNCOMPUTED.search(chunk) for chunk in read_chunks(archive, member)):
            return []
    return [LoadWarns.UNCOMPUTED_FORMULAS()]


def say_merged(blocks: Sequence[Merged], header_row: int, names: Sequence[str], n_rows: int) -> list[Warned]:
    """What merged cells leave empty, and how to fill it.

    Parameters
    ----------
    header_row : int
        The row of the sheet's table that names the columns; blocks above it are titles.
    names : sequence of str
        What stands in that row.
    n_rows : int
        Rows of the sheet's table; a block may go on below its last.
    """
    down: dict[int, list[Merged]] = defaultdict(list)
    across: list[Merged] = []
    for block in blocks:
        if header_row < block.top < n_rows and block.left < len(names):
            if block.right > block.left:
                across.append(block)
            if block.bottom > block.top:
                down[block.left].append(block)
        elif block.top <= header_row <= block.bottom and (block.right > block.left or block.bottom > header_row):
            across.append(block)
    said = []
    for place, found in sorted(down.items()):
        n_empty = sum(min(block.bottom, n_rows - 1) - block.top for block in found)
        said.append(LoadWarns.MERGED_CELLS(name=names[place][:64], cells=_listed(found), n_empty=n_empty))
    if across:
        said.append(LoadWarns.MERGED_ACROSS(cells=_listed(across)))
    return said


def _listed(blocks: Sequence[Merged]) -> str:
    more = f", … {len(blocks)} in all" if len(blocks) > MOST_NAMED else ""
    return ", ".join(block.ref for block in blocks[:MOST_NAMED]) + more


def find_member(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The archive's file of the sheet of that name."""
    text = archive.read("xl/workbook.xml").decode("utf-8", errors="replace")
    found = [dict(ATTRIBUTE.findall(tag)) for tag in SHEET.findall(text)]
    wanted = [one for one in found if html.unescape(one.get("name", "")) == sheet]
    keys = {value for one in wanted for name, value in one.items() if name.endswith(":id")}
    links = "xl/_rels/workbook.xml.rels"
    if not keys or links not in archive.namelist():
        return None
    for tag in RELATION.findall(archive.read(links).decode("utf-8", errors="replace")):
        relation = dict(ATTRIBUTE.findall(tag))
        if relation.get("Id") in keys:
            target = html.unescape(relation.get("Target", ""))
            path = str(PurePosixPath("/xl") / target).lstrip("/")
            return path if path in archive.namelist() else None
    return None


def read_chunks(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    """The file in pieces of a megabyte, each with the end of the one before it."""
    before = b""
    with archive.open(member) as file:
        while chunk := file.read(CHUNK_BYTES):
            yield before + chunk
            before = (before + chunk)[-OVERLAP_BYTES:]


def _number(letters: bytes) -> int:
    """A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number

"""The first lines of a text file, of which much is told: whole lines, however wide the table is."""

from __future__ import annotations

from pathlib import Path

HEAD_BYTES = 1 << 16
FEWEST_LINES = 20
MAX_LINE_BYTES = 4_000_000
"""Of longer lines the reader says that they are no CSV."""


def read_head(path: Path) -> bytes:
    """The first 64 kB, and more where these are fewer than 20 lines, up to what one line may take."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        while _n_lines(head) < FEWEST_LINES and len(head) < MAX_LINE_BYTES and (more := file.read(len(head))):
            head += more
    return head


def _n_lines(head: bytes) -> int:
    return max(head.count(b"\n"), head.count(b"\r"))

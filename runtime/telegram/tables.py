"""How a table is shown on a phone: in columns, as Telegram's own table, as a picture, or row by row."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from rich.cells import cell_len

from runtime.telegram.cutting import units
from tools import plots

WIDTH = 34
"""Letters of one width beside one another that a phone of 375 points shows; a longer line would be broken."""
MAX_FIXED_ROWS = 40
MAX_TURNED_ROWS = 3
MAX_RICH_COLUMNS, MAX_RICH_UNITS = 20, 32_768
"""Telegram's own limits."""
MAX_RICH_ROWS = 100
"""Each row is one of at most 500 blocks; nobody scrolls through more on a phone."""
MAX_RECORDS = 10
GAPS = ("  ", " ")
"""Between columns; the narrow one where only that fits."""


class Table(BaseModel):
    """A table as it is shown: every cell a text on one line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Tier(StrEnum):
    """The ways to show a table, the first that serves is taken."""

    FIXED = "fixed"
    RICH = "rich"
    PICTURE = "picture"
    RECORDS = "records"


def tier_of(table: Table, wants_rich: bool) -> Tier:
    """The one place that decides how a table is shown.

    In columns where these fit a phone, for every client shows them. Else as Telegram's own table, which can be moved
    sideways, where the person has not said that theirs shows none, and within Telegram's limits. Else as a picture;
    row by row where the font of pictures lacks a letter.
    """
    if in_columns(table) is not None:
        return Tier.FIXED
    is_in_limits = len(table.head) <= MAX_RICH_COLUMNS and len(table.rows) <= MAX_RICH_ROWS
    if wants_rich and is_in_limits and units(as_html(table)) <= MAX_RICH_UNITS:
        return Tier.RICH
    return tier_without_rich(table)


def tier_without_rich(table: Table) -> Tier:
    """How a table that does not fit is shown where Telegram's own tables are not to be had."""
    return Tier.PICTURE if plots.can_draw([table.head, *table.rows]) else Tier.RECORDS


def in_columns(table: Table) -> str | None:
    """The table in letters of one width, where that fits a phone; of few rows each may be a column instead."""
    if not table.rows or _has_right_to_left(table):
        # Words from right to left would change places with the numbers beside them.
        return None
    rows, laid = [table.head, *table.rows], list[str]()
    for gap in GAPS:
        laid += [lay_out(rows, gap)] if len(table.rows) <= MAX_FIXED_ROWS else []
        laid += [_turned(rows, gap)] if len(table.rows) <= MAX_TURNED_ROWS else []
    return next((text for text in laid if max(map(cell_len, text.split("\n"))) <= WIDTH), None)


def _has_right_to_left(table: Table) -> bool:
    letters = set("".join(map("".join, [table.head, *table.rows])))
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in letters)


def lay_out(rows: Sequence[Sequence[str]], gap: str = GAPS[0]) -> str:
    """A table in letters of one width: numbers to the right, a line below the head."""
    n_columns = max(map(len, rows), default=0)
    full = [[*map(_one_line, row), *[""] * (n_columns - len(row))] for row in rows]
    lines = _beside(full, are_numbers(full[1:], n_columns), gap)
    return "\n".join([*lines[:1], "-" * max(map(cell_len, lines), default=0), *lines[1:]])


def _turned(rows: Sequence[Sequence[str]], gap: str) -> str:
    """Each row is a column, and the head is the first."""
    lines = list(zip(*[map(_one_line, row) for row in rows], strict=True))
    return "\n".join(_beside(lines, [False, *[True] * (len(rows) - 1)], gap))


def _beside(rows: Sequence[Sequence[str]], to_right: Sequence[bool], gap: str) -> list[str]:
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        gap.join(
            " " * (width - cell_len(cell)) + cell if right else cell + " " * (width - cell_len(cell))
            for cell, width, right in zip(row, widths, to_right, strict=True)
        ).rstrip()
        for row in rows
    ]


def are_numbers(rows: Sequence[Sequence[str]], n_columns: int) -> list[bool]:
    """Which columns are numbers, and stand to the right."""
    return [all(_is_number(row[at]) for row in rows) for at in range(n_columns)]


def _is_number(cell: str) -> bool:
    bare = cell.replace(",", "").replace("–", "0").replace("%", "").replace("<", "").strip()
    try:
        float(bare)
    except ValueError:
        return not bare
    return True


def _one_line(cell: str) -> str:
    return cell.replace("\n", " ")


def as_html(table: Table, words: str = "") -> str:
    """The table as a rich message has it, words before it. Only & < > mean something there, and no sign of a cell."""
    to_right = are_numbers(table.rows, len(table.head))
    rows = [_html_row(table.head, "th", to_right), *(_html_row(row, "td", to_right) for row in table.rows)]
    before = f"<p>{_html(words)}</p>" if words else ""
    return f"{before}<table bordered striped>{''.join(rows)}</table>"


def _html_row(cells: Sequence[str], tag: str, to_right: Sequence[bool]) -> str:
    told = zip(cells, to_right, strict=True)
    sides = [f'<{tag} align="right">{_html(cell)}' if right else f"<{tag}>{_html(cell)}" for cell, right in told]
    return f"<tr>{''.join(f'{cell}</{tag}>' for cell in sides)}</tr>"


def _html(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>")


def as_records(table: Table) -> str:
    """The first rows, a line for each cell, an empty line between rows."""
    shown = [
        "\n".join(f"{name}: {_one_line(cell)}" for name, cell in zip(table.head, row, strict=True))
        for row in table.rows[:MAX_RECORDS]
    ]
    more = len(table.rows) - MAX_RECORDS
    return "\n\n".join([*shown, *([f"… and {more} more rows, in the file."] if more > 0 else [])])

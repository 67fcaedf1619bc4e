"""A small table that was pasted as text: found among the words around it, or not, by its lines alone.

Lines that follow one another are a table where each is cut into the same number of cells: by tabs, by pipes (also
Markdown's, with its ruler), by semicolons, by commas, or by the blanks that columns are aligned with. Tabs and pipes
stand in no sentence; commas and blanks do, so there more is asked for: numbers, or cells without a blank after the
comma. What is doubtful stays text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Cells = list[str]

RULERS, OF_RULERS = re.compile(r"[-=─━═]{2}"), re.compile(r"[\s|+:=\-─━│┼├┤┌┐└┘┬┴╪═╞╡]+")
"""What is in a line that only rules, as `|---|:-:|`, `+----+`, `=====`; and all that may be."""
FENCE = re.compile(r"\s*```\w*\s*")
BULLET = re.compile(r"\s*([-*•–]|\d+[.)])\s")
NUMBER = re.compile(r"[-+−]?[$€£]?\s?(\d[\d.,' ]*\d|\d)([eE][-+]?\d+)?\s?[%€$£]?|NA|NaN|null|None|-?")
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?")
MOST_WORDS = 4
"""A cell of words alone has at most so many, where commas stand between the cells: more is a sentence."""

MOST_AROUND = 6


@dataclass(frozen=True)
class PastedTable:
    """The table as a CSV file, and the words around it."""

    content: bytes
    around: str


def find_table(text: str) -> PastedTable | None:
    """The longest table in the text; None where there is none."""
    lines = [line for line in text.splitlines() if not FENCE.fullmatch(line)]
    if len(lines) < 2:
        return None
    best: tuple[int, int, list[Cells]] | None = None
    for cut in (_by_tabs, _by_pipes, _by_semicolons, _by_commas, _by_blanks):
        found = _longest(lines, cut)
        if found is not None and (best is None or found[1] - found[0] > best[1] - best[0]):
            best = found
    if best is None:
        return None
    start, end, rows = best
    around = "\n".join([*lines[:start], *lines[end:]]).strip()
    return PastedTable(_csv(rows), around)


def _longest(
    lines: Sequence[str], cut: Callable[[Sequence[str]], list[Cells] | None]
) -> tuple[int, int, list[Cells]] | None:
    """The longest run of lines that the cutter takes: where it begins and ends, and its rows."""
    best: tuple[int, int, list[Cells]] | None = None
    start = 0
    while start < len(lines):
        end = _paragraph_end(lines, start)
        found = _within(lines, start, end, cut)
        if found is not None and (best is None or found[1] - found[0] > best[1] - best[0]):
            best = found
        start = end + 1
    return best


def _within(
    lines: Sequence[str], start: int, end: int, cut: Callable[[Sequence[str]], list[Cells] | None]
) -> tuple[int, int, list[Cells]] | None:
    """The same in a paragraph, where a few lines of words may stand right above and below the table.

    Not any number of them: what a person writes must not keep a processor busy.
    """
    for n_around in range(2 * MOST_AROUND + 1):
        for n_above in range(max(0, n_around - MOST_AROUND), min(n_around, MOST_AROUND) + 1):
            first, last = start + n_above, end - (n_around - n_above)
            rows = cut(lines[first:last]) if last - first > 1 else None
            if rows:
                return first, last, rows
    return None


def _is_ruler(line: str) -> bool:
    return RULERS.search(line) is not None and OF_RULERS.fullmatch(line) is not None


def _paragraph_end(lines: Sequence[str], start: int) -> int:
    """Where the next empty line is: a table has none within."""
    return next((place for place in range(start, len(lines)) if not lines[place].strip()), len(lines))


def _by_tabs(lines: Sequence[str]) -> list[Cells] | None:
    if any("\t" not in line for line in lines):
        return None
    rows = [line.split("\t") for line in lines]
    widths = {len(row) for row in rows}
    # Cells at the end of a line that are empty are often lost.
    return [[*row, *[""] * (max(widths) - len(row))] for row in rows] if len(rows[0]) == max(widths) else None


def _by_pipes(lines: Sequence[str]) -> list[Cells] | None:
    if any("|" not in line and "│" not in line and not _is_ruler(line) for line in lines):
        return None
    inner = [line for line in lines if not _is_ruler(line)]
    rows = [_piped(line) for line in inner]
    return rows if _is_even(rows, 2, 2 if len(inner) < len(lines) else 3) else None


def _piped(line: str) -> Cells:
    bare = line.strip().replace("│", "|")
    bare = bare.removeprefix("|")
    if bare.endswith("|") and not bare.endswith("\\|"):
        bare = bare[:-1]
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", bare)]


def _by_semicolons(lines: Sequence[str]) -> list[Cells] | None:
    rows = _separated(lines, ";")
    if not _is_even(rows, 2, 2):
        return None
    return rows if _has_numbers(rows) or (len(rows) > 2 and _are_short(rows)) else None


def _by_commas(lines: Sequence[str]) -> list[Cells] | None:
    rows = _separated(lines, ",")
    if not _is_even(rows, 2, 2) or any(BULLET.match(line) for line in lines) or not _are_closed(rows):
        return None
    if _has_numbers(rows) and _are_short(rows[:1]):
        return rows
    # Words alone: in a sentence a blank follows the comma.
    is_tight = not any(cell.startswith(" ") for row in rows for cell in row)
    return rows if len(rows) > 2 and is_tight and _are_short(rows) and all(map(all, rows)) else None


def _by_blanks(lines: Sequence[str]) -> list[Cells] | None:
    # A line of one word has no two cells: most texts are done with here, and a text is looked at from many lines on.
    if any(len(line.split()) < 2 and not _is_ruler(line) for line in lines):
        return None
    inner = [line.expandtabs() for line in lines if not _is_ruler(line)]
    if len(inner) < 3 or any(BULLET.match(line) for line in inner):
        return None
    wide = [re.split(r"\s{2,}", line.strip()) for line in inner]
    if _is_even(wide, 2, 3) and _are_short(wide):
        return wide
    rows = _aligned(inner)
    # A sentence has blanks at the same places by chance, but hardly a whole column of numbers between them.
    is_full = all(cell for row in rows for cell in row)
    return rows if is_full and _is_even(rows, 2, 3) and _has_numbers(rows) and _are_short(rows) else None


def _aligned(lines: Sequence[str]) -> list[Cells]:
    """Cells between the places at which every line has a blank, as R and pandas print them."""
    width = max(map(len, lines))
    padded = [line.ljust(width) for line in lines]
    is_blank = [all(line[place] == " " for line in padded) for place in range(width)]
    starts = [p for p in range(width) if not is_blank[p] and (p == 0 or is_blank[p - 1])]
    ends = [next((q for q in range(p, width) if is_blank[q]), width) for p in starts]
    rows = [[line[p:q].strip() for p, q in zip(starts, ends, strict=True)] for line in padded]
    # The numbers of rows that R and pandas put before each line are none of the data.
    is_index = bool(rows) and not rows[0][0] and [row[0] for row in rows[1:]] in _counts(len(rows) - 1)
    return [row[1:] for row in rows] if is_index else rows


def _counts(n: int) -> list[list[str]]:
    return [[str(place + first) for place in range(n)] for first in (0, 1)]


def _separated(lines: Sequence[str], mark: str) -> list[Cells]:
    if not any(mark in line for line in lines):
        return []
    try:
        return list(csv.reader(lines, delimiter=mark, strict=True))
    except csv.Error:
        return []


def _is_even(rows: Sequence[Cells], n_columns: int, n_rows: int) -> bool:
    """So many rows and columns at least, and in each row as many cells as in the first."""
    return len(rows) >= n_rows and len(rows[0]) >= n_columns and all(len(row) == len(rows[0]) for row in rows)


def _has_numbers(rows: Sequence[Cells]) -> bool:
    """Whether a column holds numbers or dates alone below the first line, and holds something."""
    columns = zip(*rows[1:], strict=True)
    return any(all(_is_number(cell) for cell in column) and any(_is_filled(c) for c in column) for column in columns)


def _is_number(cell: str) -> bool:
    bare = cell.strip()
    return NUMBER.fullmatch(bare) is not None or DATE.fullmatch(bare) is not None


def _is_filled(cell: str) -> bool:
    return any(letter.isdigit() for letter in cell)


def _are_short(rows: Sequence[Cells]) -> bool:
    return all(len(cell.split()) <= MOST_WORDS for row in rows for cell in row)


def _are_closed(rows: Sequence[Cells]) -> bool:
    """Whether no bracket is opened in one cell and closed in another, as in a call of a function."""
    return all(
        cell.count(one) == cell.count(other) for row in rows for cell in row for one, other in ("()", "[]", "{}")
    )


def _csv(rows: Sequence[Cells]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([[cell.strip() for cell in row] for row in rows])
    return out.getvalue().encode()

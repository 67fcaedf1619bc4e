"""Results and Markdown at any width: tables fold; where that would not be readable, rows become records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.markdown import Markdown, MarkdownElement, TableElement
from rich.table import Table
from rich.text import Text

from prompts.visible import visible
from runtime.literal_markdown import literal
from tools.results import CODES_OF

LEAST_COLUMN = 16
"""Characters that a column of words must have; with less, each row becomes a record."""
MAX_ROWS = 40


class FoldingTable:
    """Rows under a head, at the width that there is: nothing is ever cut."""

    def __init__(self, head: Sequence[Text], rows: Sequence[Sequence[Text]], numeric: Sequence[bool]) -> None:
        self._head = head
        self._rows = rows
        self._numeric = numeric

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width - 2 * len(self._head)
        widths = [
            max([len(head), *(_longest_line(row[place]) for row in self._rows if place < len(row))])
            for place, head in enumerate(self._head)
        ]
        # Numbers are never folded, words down to a readable width: where that does not fit, rows become records.
        needed = sum(
            width if is_numeric else min(width, LEAST_COLUMN)
            for width, is_numeric in zip(widths, self._numeric, strict=True)
        )
        if room < needed:
            sheaves = self._sheaves(options.max_width)
            if len(sheaves) < len(self._rows):
                yield from self._turned(sheaves)
            else:
                yield from self._records()
            return
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for head, is_numeric in zip(self._head, self._numeric, strict=True):
            table.add_column(head, overflow="fold", justify="right" if is_numeric else "left")
        for row in self._rows:
            table.add_row(*row)
        yield table

    def _sheaves(self, width: int) -> list[list[Sequence[Text]]]:
        """The rows in sheaves that fit side by side, a line for each column."""
        left = max(len(head) for head in self._head) + 2
        sheaves: list[list[Sequence[Text]]] = []
        used = width
        for row in self._rows:
            wide = max((_longest_line(cell) for cell in row), default=0) + 2
            if used + wide > width:
                sheaves.append([])
                used = left
            sheaves[-1].append(row)
            used += wide
        return sheaves

    def _turned(self, sheaves: Sequence[Sequence[Sequence[Text]]]) -> Iterator[RenderableType]:
        for number, rows in enumerate(sheaves):
            if number:
                yield Text("")
            grid = Table.grid(padding=(0, 2, 0, 0))
            grid.add_column(style="bold")
            for _ in rows:
                grid.add_column(justify="right")
            for place, head in enumerate(self._head):
                grid.add_row(head, *(row[place] if place < len(row) else Text("") for row in rows))
            yield grid

    def _records(self) -> Iterator[RenderableType]:
        wide = max(len(head) for head in self._head)
        for number, row in enumerate(self._rows):
            if number:
                yield Text("")
            grid = Table.grid(padding=(0, 2, 0, 0))
            grid.add_column(style="bold", overflow="fold", max_width=max(wide, 1))
            grid.add_column(overflow="fold")
            for head, cell in zip(self._head, row, strict=False):
                grid.add_row(head, cell)
            yield grid


def _longest_line(text: Text) -> int:
    return max((len(line) for line in text.plain.split("\n")), default=0)


class _MarkdownTable(TableElement):
    """A table of the model's, folded as ours are."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        head: list[Text] = []
        if self.header is not None and self.header.row is not None:
            head = [cell.content.copy() for cell in self.header.row.cells]
        rows: list[list[Text]] = []
        if self.body is not None:
            rows = [[cell.content.copy() for cell in row.cells] for row in self.body.rows]
        numeric = [all(_is_number(row[place].plain) for row in rows if place < len(row)) for place in range(len(head))]
        yield FoldingTable(head, rows, numeric)


class FoldingMarkdown(Markdown):
    """Markdown whose tables fold, and which hides nothing."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "table_open": _MarkdownTable}

    def __init__(self, text: str) -> None:
        # A link is shown as it is written: as a code of the terminal its address would not be seen.
        super().__init__(literal(visible(text)), hyperlinks=False)


MARKDOWN = frozenset(["card"])
"""Fields that a tool writes as a page; what came from data stands escaped in it."""


def result_view(content: Mapping[str, Any]) -> RenderableType:
    """A tool's result for a person: tables of what is a table, a line for what is one value."""
    parts: list[RenderableType] = []
    # The code of a warning is for programs; a person reads its words.
    content = {key: value for key, value in content.items() if key not in CODES_OF.values()}
    lines = {key: value for key, value in content.items() if not isinstance(value, list | Mapping)}
    if lines:
        parts.append(Text("   ".join(f"{key}: {shown(value)}" for key, value in lines.items())))
    for key, value in content.items():
        if isinstance(value, Mapping) and value:
            parts.append(_record(key, value))
        elif isinstance(value, list) and value:
            parts += _listed(key, value, content)
    return Group(*parts)


def _record(key: str, value: Mapping[str, Any]) -> RenderableType:
    return Text(f"{key}: " + ", ".join(f"{name} {shown(item)}" for name, item in value.items()))


def _listed(key: str, value: list[Any], content: Mapping[str, Any]) -> list[RenderableType]:
    if key == "columns" and all(isinstance(item, str) for item in value) and "rows" in content:
        return []  # the head of a query's rows
    if key == "rows" and isinstance(value[0], list):
        names = content["columns"]
        return [table_of([dict(zip(names, row, strict=True)) for row in value])]
    if all(isinstance(item, Mapping) for item in value):
        if key == "results":
            return [part for item in value[:MAX_ROWS] for part in _result_of_many(item)]
        # Columns of numbers and columns of words have different fields: a table for each kind.
        kinds = dict.fromkeys(tuple(item) for item in value)
        return [table_of([item for item in value if tuple(item) == kind]) for kind in kinds]
    if key in MARKDOWN:
        return [FoldingMarkdown("\n\n".join(map(str, value)))]
    if key == "warnings":
        return [Text(f"Warning: {shown(item)}") for item in value[:MAX_ROWS]]
    return [Text(f"{key}: {shown(value[:MAX_ROWS])}{', …' if len(value) > MAX_ROWS else ''}")]


def _result_of_many(item: Mapping[str, Any]) -> list[RenderableType]:
    """A result among others, such as one group's: under the group's name as if it stood alone."""
    rest = {key: value for key, value in item.items() if key not in ("group", "group_values")}
    return [Text(f"\n{shown(item.get('group'))}", style="bold"), result_view(rest)]


def table_of(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Records as a table; of very many the first, and how many more there are."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[Text(shown(row.get(name))) for name in names] for row in rows[:MAX_ROWS]]
    numeric = [all(row.get(name) is None or _is_number(str(row[name])) for row in rows) for name in names]
    table = FoldingTable([Text(visible(name)) for name in names], cells, numeric)
    more = len(rows) - MAX_ROWS
    return Group(table, Text(f"… and {more} more")) if more > 0 else table


def shown(value: object) -> str:
    """A value in a cell: numbers to six digits, what is missing as a dash, text without what would move the cursor."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {shown(item)}" for name, item in value.items())
    return visible(str(value))


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "").replace("–", "0").replace("%", ""))
    except ValueError:
        return False
    return True

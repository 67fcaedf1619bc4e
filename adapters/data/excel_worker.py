"""The child process that opens an Excel book: one sheet becomes a CSV file, each cell as text.

`python -m adapters.data.excel_worker` reads one request as JSON from stdin and writes one answer to stdout. The CSV
goes through the same repairs as any other, and its types are decided over every row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import fastexcel
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from adapters.data.base import DataError, quote_identifier
from adapters.data.child_engine import answer_one_request
from adapters.data.load_warns import LoadWarns
from adapters.data.many_columns import check_width
from adapters.data.merged_cells import find_merged, say_merged, say_uncomputed
from adapters.data.sheet_width import count_first_cells
from adapters.names import name_choices
from adapters.records.warned import Warned

MAX_TITLE_ROWS = 30
MIDNIGHT = " 00:00:00"
NUMBER = r"^-?\d+(\.\d+)?$"
EPOCH = r"^(1899-12-3|1900-0[12]-)"
DATE = r"^\d{4}-\d{2}-\d{2} "


def run(request: Mapping[str, Any]) -> dict[str, Any]:
    """Write the sheet that is named, or the first with cells, to the file `csv`.

    Gives `{sheet, sheets, n_titles, warnings}`: its name, all names, the rows above the header, warnings of its cells.

    Raises
    ------
    DataError
        If it is no book, has no such sheet, or nothing in it.
    """
    try:
        book = fastexcel.read_excel(request["book"])
        wanted = request["sheet"]
        if wanted is not None and wanted not in book.sheet_names:
            raise DataError(f"there is no sheet {wanted[:64]!r}; {name_choices(wanted, book.sheet_names)}")
        for name in book.sheet_names if wanted is None else [wanted]:
            check_width(count_first_cells(Path(request["book"]), name), repr(Path(request["book"]).name))
            sheet = book.load_sheet(name, header_row=None, dtypes="string", skip_whitespace_tail_rows=True)
            if sheet.width and sheet.height:
                table = pa.Table.from_batches([sheet.to_arrow()])
                n_titles = _n_title_rows(table)
                numbers = book.load_sheet(name, header_row=None, dtypes="float", skip_whitespace_tail_rows=True)
                exact = map(_with_every_digit, table.columns, pa.Table.from_batches([numbers.to_arrow()]).columns)
                columns = [_without_midnight(column.slice(n_titles)) for column in exact]
                options = csv.WriteOptions(include_header=False, quoting_style="needed")
                csv.write_csv(pa.table(columns, names=table.column_names), request["csv"], options)
                header = [column[n_titles].as_py() or f"column{place}" for place, column in enumerate(table.columns)]
                merged = say_merged(find_merged(Path(request["book"]), name), n_titles, header, table.num_rows)
                said = [*merged, *say_uncomputed(Path(request["book"]), name), *_say_durations(header, columns)]
                warnings = list(map(asdict, said))
                return {"sheet": name, "sheets": book.sheet_names, "n_titles": n_titles, "warnings": warnings}
    except fastexcel.FastExcelError as error:
        raise DataError(f"the Excel file cannot be read: {str(error).partition(chr(10))[0][:160]}") from error
    except (pa.ArrowException, MemoryError) as error:
        raise DataError("the sheet needs more memory than it may take; save it as CSV") from error
    raise DataError("the Excel file has no sheet with anything in it")


def _n_title_rows(table: pa.Table) -> int:
    """How many rows stand above the header: the first that fills at least half of the columns, near the top."""
    head = table.slice(0, MAX_TITLE_ROWS + 1)
    for index in range(head.num_rows):
        n_filled = sum(column[index].is_valid for column in head.columns)
        if 2 * n_filled >= table.num_columns:
            return index
    return 0


def _with_every_digit(text: pa.ChunkedArray, number: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells as text; of a fraction, which fastexcel writes with nine decimals, every digit that it has."""
    is_fraction = pc.and_(pc.is_finite(number), pc.not_equal(number, pc.floor(number)))
    is_number = pc.match_substring_regex(text, NUMBER)
    is_rounded = pc.fill_null(pc.and_(is_fraction, is_number), False)
    return pc.if_else(is_rounded, pc.cast(number, pa.string()), text)


def _without_midnight(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Excel keeps a date as a moment: where every moment of a column is midnight, they are dates."""
    is_moment = pc.match_substring_regex(column, DATE)
    is_midnight = pc.ends_with(column, MIDNIGHT)
    if not pc.all(pc.or_(pc.invert(is_moment), is_midnight)).as_py():
        return column
    return pc.replace_substring_regex(column, f"({DATE[1:-1]}){MIDNIGHT}$", r"\1")


def _say_durations(header: Sequence[str], columns: Sequence[pa.ChunkedArray]) -> list[Warned]:
    """Durations and times of day come as moments of Excel's first days: where all of a column are, that is said."""
    said = []
    for name, column in zip(header, columns, strict=True):
        below = column.drop_null().slice(1)
        if len(below) and pc.all(pc.match_substring_regex(below, EPOCH)).as_py():
            said.append(LoadWarns.DURATIONS(name=name[:64], column=quote_identifier(name[:64])))
    return said


if __name__ == "__main__":
    answer_one_request(run)

"""The tables of an answer as messages, each in the way that suits it; a file where not all of it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.records import Json
from runtime.telegram.cutting import Formatted
from runtime.telegram.formatting import fixed, joined, plain, read_parts
from runtime.telegram.outgoing import Message, says
from runtime.telegram.sheets import Sheet, sheet_of
from runtime.telegram.tables import Table, Tier, as_records, in_columns, tier_of, tier_without_rich
from tools import plots

ROWS_BELOW = "The table as a file: {n} rows, numbers in full."
ROWS_MISSING = "The table as a file: {n} of {total} rows, numbers in full; a query with save_as keeps all."
SHOWN = "Rows 1 to {last} of {n}; all are in {name}."


@dataclass(frozen=True)
class Looks:
    """How tables are shown to a person: Telegram's own where they want them; files are named after the time."""

    wants_rich: bool
    at: datetime

    def name(self, what: str) -> str:
        """The name of a file that is made now."""
        return f"{what}_{self.at:%Y%m%d_%H%M%S}.csv"


def tells(markdown: str, results: Sequence[Json], looks: Looks, what: str = "table") -> list[Message]:
    """Words and tables of a reply, in order. Tables that fit stand among the words.

    Parameters
    ----------
    results : sequence of Json
        What tools found, where a table's full numbers may stand.
    what : str
        The first word of a file's name.
    """
    found: list[Message] = []
    words: list[Formatted] = []
    files: list[Message] = []
    n_files = 0
    for part in read_parts(markdown):
        if isinstance(part, Formatted):
            words.append(part)
            continue
        sheet = sheet_of(part, results)
        n_files += 1
        name = looks.name(what if n_files == 1 else f"{what}_{n_files}")
        tier = tier_of(part, looks.wants_rich)
        if tier is Tier.FIXED:
            words.append(fixed(in_columns(part) or ""))
        else:
            found += says(joined(words))
            words = []
            found += _shown(part, tier, name, sheet)
        if len(sheet.rows) > len(part.rows) or tier in (Tier.PICTURE, Tier.RECORDS):
            files.append(_file(sheet, name))
    return [*found, *says(joined(words)), *files]


def without_rich(message: Message) -> list[Message]:
    """The same table for a server that knows no rich messages, and its file where none comes anyway."""
    assert message.table is not None  # noqa: S101 - it is one
    name = str(message.name)
    shown = _shown(message.table, tier_without_rich(message.table), name, None)
    return shown if message.sheet is None else [*shown, _file(message.sheet, name)]


def _shown(table: Table, tier: Tier, name: str, sheet: Sheet | None) -> list[Message]:
    """The table; a rich one keeps its file for `without_rich`, unless the file is sent as well."""
    if tier is Tier.RICH:
        has_file = sheet is not None and len(sheet.rows) > len(table.rows)
        return [Message(kind="table", table=table, name=name, sheet=None if has_file else sheet)]
    if tier is Tier.RECORDS:
        return says(plain(as_records(table)))
    last = plots.table_parts(table.head, table.rows)[-1].rows.stop
    n = len(table.rows)
    return [
        Message(
            kind="pictures", table=table, name=name, text=SHOWN.format(last=last, n=n, name=name) if last < n else ""
        )
    ]


def _file(sheet: Sheet, name: str) -> Message:
    n = len(sheet.rows)
    words = ROWS_MISSING.format(n=n, total=n + sheet.left_out) if sheet.left_out else ROWS_BELOW.format(n=n)
    return Message(kind="csv", sheet=sheet, name=name, text=words)

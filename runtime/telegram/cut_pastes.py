"""A long table that was pasted as one text, and that the client has cut into messages of at most 4,096 characters."""

from __future__ import annotations

from runtime.telegram.cutting import MAX_UNITS, units
from runtime.telegram.pasted import PastedTable, find_table

MOST_MESSAGES = 10
"""Of one paste; it is 40,000 characters, and more is better sent as a file."""


def may_go_on(text: str) -> bool:
    """Whether the text is so long that its next line may have gone into another message, and ends with a table."""
    return units(text) + _longest_line(text) + 1 >= MAX_UNITS and find_table(text) is not None


def joined(text: str, more: str) -> str | None:
    """The two as they were pasted; None where the second does not go on with the table of the first.

    Clients cut at the end of a line where they can, else within one.
    """
    before = find_table(text) if _was_full(text, more) else None
    if before is None:
        return None
    found = [(whole, find_table(whole)) for whole in (f"{text}\n{more}", text + more)]
    longer = [(whole, table) for whole, table in found if table is not None and _goes_on(before, table)]
    return min(longer, key=lambda one: len(one[1].around))[0] if longer else None


def _was_full(text: str, more: str) -> bool:
    """Whether the second message's first line had no room in the first."""
    return units(text) + units(more.partition("\n")[0]) + 1 >= MAX_UNITS


def _goes_on(before: PastedTable, after: PastedTable) -> bool:
    """Whether the second begins as the first does, and has more rows."""
    old, new = before.content.splitlines(), after.content.splitlines()
    # The last row may have been cut within its last cell.
    return len(new) > len(old) and new[: len(old) - 1] == old[:-1]


def _longest_line(text: str) -> int:
    return max((units(line) for line in text.split("\n")), default=0)

"""What query gives: the first rows of a SELECT, and the dataset that holds all of them where one was asked for."""

from __future__ import annotations

from pydantic import JsonValue

from tools.results import Fields


class Selection(Fields):
    """The first rows; `total` counts all, `truncated` says that there are more.

    No `Result`: there `total` is what a list had before it was cut to size, here it stands in each.
    """

    dataset: str | None = None
    warnings: tuple[str, ...] = ()
    warning_codes: tuple[str, ...] = ()
    columns: tuple[str, ...]
    rows: tuple[tuple[JsonValue, ...], ...]
    total: int
    truncated: bool
    left_out: dict[str, int] | None = None
    ask_for_more: str | None = None

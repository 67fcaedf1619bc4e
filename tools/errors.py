"""The error that Claude can mend."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.records import JsonValue


class ToolError(Exception):
    """A call that cannot be done as asked; says the field, the value and the choices.

    `fields` hold the same as data where there is more to it than a sentence.
    """

    def __init__(self, words: object = "", fields: Mapping[str, JsonValue] | None = None) -> None:
        super().__init__(words)
        self.fields = dict(fields or {})

"""How a tool's call stands in an exported script: what the tool may write there, and what it is told of the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from adapters.records import JsonValue


class ScriptCall(Protocol):
    """One call of the conversation with its result."""

    @property
    def arguments(self) -> Mapping[str, JsonValue]:
        """As they were given, columns spelled as the dataset spells them."""

    @property
    def result(self) -> Any:
        """What came of it."""


class Script(Protocol):
    """The script as far as it is written; `data[name]` holds each dataset as a data frame, `pd` is pandas."""

    lines: list[str]
    imports: set[str]

    def need(self, *functions: Callable[..., Any]) -> None:
        """Copy these functions into the script, with the constants that they read."""

    def rows(self, arguments: Mapping[str, JsonValue]) -> str:
        """The expression of the data frame that a call is about, filtered as it was."""


Scripted = Callable[[Script, int, ScriptCall], None]
"""Adds the lines of one call, which end in `show(number, tool, result)`: the result's fields, computed anew."""

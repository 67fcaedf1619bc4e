"""How a tool's call stands in an exported script: what the tool may write there, and what it is told of the call."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from adapters.records import Job, JsonValue, Model

R = TypeVar("R", covariant=True)


@dataclass(frozen=True)
class ScriptCall(Generic[R]):
    """One call of the conversation with its result; columns in the arguments are spelled as the dataset spells them."""

    arguments: Mapping[str, JsonValue]
    result: R


class Script(Protocol):
    """The script as far as it is written; `data[name]` holds each dataset as a data frame, `pd` is pandas."""

    lines: list[str]
    imports: set[str]
    helpers: dict[str, str]

    def need(self, *functions: Callable[..., Any]) -> None:
        """Copy these functions into the script, with the constants that they read."""

    def trained(self, job_id: str) -> tuple[Job, Model] | None:
        """A job and the model that came of it; None where there is none, or not yet."""

    def rows(self, arguments: Mapping[str, JsonValue]) -> str:
        """The expression of the data frame that a call is about, filtered as it was."""


Scripted = Callable[[Script, int, ScriptCall[Any]], None]
"""Adds the lines of one call, which end in `show(number, tool, result)`: the result's fields, computed anew."""


def later(module: str) -> Scripted:
    """The module's function `script`, which is imported when a script is written: the prompt waits for no pandas."""

    def script(writer: Script, number: int, call: ScriptCall[Any]) -> None:
        importlib.import_module(module).script(writer, number, call)

    return script

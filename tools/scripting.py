"""How a tool's call stands in an exported script: what the tool may write there, and what it is told of the call."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from adapters.records import Dataset, Job, JsonValue, Model
from tools.results import MadeCall

if TYPE_CHECKING:
    import pandas as pd


class Script(Protocol):
    """The script as far as it is written; `data[name]` holds each dataset as a data frame, `pd` is pandas."""

    lines: list[str]
    imports: set[str]
    helpers: dict[str, str]
    frames: dict[str, pd.DataFrame]
    """Each dataset that the lines have given so far, as pandas has computed it here."""

    def need(self, *functions: Callable[..., Any]) -> None:
        """Copy these functions into the script, with the constants that they read."""

    def fits(self, model_id: str) -> bool:
        """Whether the lines so far fit that model, which then is `models[model_id]`."""

    def trained(self, job_id: str) -> tuple[Job, Model] | None:
        """A job and the model that came of it; None where there is none, or not yet."""

    def model(self, model_id: str) -> tuple[Job, Model]:
        """A model that the lines fit, and its job."""

    def rows(self, arguments: Mapping[str, JsonValue]) -> str:
        """The expression of the data frame that a call is about, filtered as it was."""

    def filtered(self, frame: str, condition: str) -> str:
        """The expression of the rows of a data frame for which a condition in SQL is true."""

    def derived(self, frame: str, column: str, expression: str) -> str:
        """The expression of a data frame with a column from an expression in SQL over the row or a window of rows."""

    def names(self) -> list[str]:
        """The datasets that the conversation knows."""

    def dataset(self, name: str) -> Dataset:
        """The dataset that the conversation knows by this name."""

    def is_stored(self, frame: pd.DataFrame, name: str) -> bool:
        """Whether the data frame holds what is stored under the name."""

    def lay_beside(self, name: str, why: str) -> None:
        """Give the dataset as a file beside the script, and the reason as a comment."""

    def open_source(self, source: str) -> tuple[Path, BinaryIO]:
        """A file of the person's own, opened; DataError where it may not be read."""


Scripted = Callable[[Script, int, MadeCall[Any]], None]
"""Adds the lines of one call, which end in `show(number, tool, result)`: the result's fields, computed anew."""


def later(module: str) -> Scripted:
    """The module's function `script`, which is imported when a script is written: the prompt waits for no pandas."""

    def script(writer: Script, number: int, call: MadeCall[Any]) -> None:
        importlib.import_module(module).script(writer, number, call)

    return script

"""Collects the lines of an exported script, and what they need."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runtime.app import App
from runtime.export.record import DoneCall

WHERE = '''
def where(frame: pd.DataFrame, condition: str) -> pd.DataFrame:
    """The rows for which a SQL condition holds, in their order."""
    rows = frame.assign(_row=range(len(frame)))
    kept = duckdb.sql(f"SELECT _row FROM rows WHERE {condition} ORDER BY _row").df()["_row"]
    return frame.iloc[kept.to_numpy()]
'''


class Writer:
    """Collects the script's lines, and what they need."""

    def __init__(self, app: App, folder: Path) -> None:
        self.app = app
        self.folder = folder
        self.imports = {"from scipy import stats"}
        self.helpers: dict[str, str] = {}
        self.lines: list[str] = []

    def need(self, *functions: Callable[..., Any]) -> None:
        """Copy these functions into the script."""
        for function in functions:
            self.helpers[function.__name__] = inspect.getsource(function)

    def frame(self, call: DoneCall) -> str:
        """The dataset of a call, filtered as it was."""
        name = f"data[{call.arguments['dataset']!r}]"
        condition = call.arguments.get("where")
        if condition is None:
            return name
        self.imports.add("import duckdb")
        self.helpers["where"] = WHERE.strip("\n")
        return f"where({name}, {condition!r})"


def texts(value: Any) -> list[Any]:
    """A list, or nothing where there is none."""
    return value if isinstance(value, list) else []

"""All parts wired together: what a front end sees of the program."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from adapters.data.duck import DuckData
from adapters.store.database import Database, open_sqlite
from adapters.store.datasets import DatasetTable
from runtime.settings import Settings
from tools import TOOLS
from tools.context import ToolContext
from tools.errors import ToolError
from tools.results import ToolOutput
from tools.spec import Tool

Progress = Callable[[str, float | None], None]


class App:
    """The program for one owner; made by `build`."""

    def __init__(self, settings: Settings, database: Database, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.data = DuckData(DatasetTable(database), settings.owner, settings.home, settings.roots, clock)

    def context(self, conversation_id: str, cancel: threading.Event, progress: Progress) -> ToolContext:
        """What one tool call may reach."""
        return ToolContext(
            owner_id=self.settings.owner,
            conversation_id=conversation_id,
            data=self.data,
            artifacts=self.settings.home / "artifacts" / f"user_{self.settings.owner}",
            clock=self.clock,
            cancel=cancel,
            progress=progress,
        )

    def call_tool(self, name: str, arguments: str, cancel: threading.Event, progress: Progress) -> ToolOutput:
        """Run one tool without a model; `arguments` is a JSON object as text.

        Raises
        ------
        ToolError
            If there is no such tool, the arguments are no JSON object or do not fit, or the tool cannot do it.
        """
        tool = find_tool(name)
        try:
            raw = json.loads(arguments)
        except json.JSONDecodeError as error:
            raise ToolError(f"the arguments are not JSON: {error}") from error
        if not isinstance(raw, dict):
            raise ToolError(f"the arguments must be a JSON object, got {type(raw).__name__}")
        return tool.call(tool.parse(raw), self.context("tool", cancel, progress))

    def close(self) -> None:
        """Give the database back."""
        self.database.close()


def build(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> App:
    """The program that these settings describe.

    Raises
    ------
    StoreError
        If the database cannot be opened.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return App(settings, open_sqlite(settings.home / "statagent.db"), clock)


def find_tool(name: str) -> Tool:
    """The tool of that name; ToolError with all names if there is none."""
    for tool in TOOLS:
        if tool.name == name:
            return tool
    raise ToolError(f"no tool {name!r}; there are {', '.join(tool.name for tool in TOOLS)}")

"""All that a tool may reach, passed to each call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.data.base import Data, Watch


@dataclass(frozen=True)
class ToolContext:
    """The owner's data, and how to report and stop."""

    owner_id: str
    conversation_id: str
    data: Data
    artifacts: Path
    clock: Callable[[], datetime]
    cancel: threading.Event
    progress: Callable[[str, float | None], None]

    @property
    def watch(self) -> Watch:
        """Progress and stop, as the data port takes them."""
        return Watch(cancel=self.cancel, progress=self.progress)

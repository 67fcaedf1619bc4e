"""All that a tool may reach, passed to each call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.data.base import Data, Watch
from tools.jobs.desk import Desk
from tools.models import Models
from tools.purse import Purse


@dataclass(frozen=True)
class ToolContext:
    """The owner's data, models and jobs, and how to report and stop.

    `has_typed` tells whether the person has written an address in this conversation: no other is ever fetched from.
    `raw_csv` is the person's wish that CSV files hold text that a spreadsheet would run as it is.
    """

    owner_id: str
    conversation_id: str
    data: Data
    models: Models
    jobs: Desk
    purse: Purse
    artifacts: Path
    clock: Callable[[], datetime]
    has_typed: Callable[[str], bool]
    raw_csv: bool
    cancel: threading.Event
    progress: Callable[[str, float | None], None]

    @property
    def watch(self) -> Watch:
        """Progress and stop, as the data port takes them."""
        return Watch(cancel=self.cancel, progress=self.progress)

"""What writing a file of predictions needs to know."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.data.base import Data


@dataclass(frozen=True)
class Writing:
    """Where the file goes, what time its name tells, whether text stands in it as it is, and how to report and stop."""

    data: Data
    folder: Path
    clock: Callable[[], datetime]
    raw_csv: bool
    cancel: threading.Event
    progress: Callable[[str, float | None], None]

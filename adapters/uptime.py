"""How long the machine has been up: the one clock that nobody sets, the same for every program on it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Uptime:
    """Seconds since the start that `boot_id` names, sleep counted; empty where the system names none."""

    boot_id: str
    seconds: float


def read_uptime() -> Uptime:
    """Now, as the kernel counts it."""
    try:
        return Uptime(BOOT_ID.read_text(encoding="ascii").strip(), time.clock_gettime(time.CLOCK_BOOTTIME))
    except (OSError, AttributeError):
        return Uptime("", time.monotonic())  # no Linux: the clock alone counts

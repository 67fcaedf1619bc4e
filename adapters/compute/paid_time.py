"""How long a rented machine is paid for."""

from __future__ import annotations

import time

from adapters.records import Json


def paid_seconds(handle: Json | None, ended_at: float | None, limit: int) -> float:
    """From the machine's creation to its end, or to now; never more than the limit, which it ends itself at."""
    if handle is None:
        return 0.0
    created, now = handle.get("created_at"), time.time()
    if not isinstance(created, int | float) or isinstance(created, bool):
        return float(limit)
    until = ended_at if ended_at is not None and created <= ended_at <= now else now
    return min(float(limit), max(0.0, until - created))

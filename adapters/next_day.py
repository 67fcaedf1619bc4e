"""When a day's budget begins anew, in words."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta


def next_day(now: datetime) -> str:
    """As "00:00 UTC, in 3 h 12 min": budgets are of a day in UTC."""
    at = now.astimezone(UTC)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    hours, minutes = divmod(math.ceil((midnight - at).total_seconds() / 60), 60)
    return f"00:00 UTC, in {f'{hours} h ' if hours else ''}{minutes} min"

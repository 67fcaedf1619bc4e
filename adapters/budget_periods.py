"""When a budget begins anew, in words; days and months are those of UTC."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta


def day_of(now: datetime) -> datetime:
    """The first moment of the day."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def month_of(now: datetime) -> datetime:
    """The first moment of the month."""
    return day_of(now).replace(day=1)


def next_day(now: datetime) -> str:
    """As "00:00 UTC, in 3 h 12 min"."""
    left = day_of(now) + timedelta(days=1) - now
    hours, minutes = divmod(math.ceil(left.total_seconds() / 60), 60)
    return f"00:00 UTC, in {f'{hours} h ' if hours else ''}{minutes} min"


def next_month(now: datetime) -> str:
    """As "00:00 UTC on 2026-12-01"."""
    return f"00:00 UTC on {month_of(month_of(now) + timedelta(days=31)):%Y-%m-%d}"

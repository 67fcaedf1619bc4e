"""When a day's budget begins anew."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from adapters.next_day import next_day


@pytest.mark.parametrize(
    ("time", "hours_east", "words"),
    [
        ("2026-11-27T20:48:00", 0, "in 3 h 12 min"),
        ("2026-11-27T23:59:30", 0, "in 1 min"),
        ("2026-11-27T00:00:00", 0, "in 24 h 0 min"),
        ("2026-11-28T01:30:00", 2, "in 30 min"),
    ],
)
def test_a_day_ends_at_midnight_in_utc(time: str, hours_east: int, words: str) -> None:
    now = datetime.fromisoformat(time).replace(tzinfo=timezone(timedelta(hours=hours_east)))
    assert next_day(now) == f"00:00 UTC, {words}"

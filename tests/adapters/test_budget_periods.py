"""When a budget begins anew."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from adapters.budget_periods import next_day, next_month


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


@pytest.mark.parametrize(
    ("time", "hours_east", "day"),
    [
        ("2026-11-01T00:00:00", 0, "2026-12-01"),
        ("2026-12-31T23:59:59", 0, "2027-01-01"),
        ("2027-02-01T01:00:00", 2, "2027-02-01"),
        ("2028-02-29T12:00:00", 0, "2028-03-01"),
    ],
)
def test_a_month_ends_with_its_last_day_in_utc(time: str, hours_east: int, day: str) -> None:
    now = datetime.fromisoformat(time).replace(tzinfo=timezone(timedelta(hours=hours_east)))
    assert next_month(now) == f"00:00 UTC on {day}"

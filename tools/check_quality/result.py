"""What check_quality finds."""

from __future__ import annotations

from tools.results import Fields, Result
from tools.stats.quality import Issue


class ColumnQuality(Fields):
    """One column: what is missing of it, how many values differ, and its issues with the worst first."""

    column: str
    type: str
    missing: int
    missing_share: float
    distinct: int
    issues: tuple[Issue, ...]


class Quality(Result):
    """Each column that was checked, rows that repeat an earlier one, and what to do about all that, the worst first."""

    rows: int
    duplicates: int
    columns: tuple[ColumnQuality, ...]
    advice: tuple[str, ...]

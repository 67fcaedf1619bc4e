"""What is told of a result of check_quality without Claude."""

from __future__ import annotations

from tools.check_quality.result import Quality
from tools.results import MadeCall


def told(call: MadeCall[Quality]) -> str:
    """The advice as a list, or that nothing stands out."""
    found = call.result
    if not found.advice:
        return f"Nothing stands out in {found.rows} rows: no missing values, duplicates, placeholders or outliers."
    listed = [f"- {sentence}" for sentence in found.advice]
    return "\n".join([f"In {found.rows} rows of {call.arguments['dataset']}, the worst first:", "", *listed])

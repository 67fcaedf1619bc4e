"""What is told of a result of check_quality without Claude."""

from __future__ import annotations

from typing import Any

from tools.telling import Outcome, listed


def told(outcome: Outcome[Any]) -> str:
    """The sentences and tables."""
    result = outcome.result
    advice = [f"- {sentence}" for sentence in listed(result, "advice")]
    if not advice:
        return f"Nothing stands out in {result['rows']} rows: no missing values, duplicates, placeholders or outliers."
    return "\n".join([f"In {result['rows']} rows of {outcome.arguments['dataset']}, the worst first:", "", *advice])

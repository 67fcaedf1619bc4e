"""What is told of a result of transform without Claude."""

from __future__ import annotations

from typing import Any

from tools.telling import Outcome, listed


def told(outcome: Outcome[Any]) -> str:
    """The sentences and tables."""
    result = outcome.result
    changes = [
        f"{change['op']}: {change['rows_before']} rows before, {change['rows']} after."
        for change in listed(result, "changed")
    ]
    warnings = [f"Warning: {text}." for text in listed(result, "warnings")]
    made = f"Made **{result['dataset']}** with {result['rows']} rows; {outcome.arguments['dataset']} stays as it is."
    return "\n\n".join([made, *changes, *warnings])

"""What is told of a result of plot without Claude."""

from __future__ import annotations

from typing import Any

from tools.telling import Outcome, listed


def told(outcome: Outcome[Any]) -> str:
    """The sentences and tables."""
    result = outcome.result
    arguments = outcome.arguments
    names = [str(arguments[name]) for name in ("y", "x", "color") if name in arguments]
    what = " and ".join(names) or "the correlations"
    return (
        f"A {result['kind']} of {what}: n = {result['n']}"
        + "".join(f"; {note}" for note in listed(result, "notes"))
        + "."
    )

"""What the program has to say beside its results: a line on standard error."""

from __future__ import annotations

from runtime.way_out import say


def tell_stderr(note: str) -> None:
    """Print the sentence where no pipe takes it for a result."""
    say(note, err=True)

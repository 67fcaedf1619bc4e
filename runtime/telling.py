"""What the program has to say beside its results: a line on standard error."""

from __future__ import annotations

import typer

from prompts.visible import visible


def tell_stderr(note: str) -> None:
    """Print the sentence where no pipe takes it for a result."""
    typer.echo(visible(note), err=True)

"""The command `statagent`. Nothing heavy is imported here: `--help` answers at once."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="A statistician that you can talk to.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def statagent() -> None:
    """A statistician that you can talk to."""


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    typer.echo(installed("statagent"))


def main() -> None:
    """Run the command line."""
    app()

"""The command `statagent`. Nothing heavy is imported at the top: `--help` answers at once."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from typing import Annotated

import typer

app = typer.Typer(
    help="A statistician that you can talk to.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _run(module: str, *values: object) -> None:
    """Hand over to `runtime.<module>.run`, loaded only now; its result is the exit code."""
    raise typer.Exit(importlib.import_module(f"runtime.{module}").run(*values))


@app.command()
def tool(
    name: Annotated[str, typer.Argument(help="Name of the tool, such as load_dataset.")],
    arguments: Annotated[str, typer.Argument(help="Its arguments as a JSON object.")] = "{}",
    confirm: Annotated[str | None, typer.Option(help="Say yes to this quote.", metavar="QUOTE_ID")] = None,
    max_usd: Annotated[float | None, typer.Option(help="The most that the yes covers.", min=0)] = None,
) -> None:
    """Run one tool without a model and print its result as JSON."""
    if (confirm is None) != (max_usd is None):
        raise typer.BadParameter("--confirm and --max-usd go together")
    _run("tool_command", name, arguments, confirm, max_usd)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(importlib.metadata.version("statagent"))


def main() -> None:
    """Run the command line."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)

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
def chat(
    words: Annotated[
        str | None, typer.Option("--print", "-p", help="Say this, print the answer and end.", metavar="TEXT")
    ] = None,
    model: Annotated[str | None, typer.Option(help="claude, offline or replay:FILE.")] = None,
    session: Annotated[str | None, typer.Option(help="Go on with this conversation.", metavar="ID")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the last conversation.")] = False,
    output: Annotated[str, typer.Option(help="With -p: text or json.")] = "text",
    confirm: Annotated[str | None, typer.Option(help="Say yes to this quote.", metavar="QUOTE_ID")] = None,
    max_usd: Annotated[float | None, typer.Option(help="The most that the yes covers.", min=0)] = None,
) -> None:
    """Talk to the statistician."""
    if (confirm is None) != (max_usd is None):
        raise typer.BadParameter("--confirm and --max-usd go together")
    if session is not None and resume:
        raise typer.BadParameter("--session and --resume exclude each other")
    if output not in ("text", "json"):
        raise typer.BadParameter("--output is text or json")
    if words is not None and not words.strip():
        raise typer.BadParameter("-p needs words")
    _run("chat_command", words, model, session, resume, output, confirm, max_usd)


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

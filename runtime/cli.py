"""The command `statagent`. Nothing heavy is imported at the top: `--help` answers at once."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import io
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Protocol, TextIO, runtime_checkable

import typer

from runtime.standard_output import OutputLostError, take_output

app = typer.Typer(
    help="A statistician that you can talk to.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


INTERRUPTED = 130


AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


def _run(module: str, *values: object) -> None:
    """Hand over to `runtime.<module>.run`, loaded only now; its result is the exit code."""
    importlib.import_module("runtime.way_out").show_all()
    importlib.import_module("runtime.log_file").listen()
    raise typer.Exit(importlib.import_module(f"runtime.{module}").run(*values))


@app.command(add_help_option=False)
def tool(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Name of the tool, such as load_dataset.")] = None,
    arguments: Annotated[str, typer.Argument(help="Its arguments as a JSON object.")] = "{}",
    confirm: Annotated[str | None, typer.Option(help="Say yes to this quote.", metavar="QUOTE_ID")] = None,
    max_usd: Annotated[float | None, typer.Option(help="The most that the yes covers.", min=0)] = None,
    explain: Annotated[bool, typer.Option("--help", help="Show this, or what the tool NAME takes.")] = False,
) -> None:
    """Run one tool without a model and print its result as JSON; NAME --help says what it takes."""
    if name is None:
        importlib.import_module("runtime.way_out").say(context.get_help())
        raise typer.Exit(0 if explain else 2)
    if explain:
        _run("tool_help", name)
    if (confirm is None) != (max_usd is None):
        raise typer.BadParameter("--confirm and --max-usd go together")
    _run("tool_command", name, arguments, confirm, max_usd)


@app.command()
def chat(
    words: Annotated[
        str | None,
        typer.Option("--print", "-p", help="Say this (-: standard input), print the answer and end.", metavar="TEXT"),
    ] = None,
    model: Annotated[str | None, typer.Option(help="claude, offline or replay:FILE.")] = None,
    session: Annotated[str | None, typer.Option(help="Go on with this conversation.", metavar="ID")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the last conversation.")] = False,
    output: Annotated[str, typer.Option(help="With -p: text, json or stream-json (docs/events.md).")] = "text",
    confirm: Annotated[str | None, typer.Option(help="Say yes to this quote.", metavar="QUOTE_ID")] = None,
    max_usd: Annotated[float | None, typer.Option(help="The most that the yes covers.", min=0)] = None,
) -> None:
    """Talk to the statistician: at a terminal, or one turn.

    What comes on a pipe is one question if it is one line, else a file. Only a person at a terminal answers questions;
    without one a question ends the run with exit code 3 and the quote.
    """
    if (confirm is None) != (max_usd is None):
        raise typer.BadParameter("--confirm and --max-usd go together")
    if session is not None and resume:
        raise typer.BadParameter("--session and --resume exclude each other")
    if output not in ("text", "json", "stream-json"):
        raise typer.BadParameter("--output is text, json or stream-json")
    if words is not None and not words.strip():
        raise typer.BadParameter("-p needs words")
    _run("chat_command", words, model, session, resume, output, confirm, max_usd)


@app.command()
def telegram(
    action: Annotated[
        str, typer.Argument(help="serve; pair: a code that lets one person in; status: how it stands.")
    ] = "serve",
    model: Annotated[str | None, typer.Option(help="claude, offline or replay:FILE.")] = None,
    as_json: AsJson = False,
) -> None:
    """The bot on Telegram: TELEGRAM_BOT_TOKEN says which (docs/telegram.md)."""
    if action not in ("serve", "pair", "status"):
        raise typer.BadParameter("serve, pair or status")
    if as_json and action != "status":
        raise typer.BadParameter("--json goes with status")
    _run("telegram.command", action, model, as_json)


@app.command()
def datasets(as_json: AsJson = False) -> None:
    """What is loaded."""
    _run("list_command", "datasets", as_json)


@app.command()
def models(as_json: AsJson = False) -> None:
    """What was trained, with scores on test rows."""
    _run("list_command", "models", as_json)


@app.command()
def jobs(
    action: Annotated[str, typer.Argument(help="list; sweep: end machines that no open job stands behind.")] = "list",
    as_json: AsJson = False,
) -> None:
    """What runs and ran; what still costs money and need not."""
    if action not in ("list", "sweep"):
        raise typer.BadParameter("list or sweep")
    if action == "sweep":
        _run("sweep_command", as_json)
    _run("list_command", "jobs", as_json)


@app.command()
def deploy(
    place: Annotated[str, typer.Argument(help="lambda or runpod.")],
    remove: Annotated[bool, typer.Option("--remove", help="Remove what was deployed.")] = False,
) -> None:
    """Make what predicts elsewhere, of the libraries that are installed here; idle it costs nothing."""
    known = importlib.import_module("runtime.deploy_command").PLACES
    if place not in known:
        raise typer.BadParameter(" or ".join(known))
    _run("deploy_command", place, remove)


@app.command()
def costs(as_json: AsJson = False) -> None:
    """Dollars spent and reserved, beside the budgets of a day."""
    _run("list_command", "costs", as_json)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """What is set up, what can be reached, what is missing, and the next step for each."""
    _run("doctor", as_json)


@app.command()
def plan(
    file: Annotated[Path, typer.Argument(help="A plan that /export plan wrote.")],
    fetch: Annotated[
        list[str] | None,
        typer.Option(help="An address of the plan that may be fetched from; one each.", metavar="ADDRESS"),
    ] = None,
) -> None:
    """Make the calls of an exported plan again; each result is a line of JSON.

    The plan's addresses are shown and asked about at the terminal; a script names them with --fetch.
    """
    _run("plan_command", file, fetch or [])


@app.command(name="eval")
def evaluate(
    suites: Annotated[list[str] | None, typer.Argument(help="Suites or .yaml files; all suites by default.")] = None,
    live: Annotated[bool, typer.Option("--live", help="Ask Claude itself; needs a key and spends dollars.")] = False,
    times: Annotated[int, typer.Option("-k", help="With --live: how often each case runs.", min=1, max=100)] = 1,
    record: Annotated[Path | None, typer.Option(help="Keep each conversation as a transcript in this folder.")] = None,
    output: Annotated[str, typer.Option(help="text or json.")] = "text",
    junit: Annotated[Path | None, typer.Option(help="Also write JUnit's XML to this file.")] = None,
    through: Annotated[str, typer.Option(help="terminal, or telegram: the bot on a simulated Telegram.")] = "terminal",
) -> None:
    """Replay conversations against the real tools, and score them."""
    if output not in ("text", "json"):
        raise typer.BadParameter("--output is text or json")
    if through not in ("terminal", "telegram"):
        raise typer.BadParameter("--through is terminal or telegram")
    importlib.import_module("runtime.way_out").show_all()
    # The evals stand above the program that they run: it does not import them, it finds them by name.
    evals = importlib.import_module("evals.command")
    options = evals.EvalOptions(tuple(suites or ()), live, times, record, output, junit, through)
    raise typer.Exit(evals.run(options))


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}
)
def world(context: typer.Context) -> None:
    """Try simulated clouds, without an account: `statagent world statagent chat`; alone, print what a shell sets."""
    importlib.import_module("runtime.way_out").show_all()
    raise typer.Exit(importlib.import_module("evals.world.clouds").run(context.args))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(importlib.metadata.version("statagent"))


@runtime_checkable
class _WrongUse(Protocol):
    """An error of the command line: it tells how the command is used."""

    exit_code: int

    def show(self, file: TextIO) -> None:
        """Write the sentence."""


def main() -> None:
    """Run the command line."""
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        take_output()
        code = _answer()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except OutputLostError as error:
        code = _say_error(error)
    sys.exit(_let_go(code))


def _answer() -> int:
    """The exit code. What stands in a sentence of ours about the command line takes the way out."""
    unreadable = [place for place, word in enumerate(sys.argv[1:], start=1) if not _is_text(word)]
    if unreadable:
        _say(f"Argument {unreadable[0]} holds bytes that are no text in UTF-8.")
        return 2
    try:
        os.getcwd()  # noqa: PTH109 - asked once, for the system's own answer
    except OSError as error:
        _say(f"The folder that this is run in cannot be used ({error.strerror}): change to another one.")
        return 1
    try:
        return int(app(standalone_mode=False) or 0)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - a front end's one handler
        return _say_error(error)


def _say_error(error: Exception) -> int:
    """Tell of an error that ended the command; gives the exit code."""
    if isinstance(error, typer.Abort):
        _say("Aborted!")
    elif isinstance(error, _WrongUse):
        told = io.StringIO()
        error.show(told)
        _say(told.getvalue().rstrip("\n"))
        return error.exit_code
    elif not isinstance(error, OutputLostError):
        importlib.import_module("runtime.log_file").say_bug(error)
    elif not isinstance(error.error, BrokenPipeError):
        _say(str(error))
    return 1


def _is_text(word: str) -> bool:
    """Whether the word came as UTF-8: Python keeps other bytes as half characters, which nothing can print or store."""
    return not any("\ud800" <= sign <= "\udfff" for sign in word)


def _let_go(code: int) -> int:
    """The exit code, once what was said has arrived. A reader that left is no error of anybody's to be told of."""
    try:
        sys.stdout.flush()
    except OutputLostError as error:
        # Python flushes again at its end, and would complain there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code or _say_error(error)
    return code


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        importlib.import_module("runtime.way_out").say(text, err=True)

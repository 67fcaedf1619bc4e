"""`statagent world`: simulated clouds to try training in, without an account; machines are processes here."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from evals.world.aws import aws_world
from evals.world.runpod import runpod_world
from runtime.settings import Settings

COMMAND_NOT_FOUND = 127


@contextmanager
def _runpod() -> Iterator[dict[str, str]]:
    with runpod_world() as world:
        yield variables(world.options())


@contextmanager
def _aws() -> Iterator[dict[str, str]]:
    with aws_world() as world:
        yield world.environment() | variables(world.options())


CLOUDS: Mapping[str, Callable[[], contextlib.AbstractContextManager[dict[str, str]]]] = {
    "runpod": _runpod,
    "aws": _aws,
}
"""Each world by its provider's name: the variables of a program that is to use it."""


def variables(options: Mapping[str, str]) -> dict[str, str]:
    """Settings under the names that they have in the environment."""
    aliases = {name: field.validation_alias for name, field in Settings.model_fields.items()}
    return {str(aliases[name] or f"STATAGENT_{name.upper()}"): value for name, value in options.items()}


def run(command: Sequence[str]) -> int:
    """Serve the worlds while the command runs in them; without one, print what a shell sets, and serve until Ctrl-C.

    Gives the command's exit code. Every machine that still runs ends with its world.
    """
    # A world that is ended goes the way of Ctrl-C: its machines end with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as worlds, contextlib.suppress(KeyboardInterrupt):
        told: dict[str, str] = {}
        for cloud in CLOUDS.values():
            told |= worlds.enter_context(cloud())
        if command:
            return _run(command, told)
        lines = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in told.items())
        print(lines, flush=True)  # noqa: T201 - the result
        threading.Event().wait()
    return 0


def _run(command: Sequence[str], told: Mapping[str, str]) -> int:
    """The command, at this terminal; Ctrl-C is its own."""
    program = shutil.which(command[0])
    if program is None:
        print(f"there is no program {command[0]!r}", file=sys.stderr)  # noqa: T201
        return COMMAND_NOT_FOUND
    with subprocess.Popen([program, *command[1:]], env={**os.environ, **told}) as running:
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                return running.wait()

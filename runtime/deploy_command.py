"""`statagent deploy`: where predictions are served, made or removed. It costs nothing until it is used."""

from __future__ import annotations

from importlib import import_module

from adapters.errors import AdapterError
from runtime.home import prepare_home
from runtime.program import surroundings_of
from runtime.settings import SettingsError, read_settings
from runtime.way_out import say, tell_stderr

PLACES = {
    "lambda": "adapters.serving.lambda_deploy",
    "runpod": "adapters.serving.runpod_deploy",
}
"""What can be deployed, and the module whose `deployment(surroundings, tell)` does it."""
FAILED = 1


def run(place: str, remove: bool) -> int:
    """Deploy there, or remove what was deployed; tells each step, and gives the exit code."""
    try:
        settings = read_settings(tell_stderr)
        prepare_home(settings.home, tell_stderr)
        deployment = import_module(PLACES[place]).deployment(surroundings_of(settings), say)
        deployment.remove() if remove else deployment.deploy()
    except (SettingsError, AdapterError) as error:
        say(error, err=True)
        return FAILED
    return 0

"""`statagent jobs sweep`: every machine of this installation, wherever it is; those of no open job are ended."""

from __future__ import annotations

from importlib import import_module

from adapters.compute.base import ComputeError
from adapters.errors import AdapterError
from adapters.model.scripted import ScriptedModel
from adapters.store.jobs import JobTable
from runtime.open_session import open_session
from runtime.program import Program, surroundings_of
from runtime.settings import SettingsError, read_settings
from runtime.way_out import say, say_json, tell_stderr

FAILED = 1
SAID = {
    "kept": "of a job that is not closed",
    "ended": "ended: no open job stands behind it",
}


def run(as_json: bool) -> int:
    """Look, end and tell; gives the exit code: 1 where a provider could not be asked or a machine does not end."""
    try:
        session = open_session(read_settings(tell_stderr), ScriptedModel([]))
        try:
            found = [*sweep(session.program), *unknown(session.program)]
        finally:
            session.program.close()
    except (SettingsError, AdapterError) as error:
        say(error, err=True)
        return FAILED
    if as_json:
        say_json(found, indent=2)
    else:
        for line in found:
            say(f"{line['backend']} {line['machine']}: {SAID.get(line['state'], line['state'])}".replace("  ", " "))
        if not found:
            say("No machine of this installation is there.")
    return FAILED if any(line["state"] not in SAID for line in found) else 0


def sweep(program: Program) -> list[dict[str, str]]:
    """Each machine with its backend and state: kept, ended, or why it could not be ended or asked about.

    Machines are listed before the rows are read: a job's row is there before its machine.
    """
    rows, found = JobTable(program.database), list[dict[str, str]]()
    for backend in program.backends.values():
        try:
            keys = backend.running()
        except ComputeError as error:
            found.append({"backend": backend.name, "machine": "", "state": str(error)})
            continue
        open_keys = rows.open_keys()
        for key in keys:
            state = "kept" if key in open_keys else _ended(program, backend.name, key)
            found.append({"backend": backend.name, "machine": key, "state": state})
    return found


def unknown(program: Program) -> list[dict[str, str]]:
    """What was deployed under this installation's name, and is in no setting: it may have workers that are paid for."""
    try:
        ids = import_module("adapters.serving.runpod_deploy").unknown_endpoints(surroundings_of(program.settings))
    except ComputeError as error:
        return [{"backend": "runpod_serverless", "machine": "", "state": str(error)}]
    told = (
        "an endpoint that no setting names: export STATAGENT_RUNPOD_ENDPOINT={0}, or `statagent deploy runpod --remove`"
    )
    return [{"backend": "runpod_serverless", "machine": one, "state": told.format(one)} for one in ids]


def _ended(program: Program, name: str, key: str) -> str:
    try:
        program.backends[name].end(key)
    except ComputeError as error:
        return str(error)
    return "ended"

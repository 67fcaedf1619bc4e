"""`statagent doctor`: what is set up, what can be reached, what is missing, and the next step for each."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Literal

import httpx
from rich.markup import escape

from adapters.compute.base import ComputeError
from adapters.compute.cluster import VARIABLE, ClusterError, is_clear, join
from adapters.compute.registered import REGISTERED
from adapters.count_words import counted
from adapters.errors import AdapterError
from adapters.model.scripted import ScriptedModel
from adapters.secret_words import mask
from prompts.dollars import dollars
from runtime.config_files import own_path, read_config_files
from runtime.home import prepare_home
from runtime.pictures import find_how
from runtime.program import backends_of, build
from runtime.secret_key import SecretKeyError
from runtime.session import Session
from runtime.settings import Settings, SettingsError, read_settings
from runtime.sweeping import unnamed_sentence
from runtime.terminal import open_terminal
from runtime.way_out import say_json

REACH_S = 5.0
LEAST_FREE_BYTES = 2 * 2**30
API = "https://api.anthropic.com"
FAILED = 1
MARKS = {"ok": "[green]ok  [/green]", "off": "[dim]off [/dim]", "bad": "[red]BAD [/red]"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: ok, off (not set up, and not needed for the rest), or bad; and what to do then."""

    name: str
    state: Literal["ok", "off", "bad"]
    detail: str
    next_step: str = ""


def run(as_json: bool) -> int:
    """Print the findings; gives the exit code: 1 when something is bad."""
    try:
        findings = list(examine(read_settings()))
    except SettingsError as error:
        findings = [Finding("settings", "bad", str(error), f"mend it in the environment or in {own_path()}")]
    if as_json:
        say_json([asdict(finding) for finding in findings], indent=2)
    else:
        console = open_terminal()
        for finding in findings:
            console.print(f"{MARKS[finding.state]} [bold]{finding.name}[/bold]  {escape(finding.detail)}")
            if finding.next_step:
                console.print(f"     → {escape(finding.next_step)}")
    return FAILED if any(finding.state == "bad" for finding in findings) else 0


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything; an empty database is made and leftovers are swept, as at each start; nothing costs money."""
    looks: tuple[Callable[[Settings], Finding], ...] = (
        _python,
        _config,
        _home,
        _leftovers,
        _database,
        _disk,
        _roots,
        _claude,
        _s3,
        _runpod,
        _terminal,
        look_at_cluster,
    )
    for look in looks:
        yield _without_secrets(look(settings))
    yield from map(_without_secrets, _providers(settings))


def _without_secrets(found: Finding) -> Finding:
    """An address in the settings may hold a name and a password."""
    return replace(found, detail=mask(found.detail), next_step=mask(found.next_step))


def _python(settings: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", "ok", f"{version}, {sys.executable}")


def _config(settings: Settings) -> Finding:
    files = read_config_files()
    read = [str(path) for path in (files.own, files.beside) if path is not None]
    if files.note:
        step = f"move what you want of it to {own_path()}, or rename the file that is not meant for statagent"
        return Finding("config", "off", f"{', '.join(read)}; {files.note}", step)
    if not read:
        step = f"settings that stay: {own_path()} (config.example.yaml shows them)"
        return Finding("config", "off", "no config.yaml is read", step)
    return Finding("config", "ok", ", ".join(read))


def _home(settings: Settings) -> Finding:
    home, notes = settings.home, list[str]()
    step = "set STATAGENT_HOME to a folder of yours that you can write to"
    try:
        prepare_home(home, notes.append)
        (home / ".doctor").touch()
        (home / ".doctor").unlink()
    except SettingsError as error:
        return Finding("home", "bad", str(error), step)
    except OSError as error:
        return Finding("home", "bad", f"{home}: {error.strerror}", step)
    return Finding("home", "ok", "; ".join((str(home), *notes)))


def _leftovers(settings: Settings) -> Finding:
    notes: list[str] = []
    try:
        program = build(settings, ScriptedModel([]), tell=notes.append)
        unknown = unnamed_sentence(settings, program.database)
        program.close()
    except (AdapterError, SettingsError, OSError):
        return Finding("leftovers", "off", "not looked for without a database", "see the next line")
    if unknown is not None:
        return Finding(
            "leftovers", "off", "; ".join((*notes, unknown)), "put the right database back, or load them again"
        )
    return Finding("leftovers", "ok", "; ".join(notes) or "killed runs have left nothing")


def _database(settings: Settings) -> Finding:
    kind = "SQLite in the home" if settings.database_url is None else "PostgreSQL"
    try:
        session = Session(build(settings, ScriptedModel([])))
        n_datasets, n_models = len(session.data.all()), len(session.models.all())
        session.program.close()
    except (AdapterError, SettingsError, OSError) as error:
        step = (
            "see that the server runs and STATAGENT_DATABASE_URL is right"
            if settings.database_url
            else "look at the home"
        )
        return Finding("database", "bad", f"{kind}: {error}", step)
    kept = f"{counted(n_datasets, 'dataset')}, {counted(n_models, 'model')}"
    return Finding("database", "ok", f"{kind}; {kept} of {settings.owner}")


def _disk(settings: Settings) -> Finding:
    try:
        free = shutil.disk_usage(settings.home).free
    except OSError as error:
        return Finding("disk", "bad", f"{settings.home}: {error.strerror}", "set STATAGENT_HOME")
    is_enough = free >= LEAST_FREE_BYTES
    step = "" if is_enough else "make room: a dataset needs about a third of its CSV's size"
    return Finding("disk", "ok" if is_enough else "bad", f"{free / 2**30:.1f} GiB free", step)


def _roots(settings: Settings) -> Finding:
    gone = [str(root) for root in settings.roots if not root.is_dir()]
    if gone:
        return Finding("files", "bad", f"no such folder: {', '.join(gone)}", "mend STATAGENT_ROOTS")
    return Finding("files", "ok", "may be read from " + ", ".join(map(str, settings.roots)))


def _claude(settings: Settings) -> Finding:
    if settings.anthropic_api_key is None:
        return Finding("claude", "off", "no key: the offline planner answers", "set ANTHROPIC_API_KEY")
    url = settings.anthropic_base_url or API
    headers = {"x-api-key": settings.anthropic_api_key.get_secret_value(), "anthropic-version": "2023-06-01"}
    try:
        found = httpx.get(f"{url.rstrip('/')}/v1/models/{settings.model}", headers=headers, timeout=REACH_S)
    except httpx.HTTPError as error:
        return Finding(
            "claude", "bad", f"{url} cannot be reached: {type(error).__name__}", "look at the network, a proxy"
        )
    if found.status_code == 401:
        return Finding("claude", "bad", "the key is refused", "set a key that is valid in ANTHROPIC_API_KEY")
    if found.status_code == 404:
        return Finding(
            "claude", "bad", f"there is no model {settings.model!r}", "set STATAGENT_MODEL to one that there is"
        )
    if found.status_code != 200:
        return Finding("claude", "bad", f"{url} answers {found.status_code}", "try again later")
    return Finding("claude", "ok", f"{settings.model} at {url}")


def _s3(settings: Settings) -> Finding:
    has_keys = "AWS_ACCESS_KEY_ID" in os.environ or "AWS_PROFILE" in os.environ
    if not has_keys and settings.s3_endpoint is None:
        step = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, to load from s3://"
        return Finding("s3", "off", "no keys", step)
    return Finding("s3", "ok", settings.s3_endpoint or "AWS, with the keys of the environment")


def _runpod(settings: Settings) -> Finding:
    names = ("runpod_s3_endpoint", "runpod_s3_region", "runpod_s3_access_key", "runpod_s3_secret_key")
    lacking = [f"STATAGENT_{name.upper()}" for name in names if getattr(settings, name) is None]
    if len(lacking) == len(names):
        return Finding("runpod volume", "off", "not set up", "set " + ", ".join(lacking) + " to load from runpod://")
    if lacking:
        return Finding("runpod volume", "bad", "half set up", "set " + ", ".join(lacking))
    return Finding("runpod volume", "ok", str(settings.runpod_s3_endpoint))


def _providers(settings: Settings) -> Iterator[Finding]:
    """Each provider of machines: its key, whether it can be asked, what it offers, and what of ours is there."""
    backends = backends_of(settings)
    for name, registered in REGISTERED.items():
        backend, called = backends.get(name), f"jobs on {name}"
        if backend is None:
            yield Finding(called, "off", "not set up", f"set {registered.variable} to use it (docs/cloud.md)")
            continue
        try:
            offers, n_running = backend.offers(), len(backend.running())
        except (ComputeError, SecretKeyError, OSError) as error:
            yield Finding(called, "bad", str(error), f"mend it, or unset {registered.variable} (docs/cloud.md)")
            continue
        finally:
            backend.close()
        if not offers:
            yield Finding(
                called, "bad", "no machine can be had now", "try later, or set up another region (docs/cloud.md)"
            )
            continue
        usd = min(offer.usd_per_hour for offer in offers)
        running = f"{n_running} machines of this installation are there"
        n_kinds = len({(offer.place.sku, offer.place.market) for offer in offers})
        yield Finding(called, "ok", f"{n_kinds} kinds of machine from {dollars(usd, 4)} an hour; {running}")


def look_at_cluster(settings: Settings) -> Finding:
    """The cluster that trainings are to have: whether it can be joined as it is."""
    address = settings.cluster
    if not address:
        step = f"set {VARIABLE} to a Dask cluster that you have, for long trainings (docs/cluster.md)"
        return Finding("cluster", "off", "none: trainings run on this machine alone", step)
    try:
        with join(address) as joined:
            n_workers = joined.n_workers
    except ClusterError as error:
        return Finding("cluster", "bad", str(error), "see docs/cluster.md")
    said = f"{address}, {counted(n_workers, 'worker')}, made of what is here"
    if is_clear(address):
        return Finding("cluster", "ok", f"{said}; what goes there is not encrypted", "use tls:// (docs/cluster.md)")
    return Finding("cluster", "ok", said)


def _terminal(settings: Settings) -> Finding:
    how = find_how(settings.pictures)
    detail = "pictures: only their paths" if how == "path" else f"pictures by {how}"
    step = "a terminal with kitty's protocol, iTerm2's or sixel shows them" if how == "path" else ""
    return Finding("terminal", "off" if how == "path" else "ok", detail, step)

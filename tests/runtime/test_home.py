"""The home is its owner's alone, whatever was there before and whoever writes into it."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.files import read_json
from adapters.opening import OpenError, read_end
from evals.world.home import PENGUINS, ROOT, build_in
from runtime.home import FILES
from runtime.secret_key import SecretKeyError, secret_key
from runtime.settings import SettingsError

STRANGER = 12_345
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives things away")
Statagent = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path, statagent: str) -> Statagent:
    """The program itself, in a shell that would let everybody read and write what it makes."""

    def go(*words: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"STATAGENT_HOME": str(tmp_path / "home"), "STATAGENT_ROOTS": str(PENGUINS.parent)}
        command = [statagent, *words]
        return subprocess.run(
            command, cwd=ROOT, env=environment, umask=0, capture_output=True, text=True, timeout=60, check=False
        )

    return go


def open_to_others(home: Path) -> list[str]:
    return [str(path) for path in (home, *home.rglob("*")) if stat.S_IMODE(path.lstat().st_mode) & 0o077]


def said(app_of: Path) -> list[str]:
    notes: list[str] = []
    build_in(app_of, tell=notes.append).program.close()
    return notes


def test_nothing_that_is_written_is_open_to_others(run: Statagent, tmp_path: Path) -> None:
    def told(tool: str, *options: str, **arguments: Any) -> dict[str, Any]:
        done = run("tool", tool, json.dumps(arguments), *options)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    told("load_dataset", source=str(PENGUINS))
    told("query", sql="SELECT * FROM penguins WHERE year > 2007", save_as="late")
    told("plot", dataset="penguins", kind="histogram", x="body_mass_g")
    job = {"kind": "training", "model": "ridge", "target": "body_mass_g", "dataset": "penguins", "features": ["year"]}
    quote = told("estimate_cost", job=job)["quotes"][0]["quote_id"]
    job_id = told("launch_training", "--confirm", quote, "--max-usd", "0", quote_id=quote)["job_id"]
    model = told("poll_job", job_id=job_id, wait_s=60)["model"]
    told("predict", model=model, dataset="penguins")
    assert run("chat", "--model", "offline", "-p", f"load {PENGUINS}").returncode == 0
    kinds = {path.suffix for path in (tmp_path / "home").rglob("*") if path.is_file()}
    assert kinds >= {".db", ".duckdb", ".png", ".csv", ".skops", ".json", ".txt", ".key", ".log"}
    assert open_to_others(tmp_path / "home") == []


@pytest.fixture
def easy_going() -> Iterator[None]:
    """A shell that would let everybody read and write what is made."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("easy_going")
def test_a_program_closes_what_it_writes(tmp_path: Path) -> None:
    session = build_in(tmp_path / "home")
    session.call_tool("load_dataset", json.dumps({"source": str(PENGUINS)}), None)
    session.program.close()
    assert open_to_others(tmp_path / "home") == []


def test_an_open_home_is_closed_with_all_in_it_and_that_is_said(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert said(home) == []
    (home / "data").mkdir(exist_ok=True)
    (home / "history").write_text("mine")
    for path in (home, home / "data", home / "history", home / "statagent.db"):
        path.chmod(0o777)
    assert said(home) == [f"the home {home} was open to other users of this machine: it is closed now"]
    assert open_to_others(home) == []
    assert said(home) == []


def test_what_a_link_in_the_home_leads_to_is_left_alone(tmp_path: Path) -> None:
    home, mine = tmp_path / "home", tmp_path / "shared.csv"
    mine.write_text("a\n")
    said(home)
    (home / "shared").symlink_to(mine)
    mine.chmod(0o644)
    home.chmod(0o755)
    assert len(said(home)) == 1
    assert stat.S_IMODE(mine.stat().st_mode) == 0o644


def test_a_folder_that_others_use_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    shared, sticky = tmp_path / "shared", tmp_path / "sticky"
    shared.mkdir()
    (shared / "thesis.doc").write_text("")
    shared.chmod(0o755)
    sticky.mkdir()
    sticky.chmod(0o1777)
    for folder, mode in ((shared, 0o755), (sticky, 0o1777)):
        with pytest.raises(SettingsError, match="set STATAGENT_HOME to a folder that is for it alone"):
            build_in(folder)
        assert stat.S_IMODE(folder.stat().st_mode) == mode


def test_another_users_folder_is_no_home_not_even_by_a_link(tmp_path: Path) -> None:
    theirs = Path("/usr")
    if os.geteuid() == 0:
        theirs = tmp_path / "theirs"
        theirs.mkdir(mode=0o700)
        os.chown(theirs, STRANGER, -1)
    (tmp_path / "link").symlink_to(theirs)
    for home in (theirs, tmp_path / "link"):
        with pytest.raises(SettingsError, match="belongs to another user"):
            build_in(home)


@needs_root
def test_another_users_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    os.chown(tmp_path / "link", STRANGER, -1, follow_symlinks=False)
    for home in (tmp_path / "link", tmp_path / "link" / "deeper"):
        with pytest.raises(SettingsError, match="reached by the link"):
            build_in(home)


def test_a_home_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(SettingsError, match="cannot be used: File exists; set STATAGENT_HOME"):
        build_in(tmp_path / "home")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["link to a device", "link to a file", "dangling link", "pipe", "folder"])
def test_what_stands_in_place_of_a_file_of_the_home_is_not_opened(tmp_path: Path, name: str, kind: str) -> None:
    place, outside = tmp_path / "home" / name, tmp_path / "outside"
    outside.write_bytes(b"x" * 32)
    place.parent.mkdir(mode=0o700)
    put: dict[str, Callable[[], None]] = {
        "link to a device": lambda: place.symlink_to("/dev/zero"),
        "link to a file": lambda: place.symlink_to(outside),
        "dangling link": lambda: place.symlink_to(tmp_path / "nowhere"),
        "pipe": lambda: os.mkfifo(place),
        "folder": place.mkdir,
    }
    put[kind]()
    with pytest.raises(SettingsError, match=f"{re.escape(name)} is a link or no plain file"):
        build_in(place.parent)
    assert not (tmp_path / "nowhere").exists()


def test_a_home_behind_a_link_of_its_owner_has_its_key(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "home").symlink_to(tmp_path / "real")
    key = secret_key(tmp_path / "home" / "secret.key")
    assert (len(key), secret_key(tmp_path / "real" / "secret.key")) == (32, key)


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33, b"x" * 10**6])
def test_a_key_of_another_size_is_no_key(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret.key").write_bytes(content)
    with pytest.raises(SecretKeyError, match="Put it aside"):
        secret_key(tmp_path / "secret.key")


def test_a_key_that_is_put_there_while_the_program_runs_is_not_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "secret.key").symlink_to("/dev/zero")
    with pytest.raises(SecretKeyError, match="is a link"):
        secret_key(tmp_path / "secret.key")


def test_what_a_worker_left_is_not_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "result.json").symlink_to("/dev/zero")
    with pytest.raises(OpenError, match="is a link"):
        read_json(tmp_path / "result.json")
    (tmp_path / "log.txt").write_text("first" * 1_000 + "\nlast")
    assert read_end(tmp_path / "log.txt", 5) == b"\nlast"

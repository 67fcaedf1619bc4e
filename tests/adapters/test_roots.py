"""Folders that are never read from, and names that are never suggested."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from adapters.data.base import DataError
from adapters.data.roots import is_root
from adapters.data.sources import resolve_source
from evals.world.home import build_in, used_home
from evals.world.programs import REAL
from runtime.completion import Words
from runtime.settings import SettingsError, read_settings

SPELLINGS = [
    "/", "//", "///", "/.", "/..", "/tmp/..", "//tmp/..", "/proc", "//proc", "/proc/self/cwd", "/proc/self/root",
    "/proc/self/root/tmp", "/proc/self/fd", "/proc/../proc/self", "/dev", "/dev/shm", "/dev/fd", "//dev//shm/", "/sys",
    "/sys/kernel", "/tmp/../sys", "/./dev",
]  # fmt: skip


@pytest.mark.parametrize("root", SPELLINGS)
def test_the_machine_and_its_kernels_folders_are_no_roots(root: str) -> None:
    assert not is_root(Path(root))


@pytest.mark.parametrize("target", ["/", "/proc", "/proc/self/cwd", "/proc/self/root", "/dev/shm", "/sys"])
def test_a_link_to_them_is_no_root(tmp_path: Path, target: str) -> None:
    (tmp_path / "first").symlink_to(target)
    (tmp_path / "second").symlink_to("first")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "third").symlink_to("../second")
    for name in ("first", "second", "folder/third", "folder/../first"):
        assert not is_root(tmp_path / name)


def test_folders_of_data_are_roots(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to("data")
    (tmp_path / "itself").symlink_to("itself")
    for name in (".", "data", "link", "not there yet", "itself"):
        assert is_root(tmp_path / name)
    assert is_root(Path("/home"))
    assert is_root(Path("/process"))


@pytest.mark.parametrize("root", ["/", "//", "/proc/self/cwd"])
def test_a_root_that_is_none_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str) -> None:
    (tmp_path / "table.csv").write_text("a\n1\n")
    monkeypatch.chdir(tmp_path)
    for source in (str(tmp_path / "table.csv"), "table.csv", f"/{tmp_path}/table.csv", "/proc/self/cwd/table.csv"):
        with pytest.raises(DataError, match="outside the folders"):
            resolve_source(source, [Path(root)], tmp_path / "home")


def test_two_slashes_are_one_for_what_is_private_too(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "table.csv").write_text("a\n1\n")
    (tmp_path / "table.csv").write_text("a\n1\n")
    root = Path(f"/{tmp_path}")
    assert resolve_source(f"/{tmp_path}/table.csv", [root], tmp_path / "home") == tmp_path / "table.csv"
    for home in (tmp_path / "home", Path(f"/{tmp_path}/home")):
        with pytest.raises(DataError, match="outside the folders"):
            resolve_source(f"/{tmp_path}/home/table.csv", [root], home)


@pytest.mark.parametrize("root", ["/", "//", "/dev/shm", "/proc/self/cwd", '["/tmp", "/sys"]', "/tmp:/"])
def test_a_setting_that_opens_the_machine_is_refused(monkeypatch: pytest.MonkeyPatch, root: str) -> None:
    monkeypatch.setenv("STATAGENT_ROOTS", root)
    with pytest.raises(SettingsError, match=r"wrong setting: roots: .* name folders of data"):
        read_settings()


def test_who_starts_at_the_top_does_not_open_the_machine(tmp_path: Path) -> None:
    done = subprocess.run(
        [REAL.with_name("statagent"), "tool", "load_dataset", '{"source": "etc/passwd"}'],
        cwd="/",
        env={"HOME": "/", "TMPDIR": "/dev/shm", "STATAGENT_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "outside the folders that may be read" in done.stderr


def test_hidden_files_are_not_suggested(tmp_path: Path) -> None:
    (tmp_path / ".secret.csv").write_text("a\n1\n")
    (tmp_path / "shown.csv").write_text("a\n1\n")
    for source in (tmp_path / "secret.csv", tmp_path):
        with pytest.raises(DataError) as caught:
            resolve_source(str(source), [tmp_path], tmp_path / "home")
        assert "shown.csv" in str(caught.value)
        assert ".secret" not in str(caught.value)


@pytest.mark.parametrize("typed", ["load {}/", "load {}/.", "load {}/.hidden/", "load {}/.hidden/i", "load {}/.s"])
def test_tab_offers_nothing_hidden(tmp_path: Path, typed: str) -> None:
    folder = tmp_path / "data"
    (folder / ".hidden").mkdir(parents=True)
    for name in (".hidden/inside.csv", ".secret.csv", "shown.csv"):
        (folder / name).write_text("a\n1\n")
    session = build_in(used_home(tmp_path / "home"))
    before = typed.format(folder)
    offered = [
        one.display_text for one in Words(session, session.data).get_completions(Document(before), CompleteEvent())
    ]
    session.program.close()
    assert offered == (["shown.csv"] if typed == "load {}/" else [])

"""Negative controls: a guard is broken in a copy of the tree, and a named test there must fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from evals.world.home import ROOT

PACKAGES = ("agent", "tools", "prompts", "adapters", "runtime", "evals", "tests")


@dataclass(frozen=True)
class Guard:
    """A line that protects, what it becomes when broken, and the test that must notice."""

    file: str
    line: str
    broken: str
    test: str


def check_noticed(guard: Guard, folder: Path) -> None:
    """Break the guard in a copy of the tree in `folder`; AssertionError unless its test fails there.

    What is compiled already is copied along: only the broken file has changed, so only it is compiled anew.
    """
    for package in (*PACKAGES, "pyproject.toml"):
        source = ROOT / package
        if source.is_dir():
            shutil.copytree(source, folder / package)
        else:
            shutil.copy(source, folder / package)
    file = folder / guard.file
    text = file.read_text()
    assert text.count(guard.line) == 1, f"{guard.file} holds {guard.line!r} {text.count(guard.line)} times"
    file.write_text(text.replace(guard.line, guard.broken))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-p", "no:xdist", guard.test],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 1, done.stdout[-2000:]
    assert "failed" in done.stdout

"""Negative controls: a guard is broken in a copy of the tree, and a named test there must fail."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from evals.world import warm
from evals.world.home import ROOT

PACKAGES = ("agent", "tools", "prompts", "adapters", "runtime", "evals", "tests")
_TEST_SECONDS = 90


@dataclass(frozen=True)
class Guard:
    """A line that protects, what it becomes when broken, and the test that must notice."""

    file: str
    line: str
    broken: str
    test: str


class Breaker:
    """Breaks guards, one after the other, with one warm process that runs the tests; a context manager."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {**os.environ, "OMP_NUM_THREADS": "1", **environment}

    def __enter__(self) -> Breaker:
        self._process = subprocess.Popen(
            [sys.executable, "-P", warm.__file__],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def check_noticed(self, guard: Guard, folder: Path) -> None:
        """Break the guard in a copy of the tree in `folder`; AssertionError unless its test fails there.

        What is compiled already comes along: only the broken file has changed, so only it is compiled again.
        """
        _copy_tree(folder)
        file = folder / guard.file
        text = file.read_text()
        assert text.count(guard.line) == 1, f"{guard.file} holds {guard.line!r} {text.count(guard.line)} times"
        file.unlink()
        file.write_text(text.replace(guard.line, guard.broken))
        code = self._run(folder, guard.test)
        output = (folder / "output.txt").read_text()
        assert code == 1, f"exit code {code}: {output[-2000:]}"
        assert "failed" in output

    def _run(self, folder: Path, test: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"folder": str(folder), "test": test, "timeout": _TEST_SECONDS}) + "\n")
        self._process.stdin.flush()
        return int(json.loads(self._process.stdout.readline()))


def _copy_tree(folder: Path) -> None:
    """Every file of ours in `folder`: a hard link where the disk allows it, else a copy."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, copy_function=_link)
    _link(str(ROOT / "pyproject.toml"), str(folder / "pyproject.toml"))


def _link(source: str, target: str) -> None:
    with suppress(OSError):
        os.link(source, target)
        return
    shutil.copy2(source, target)

"""Negative controls: a guard is broken in a copy of the tree, and a named test there must fail."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from evals.world.programs import Programs

PACKAGES = ("agent", "tools", "prompts", "adapters", "runtime", "evals", "tests")
ROOT = Path(__file__).parents[2]
IN_A_COPY = "STATAGENT_TEST_COPY"
"""The variable that is set where a test runs in a broken copy of the tree."""
_TEST_SECONDS = 90
_IMPORTED = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"
# pytest's own form of a traceback parses every file that it names: a fifth of a guard's time.
_OPTIONS = ("-x", "-p", "no:xdist", "--assert=plain", "--tb=native", "-W", _IMPORTED, "-o", f"timeout={_TEST_SECONDS}")


@dataclass(frozen=True)
class Guard:
    """A line that protects, what it becomes when broken, and the test that must notice."""

    file: str
    line: str
    broken: str
    test: str


class Breaker:
    """Breaks guards, one after the other; `programs` run the tests, and know nothing of ours."""

    def __init__(self, environment: Mapping[str, str], programs: Programs) -> None:
        self._environment = {**os.environ, "OMP_NUM_THREADS": "1", IN_A_COPY: "1", **environment}
        self._programs = programs

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
        """Run the test in the tree, its output into `folder`/output.txt; pytest's exit code."""
        with (folder / "output.txt").open("w") as output:
            return subprocess.run(
                [self._programs.python, "-P", "-m", "pytest", *_OPTIONS, test],
                cwd=folder, env={**self._environment, "PYTHONPATH": str(folder)},
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False,
            ).returncode  # fmt: skip


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

"""Negative controls: a guard is broken in a copy of the tree, and a named test there must fail."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from evals.world.programs import OURS, Programs

PACKAGES = ("agent", "tools", "prompts", "adapters", "runtime", "evals", "tests")
ROOT = Path(__file__).parents[2]
IN_A_COPY = "STATAGENT_TEST_COPY"
"""The variable that is set where a test runs in a broken copy of the tree: the folder of what starts programs there."""
BARE = "STATAGENT_TEST_BARE"
"""The folder of a `python` that knows nothing of ours."""
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
    """Breaks guards, one after the other, in one copy of the tree; a context manager.

    A warm process has all of that copy imported. The child that runs a guard's test takes over what was broken, and so
    does what the test starts: the bodies of functions, or where more is broken the module, imported anew with all that
    stands on it.
    """

    def __init__(self, environment: Mapping[str, str], bare: Programs, folder: Path) -> None:
        self.tree = folder
        self._programs = Programs(*OURS, "evals.world", "evals.world.first_database:first_database", root=folder)
        self._environment = {**os.environ, "OMP_NUM_THREADS": "1", BARE: str(bare.folder), **environment}
        self._n_broken = 0

    def __enter__(self) -> Breaker:
        _copy_tree(self.tree)
        self._programs.__enter__()
        self._environment |= {IN_A_COPY: str(self._programs.folder), "PYTHONPATH": str(self.tree)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._programs.__exit__(kind, error, trace)

    def check_noticed(self, guard: Guard, folder: Path) -> None:
        """Break the guard in the copy, its test's output in `folder`; AssertionError unless the test fails there.

        Where it does not, it must with the module imported anew: it may have done its work on import.
        """
        for is_anew in (False, True):
            with self.broken(guard, is_anew), (folder / "output.txt").open("w+") as output:
                code = self.run(["-m", "pytest", *_OPTIONS, guard.test], output).returncode
                output.seek(0)
                told = output.read()
            if code == 1:
                break
        assert code == 1, f"exit code {code}: {told[-2000:]}"
        assert "failed" in told

    def run(self, words: Sequence[str], output: IO[str]) -> subprocess.CompletedProcess[bytes]:
        """Run `python -P ...` in the copy, as it is at the moment."""
        return subprocess.run(
            [self._programs.python, "-P", *words], cwd=self.tree, env=self._environment,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip

    @contextmanager
    def broken(self, guard: Guard, is_anew: bool = False) -> Iterator[None]:
        """Break the guard in the copy, until the end of the block; `is_anew`: to be imported anew in any case."""
        file, told = self.tree / guard.file, self._programs.folder / "broken"
        text = file.read_text()
        assert text.count(guard.line) == 1, f"{guard.file} holds {guard.line!r} {text.count(guard.line)} times"
        whole = file.rename(file.with_name(f"{file.name}.whole"))
        try:
            file.write_text(text.replace(guard.line, guard.broken))
            self._n_broken += 1
            # Python knows what it compiled by the time and the size of the file: no two breaks have the same.
            os.utime(file, (self._n_broken, self._n_broken))
            told.write_text(f"{module_of(guard.file)}\n{'' if is_anew else whole}")
            yield
        finally:
            told.unlink(missing_ok=True)
            whole.replace(file)


def module_of(file: str) -> str:
    """The module that a file of the tree is, if it is one."""
    return file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


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

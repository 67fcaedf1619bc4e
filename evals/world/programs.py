"""`statagent` and `python` as files that are started like the real ones, and need no time to import."""

from __future__ import annotations

import marshal
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from evals.world import stand_in

OURS = ("agent", "tools", "prompts", "adapters", "runtime")
_END_SECONDS = 30
REAL = Path(sys.prefix) / "bin" / "python"
"""The interpreter itself, also where `sys.executable` is a stand-in for it."""


class Programs:
    """A folder with the two, and the warm process that they ask; a context manager. Outside it they are the real ones.

    Parameters
    ----------
    wanted : str
        Packages of ours that the warm process imports, and what it calls, as `warm.py` has it. With none, `python`
        knows nothing of ours.
    root : Path
        A copy of the tree that ours are imported from.
    folder : Path
        Of stand-ins that are there already: outside the context manager the two are those.
    place : Path
        An empty folder for the two, in which others look for them; by default they make one.
    """

    def __init__(
        self, *wanted: str, root: Path | None = None, folder: Path = REAL.parent, place: Path | None = None
    ) -> None:
        self._wanted = wanted
        self._root = root
        self._place = place
        self.folder = folder

    def __enter__(self) -> Programs:
        self.folder = self._place or Path(tempfile.mkdtemp(prefix="warm_"))
        text = f"#!{REAL} -IS\n{Path(stand_in.__file__).read_text(encoding='utf-8')}"
        for program in map(Path, (self.statagent, self.python)):
            program.write_text(text, encoding="utf-8")
            program.chmod(0o700)
        found = {} if self._root is None else {"PYTHONPATH": str(self._root)}
        (self.folder / "start").write_bytes(marshal.dumps(stand_in.at_start(os.environ)))
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(self.folder / "door"))
            door.listen()
            self._process = subprocess.Popen(
                [REAL, "-P", "-m", "evals.world.warm", str(door.fileno()), self.folder, *self._wanted],
                # A library's own threads would be missing in the children.
                env={**os.environ, "OMP_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false", **found},
                stdin=subprocess.PIPE,
                pass_fds=[door.fileno()],
            )
        return self

    @property
    def statagent(self) -> str:
        """What stands in for the command."""
        return str(self.folder / "statagent")

    @property
    def python(self) -> str:
        """What stands in for Python: `-m MODULE` or a file, behind -P and -E."""
        return str(self.folder / "python")

    def wait(self) -> None:
        """Wait until everything is imported: what has a limit of time may start then."""
        subprocess.run([self.python, os.devnull], check=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._process.communicate(timeout=_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise


@contextmanager
def children_by(python: str | Path) -> Iterator[None]:
    """Children that this process starts with `sys.executable`, as it does queries and trainings, get `python`."""
    before = sys.executable
    sys.executable = str(python)
    try:
        yield
    finally:
        sys.executable = before

"""A Python elsewhere: it finds some packages and the standard library alone, and runs scripts with those imported.

Importing them takes ten times as long as a script does with them. Every script is run in a child of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

SERVES = """
import importlib, json, os, runpy, sys, traceback, warnings
for name in sys.argv[1:]:
    importlib.import_module(name)
for line in sys.stdin:
    folder, said, words = json.loads(line)
    child = os.fork()
    if child:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    os.chdir(folder)
    os.dup2(os.open(said, os.O_WRONLY), 2)
    sys.argv, sys.path[0] = words, folder
    code = 1
    try:
        runpy.run_path(words[0], run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    os._exit(code)
"""


@dataclass(frozen=True)
class Ran:
    """How a script ended, and what it said on standard error."""

    code: int
    said: str


class Elsewhere:
    """A context manager; `site` is the folder of the packages, `imports` what is imported before the first script."""

    def __init__(self, site: Path, imports: Sequence[str], environment: Mapping[str, str]) -> None:
        self.site = site
        self._imports = imports
        self._environment = {"PYTHONPATH": str(site), "PATH": os.environ["PATH"], **environment}

    def __enter__(self) -> Elsewhere:
        self._process = subprocess.Popen(
            [Path(sys.prefix) / "bin" / "python", "-S", "-W", "error", "-c", SERVES, *self._imports],
            # A library's own threads would be missing in the children.
            env={**self._environment, "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return self

    def run(self, folder: Path, words: Iterable[str]) -> Ran:
        """Run the script that the first word names, in that folder."""
        said = folder / "said.txt"
        said.write_text("")
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(folder), str(said), list(words)]) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        text = said.read_text(encoding="utf-8")
        said.unlink()
        return Ran(code, text)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=30)

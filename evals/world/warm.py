"""A process with the libraries imported and nothing of ours: it forks a child for each test of a broken tree.

Importing takes most of the time of a short test. Run as `python -P warm.py`: orders come in on standard input, exit
codes leave on standard output, one a line, JSON both. It imports nothing of ours: a child takes that from its own tree.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import traceback
from pathlib import Path

LIBRARIES = """
    anthropic duckdb httpx hypothesis.strategies jinja2 numpy pandas prompt_toolkit psycopg pyarrow.parquet pydantic
    rich scipy.optimize scipy.stats sklearn.ensemble sklearn.linear_model sklearn.model_selection sklearn.pipeline
    skops.io sqlalchemy sqlalchemy.orm statsmodels.api typer yaml
""".split()

_IMPORTED = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"


def serve() -> None:
    """Answer orders `{folder, test, timeout}` until standard input ends; each answer is pytest's exit code."""
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.freeze()  # what is there already is no garbage: the children need not look through it
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _run(Path(order["folder"]), order["test"], order["timeout"])
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps(os.waitstatus_to_exitcode(status)) + "\n")
        sys.stdout.flush()


def _run(folder: Path, test: str, timeout: int) -> None:
    """In the child: run one test of the tree in `folder`, its output into `folder`/output.txt, and leave."""
    os.setsid()
    os.chdir(folder)
    output = os.open(folder / "output.txt", os.O_WRONLY | os.O_CREAT, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, null), (1, output), (2, output)):
        os.dup2(source, target)
    os.environ["PYTHONPATH"] = str(folder)
    sys.path.insert(0, str(folder))
    code = 70
    try:
        import pytest

        code = int(
            pytest.main(["-x", "-p", "no:xdist", "--assert=plain", "-W", _IMPORTED, "-o", f"timeout={timeout}", test])
        )
    finally:  # whatever happened, the child must not go on as the server
        traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()

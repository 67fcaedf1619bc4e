"""The tests' own PostgreSQL server ends with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.world.home import ROOT
from evals.world.pace import Limit
from evals.world.postgres import postgres_server
from evals.world.programs import children_by

HOLD = """
import sys
from evals.world.postgres import postgres_server
with postgres_server(None) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the user may enter whom the server runs as, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, None])
def test_a_server_ends_with_its_test_run(open_folder: Path, number: int | None) -> None:
    environment = {**os.environ, "TMPDIR": str(open_folder), "PYTHONPATH": str(ROOT)}
    run = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=ROOT
    )
    assert run.stdout is not None
    assert run.stdout.readline()
    [folder] = open_folder.glob("statagent_pg_*")
    pid = int((folder / "pg" / "postmaster.pid").read_text().split()[0])
    assert is_running(pid)
    if number is not None:
        run.send_signal(number)
    run.communicate(timeout=100)
    limit = Limit(20)
    while (is_running(pid) or folder.exists()) and not limit.is_over():
        time.sleep(0.05)
    assert not is_running(pid)
    assert not folder.exists()


def test_what_ends_it_is_a_process_of_its_own(tmp_path: Path) -> None:
    """A stand-in would end with the warm process, and before it had cleaned up."""
    with children_by(tmp_path / "no stand-in"), postgres_server(None) as url:
        assert url

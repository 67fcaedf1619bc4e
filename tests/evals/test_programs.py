"""What stands in for `statagent` and `python` is, seen from outside, the very program."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from evals.world.home import PENGUINS, ROOT, wait_until
from evals.world.programs import Programs, children_by
from evals.world.typed import terminal

REAL = Path(sys.executable).parent
WAITS = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
TELLS = """
import os, sys, threading, time
mask = os.umask(0)
ends = [None if s is None else (s.encoding, s.errors, s.isatty(), s.line_buffering, s.newlines)
        for s in (sys.stdin, sys.stdout, sys.stderr)]
descriptors = [end for end in range(3, 30) if os.path.exists(f"/proc/self/fd/{end}") and os.path.isfile(
    os.path.realpath(f"/proc/self/fd/{end}")) and not os.path.realpath(f"/proc/self/fd/{end}").endswith(".py")]
lines = [sys.argv[1:], os.getcwd(), oct(mask), ends, descriptors, time.tzname, sys.stdin and sys.stdin.read(),
         sys.executable, threading.active_count(), sorted(os.environ.items())]
open(os.environ["TOLD"], "w").write(chr(10).join(map(repr, lines)))
sys.exit(int(sys.argv[1]))
"""


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "script.py"
    path.write_text(text)
    return str(path)


def both(programs: Programs, tmp_path: Path, words: list[str], **more: Any) -> list[tuple[int, str]]:
    """How the real `python` and the one that stands in for it end, and what they tell of themselves."""
    found = []
    for python in (REAL / "python", programs.python):
        told = tmp_path / "told"
        environment = {**os.environ, "CANARY": "ä", "TZ": "Asia/Tokyo", "TOLD": str(told)}
        done = subprocess.run([python, *words], cwd=tmp_path, env=environment, umask=0o31, check=False, **more)
        found.append((done.returncode, told.read_text()))
    return found


@pytest.mark.parametrize("code", [0, 3, 255])
def test_its_words_folder_environment_mask_ends_and_exit_are_its_own(
    programs: Programs, tmp_path: Path, code: int
) -> None:
    words = [write(tmp_path, TELLS), str(code), "ä", b"\xff".decode(errors="surrogateescape"), ""]
    real, stand_in = both(programs, tmp_path, words, input="ä\r\nb", encoding="utf-8", capture_output=True)
    assert stand_in == real
    assert real[0] == code
    assert "'JST'" in real[1]


@pytest.mark.parametrize("ends", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_end_is_closed(programs: Programs, tmp_path: Path, ends: str) -> None:
    script = write(tmp_path, TELLS)
    words = ["-c", f'"$1" {script} 0 {ends}', "sh"]
    found = []
    for python in (REAL / "python", programs.python):
        told = tmp_path / "told"
        environment = {**os.environ, "TOLD": str(told)}
        subprocess.run(["/bin/sh", *words, python], env=environment, check=True, stdin=subprocess.DEVNULL)
        found.append(told.read_text())
    assert found[0] == found[1]
    assert "None" in found[0]


def test_a_terminal_is_one(programs: Programs, tmp_path: Path) -> None:
    script = write(tmp_path, "import os, sys; sys.exit(sum(os.isatty(end) << end for end in range(3)))")
    with terminal() as (_, its):
        for ends, code in (((its, its, its), 7), ((its, None, its), 5), ((None, its, None), 2)):
            stdin, stdout, stderr = (subprocess.DEVNULL if end is None else end for end in ends)
            done = subprocess.run(
                [programs.python, script], stdin=stdin, stdout=stdout, stderr=stderr, timeout=100, check=False
            )
            assert done.returncode == code


def start(programs: Programs, tmp_path: Path) -> tuple[subprocess.Popen[str], psutil.Process]:
    command = [programs.python, write(tmp_path, WAITS)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    return process, psutil.Process(int(process.stdout.readline()))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_to_it_ends_the_command(programs: Programs, tmp_path: Path, number: signal.Signals) -> None:
    process, child = start(programs, tmp_path)
    process.send_signal(number)
    process.communicate(timeout=100)
    assert process.returncode == -number
    wait_until(lambda: not child.is_running())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_command_that_a_signal_ends_ends_it_so(programs: Programs, tmp_path: Path, number: signal.Signals) -> None:
    process, child = start(programs, tmp_path)
    child.send_signal(number)
    process.communicate(timeout=100)
    assert process.returncode == -number


def test_an_error_is_told_as_python_tells_it(programs: Programs, tmp_path: Path) -> None:
    command = [programs.python, write(tmp_path, "import sys; print('a', end='')\nsys.stderr.write('b'); 1 / 0")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout) == (1, "a")
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")
    command = [programs.python, write(tmp_path, "import sys; sys.exit('it is so')")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stderr) == (1, "it is so\n")


def test_what_cannot_be_written_at_the_end_is_told(programs: Programs, tmp_path: Path) -> None:
    script = write(tmp_path, "print('a' * 10)")
    for python in (REAL / "python", programs.python):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run([python, script], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert done.stderr.splitlines()[-1] == "OSError: [Errno 28] No space left on device"
        assert done.returncode in (1, 120)


def test_what_only_a_start_reads_gets_a_start(programs: Programs, tmp_path: Path) -> None:
    command = [programs.python, write(tmp_path, "import sys; print(sys.stdout.encoding, 'scipy' in sys.modules)")]
    for more, told in (({"PYTHONIOENCODING": "latin-1"}, "iso8859-1 False"), ({}, "utf-8 True")):
        done = subprocess.run(command, env=os.environ | more, capture_output=True, text=True, timeout=60, check=True)
        assert done.stdout.strip().lower() == told.lower()


def test_code_on_the_command_line_gets_a_start(programs: Programs) -> None:
    command = [programs.python, "-P", "-c", "import sys; print('scipy' in sys.modules, sys.argv)", "a"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False ['-c', 'a']\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_what_is_written_waits_as_it_would(programs: Programs, tmp_path: Path, unbuffered: str) -> None:
    script = write(tmp_path, "import os, sys; print(sys.stdout.write_through, flush=True); print(2); os._exit(0)")
    told = []
    for python in (REAL / "python", programs.python):
        environment = {"PYTHONUNBUFFERED": unbuffered}
        told.append(subprocess.run([python, script], env=environment, capture_output=True, check=True).stdout)
    assert told[0] == told[1] == (b"True\n2\n" if unbuffered else b"False\n")


def test_a_command_with_a_session_of_its_own_leads_it(programs: Programs, tmp_path: Path) -> None:
    command = [programs.python, write(tmp_path, WAITS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert (os.getsid(child), os.getpgid(child)) == (child, child)
        os.killpg(child, signal.SIGTERM)
        assert process.wait(30) == -signal.SIGTERM


@pytest.mark.parametrize("module", ["runtime.worker", "adapters.data.query_worker", "adapters.data.expression_worker"])
def test_a_module_that_is_there_already_is_run_as_in_a_fresh_process(programs: Programs, module: str) -> None:
    told = []
    for python in (REAL / "python", programs.python):
        with children_by(python):
            command = [sys.executable, "-P", "-m", module, "/nowhere"]
        environment = {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, input="no JSON", capture_output=True, text=True, check=False)
        told.append((done.returncode, done.stdout, done.stderr.splitlines()[-1]))
        assert "sys.modules" not in done.stderr
    assert told[0] == told[1]
    assert told[0][0] == 1


def test_what_a_module_starts_is_started_by_the_same_stand_in(programs: Programs, tmp_path: Path) -> None:
    (tmp_path / "starter.py").write_text("import sys; print(sys.executable)")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [programs.python, "-P", "-m", "starter"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == programs.python


def test_a_child_queries_and_trains_as_a_fresh_process_does(programs: Programs, tmp_path: Path) -> None:
    script = f"""
import duckdb, numpy as np, pandas as pd, pyarrow.csv as csv
from sklearn.ensemble import RandomForestClassifier
read = "FROM read_csv('{PENGUINS}', nullstr='NA')"
rows = duckdb.sql(f"SELECT avg(body_mass_g) AS m {{read}} GROUP BY species ORDER BY 1").fetchall()
table = csv.read_csv("{PENGUINS}").to_pandas()
table = table[table["sex"].isin(["male", "female"])]
X, y = table[["bill_length_mm", "body_mass_g"]].astype(float), table["species"]
forest = RandomForestClassifier(30, random_state=1, n_jobs=2).fit(X, y)
chances = forest.predict_proba(X)
print(rows, chances.sum(axis=0).tolist(), np.linalg.svd(X.to_numpy())[1].tolist())
"""
    told = []
    for python in (REAL / "python", programs.python):
        command = [python, write(tmp_path, script)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
        told.append(done.stdout)
    assert told[0] == told[1]
    # The means of the palmerpenguins package's own vignette.
    assert "3700.66225" in told[0]


def test_two_children_are_not_given_the_same_chance(programs: Programs, tmp_path: Path) -> None:
    command = [programs.python, write(tmp_path, "import random, numpy; print(random.random(), numpy.random.rand())")]
    told = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() for _ in range(2)]
    assert set(told[0]).isdisjoint(told[1])


@pytest.mark.parametrize("end", [lambda pid: os.kill(pid, signal.SIGKILL), lambda pid: os.killpg(pid, signal.SIGTERM)])
def test_the_warm_process_and_its_folder_go_with_a_killed_test_run(tmp_path: Path, end: Callable[[int], None]) -> None:
    script = f"""
import subprocess, sys, time
from evals.world.programs import Programs, children_by
with Programs() as programs:
    command = [programs.python, {write(tmp_path, WAITS)!r}]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    print(programs.folder, programs._process.pid, child.stdout.readline(), flush=True)
    time.sleep(60)
"""
    run = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert run.stdout is not None
    folder, *pids = run.stdout.readline().split()
    warm, child = (psutil.Process(int(pid)) for pid in pids)
    end(run.pid)
    run.communicate()
    wait_until(lambda: not warm.is_running() and not child.is_running() and not Path(folder).exists())


@pytest.mark.parametrize("said", ["nothing", "its size", "half of it"])
def test_a_stand_in_that_is_killed_as_it_comes_is_forgotten(programs: Programs, tmp_path: Path, said: str) -> None:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(programs.folder / "door"))
        if said != "nothing":
            socket.send_fds(caller, [(1000).to_bytes(8, sys.byteorder)], [0])
        if said == "half of it":
            caller.sendall(b"x" * 500)
    subprocess.run([programs.python, write(tmp_path, "")], check=True, timeout=100)


def test_it_is_used(programs: Programs, tmp_path: Path) -> None:
    environment = os.environ | {"STATAGENT_HOME": str(tmp_path / "home")}
    command = [programs.statagent, "tool", "load_dataset", json.dumps({"source": str(PENGUINS)})]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["rows"] == 344

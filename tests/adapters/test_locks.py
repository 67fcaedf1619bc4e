"""A lock on a file: one holder at a time among programs, free at a holder's death, and no file is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from adapters.store.locks import file_lock

ADDS = """
import sys, time
from pathlib import Path
from adapters.store.locks import file_lock

place = Path(sys.argv[1])
for _ in range(100):
    while True:
        with file_lock(place / "locks" / "it.lock") as is_free:
            if is_free():
                number = int((place / "number").read_text())
                time.sleep(0.0005)
                (place / "number").write_text(str(number + 1))
                break
"""
HOLDS = """
import sys, time
from pathlib import Path
from adapters.store.locks import file_lock

with file_lock(Path(sys.argv[1])) as is_free:
    print(is_free(), flush=True)
    time.sleep(100)
"""


def test_programs_take_turns_and_leave_no_file(tmp_path: Path) -> None:
    (tmp_path / "number").write_text("0")
    running = [subprocess.Popen([sys.executable, "-c", ADDS, str(tmp_path)]) for _ in range(4)]
    assert [process.wait(timeout=100) for process in running] == [0] * 4
    assert (tmp_path / "number").read_text() == "400"
    assert not list((tmp_path / "locks").iterdir())


def test_the_death_of_its_holder_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "it.lock"
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with file_lock(path) as is_free:
            assert not is_free()
            holder.kill()
            holder.wait()
            assert is_free()
            assert is_free()
    assert not path.exists()


def test_whoever_waited_while_the_file_was_taken_away_holds_what_others_see(tmp_path: Path) -> None:
    path = tmp_path / "it.lock"
    with file_lock(path) as second:
        with file_lock(path) as first:
            assert first()
            assert not second()
        assert not path.exists()
        with file_lock(path) as third:
            assert second()
            assert not third()
    assert not path.exists()

"""What a killed run leaves is gone after the next start; what lives, or is no leftover, stays (threats 63 and 75)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.data.base import LoadOptions
from adapters.data.duck import DuckData
from adapters.data.workplace import NAME, workplace
from adapters.store.database import StoreError, open_sqlite
from adapters.store.datasets import DatasetTable
from evals.world.files import stored_files, watch
from evals.world.home import PENGUINS, ROOT, build_in, settings_in, wait_until
from runtime.doctor import examine

LOADS = """
import sys
from pathlib import Path
from evals.world.home import build_in
session = build_in(Path(sys.argv[1]))
session.call_tool("load_dataset", '{"source": "%s"}' % sys.argv[2], None)
print("done", flush=True)
"""


def start(home: Path, source: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", LOADS, str(home), str(source)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def workplaces(home: Path) -> list[Path]:
    return [path for path in home.rglob("run_*") if NAME.fullmatch(path.name)]


def open_again(home: Path) -> list[str]:
    notes: list[str] = []
    build_in(home, tell=notes.append).program.close()
    return notes


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.csv"
    path.write_text("a,b,c\n" + "1,2.5,word\n" * 3_000_000)
    return path


def test_a_killed_load_leaves_nothing_after_the_next_start(tmp_path: Path, large: Path) -> None:
    home = tmp_path / "home"
    run = start(home, large)
    # Its copy is whole, and the table is being written.
    wait_until(lambda: any(path.suffix == ".part" for path in home.rglob("run_*/*")))
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert workplaces(home) != []
    (note,) = open_again(home)
    assert note.startswith("removed what stopped or killed work had left half done: 2 files and folders, ")
    assert workplaces(home) == []
    assert stored_files(home) == []
    assert open_again(home) == []


def test_a_run_that_lives_loses_nothing(tmp_path: Path, large: Path) -> None:
    home = tmp_path / "home"
    run = start(home, large)
    wait_until(lambda: any(path.suffix == ".part" for path in home.rglob("run_*/*")))
    while run.poll() is None:
        assert open_again(home) == []
    assert run.communicate()[0] == "done\n"
    assert [dataset.rows for dataset in build_in(home).data.all()] == [3_000_000]


def test_a_workplace_is_taken_for_dead_only_when_it_is(tmp_path: Path) -> None:
    home = tmp_path / "home"
    open_again(home)
    with workplace(home / "data" / "user_local") as place:
        (place / "half.part").write_text("x")
        assert open_again(home) == []
        assert (place / "half.part").exists()
    assert not place.exists()


def test_what_a_dead_run_left_is_swept_and_what_a_row_names_is_not(tmp_path: Path) -> None:
    home = tmp_path / "home"
    session = build_in(home)
    session.call_tool("load_dataset", json.dumps({"source": str(PENGUINS)}), None)
    (named,) = (dataset.dataset_id for dataset in session.data.all())
    session.program.close()
    folder = home / "data" / "user_local"
    kept = sorted(folder.iterdir())
    for name in ("0123456789abcdef.duckdb", "0123456789abcdef.duckdb.wal", "aa.part", "aa.part.wal", "t.utf8.part"):
        (folder / name).write_bytes(b"x" * 1_000_000)
    # The dataset's own run died right after it had written the row.
    for name in ("bb.part", "cc.fetched", "child_dd", "ee.spill", "run_0123456789abcdef", f"run_{named}"):
        (folder / name).mkdir()
        (folder / name / "half.csv").write_bytes(b"x" * 1_000_000)
    (folder / "notes.txt").write_text("a person's own")
    (home / "models" / "user_local" / "run_0123456789abcdef").mkdir(parents=True)
    assert open_again(home) == ["removed what stopped or killed work had left half done: 12 files and folders, 11.0 MB"]
    assert sorted(folder.iterdir()) == sorted([*kept, folder / "notes.txt"])
    assert list((home / "models" / "user_local").iterdir()) == []


@pytest.mark.parametrize("lost", ["gone", "empty", "earlier"])
def test_a_lost_database_takes_no_dataset_and_no_model_along(tmp_path: Path, lost: str) -> None:
    home = tmp_path / "home"
    build_in(home).program.close()
    database = home / "statagent.db"
    earlier = database.read_bytes()
    session = build_in(home)
    session.call_tool("load_dataset", json.dumps({"source": str(PENGUINS)}), None)
    session.program.close()
    model = home / "models" / "user_local" / "ridge_y_000000"
    model.mkdir(parents=True)
    (model / "model.sig").write_text("{}")
    (home / "jobs" / "unknown" / "out").mkdir(parents=True)
    for path in home.glob("statagent.db*"):
        path.unlink()
    if lost != "gone":
        database.write_bytes(earlier if lost == "earlier" else b"")
    assert open_again(home) == []
    assert stored_files(home) == [".duckdb"]
    assert (model / "model.sig").exists()
    assert (home / "jobs" / "unknown" / "out").exists()
    (found,) = (one for one in examine(settings_in(home)) if one.name == "leftovers")
    assert found.state == "off"
    assert found.detail.startswith("2 datasets and models, ")


def test_nothing_is_swept_through_a_link(tmp_path: Path) -> None:
    home, theirs = tmp_path / "home", tmp_path / "theirs"
    open_again(home)
    theirs.mkdir()
    (theirs / "aa.part").write_text("theirs")
    (home / "data").mkdir(exist_ok=True)
    (home / "data" / "user_local").symlink_to(theirs)
    (home / "models" / "user_local").mkdir(parents=True)
    (home / "models" / "user_local" / "run_0123456789abcdef").symlink_to(theirs)
    open_again(home)
    assert (theirs / "aa.part").read_text() == "theirs"


def test_another_database_does_not_make_the_files_nobodys(tmp_path: Path, postgres_server_url: str) -> None:
    from evals.world.postgres import empty_database

    home = tmp_path / "home"
    session = build_in(home)
    session.call_tool("load_dataset", json.dumps({"source": str(PENGUINS)}), None)
    session.program.close()
    with empty_database(postgres_server_url) as url:
        build_in(home, database_url=url).program.close()
    assert stored_files(home) == [".duckdb"]


def test_a_full_disk_at_the_last_step_leaves_no_file_without_a_row(tmp_path: Path) -> None:
    """The database is at the largest size that it may have: SQLite itself says that the disk is full."""
    database = open_sqlite(tmp_path / "home" / "s.db")
    data = DuckData(DatasetTable(database), "ann", tmp_path / "home", [PENGUINS.parent], lambda: datetime.now(UTC))

    def fill(raw: sa.engine.interfaces.DBAPIConnection, record: object) -> None:
        raw.cursor().execute("PRAGMA max_page_count = 1")

    database.close()
    sa.event.listen(database.engine, "connect", fill)

    def load_until_full() -> None:
        for number in range(40):
            data.load(str(PENGUINS), f"p{number}", LoadOptions(), watch())

    with pytest.raises(StoreError, match="full"):
        load_until_full()
    assert len(stored_files(tmp_path / "home")) == len(data.all())
    assert workplaces(tmp_path / "home") == []


def test_only_a_half_written_result_that_is_old_is_swept(tmp_path: Path) -> None:
    home = tmp_path / "home"
    open_again(home)
    folder = home / "artifacts" / "user_local"
    folder.mkdir(parents=True)
    for name in ("old.part", "new.part", "old.csv"):
        (folder / name).write_text("x")
    for name in ("old.part", "old.csv"):
        os.utime(folder / name, (0, 0))
    assert len(open_again(home)) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["new.part", "old.csv"]

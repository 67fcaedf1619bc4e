"""How much of the disk data may take: a quota for each owner, what stays free (threat 63), a disk that is full (75)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.data.base import DataError, LoadOptions
from adapters.data.disk_room import DiskRules
from adapters.data.duck import DuckData
from adapters.store.database import open_sqlite
from adapters.store.datasets import DatasetTable
from evals.world.files import stored_files, watch
from evals.world.home import PENGUINS, ROOT
from evals.world.programs import REAL

MIB = 2**20


def data_of(home: Path, owner: str = "ann", **rules: Any) -> DuckData:
    rows = DatasetTable(open_sqlite(home / "s.db"))
    roots = [PENGUINS.parent, home.parent]
    return DuckData(rows, owner, home, roots, lambda: datetime.now(UTC), disk=DiskRules(**rules))


def load_many(data: DuckData, n: int) -> None:
    for number in range(n):
        data.load(str(PENGUINS), f"p{number}", LoadOptions(), watch())


def test_one_owner_takes_no_more_than_the_quota(tmp_path: Path) -> None:
    ann, bob = (data_of(tmp_path / "home", owner, max_owner_bytes=3 * MIB) for owner in ("ann", "bob"))
    with pytest.raises(DataError, match=r"your data take .* of the 3.0 MiB that they may \(max_owner_bytes\)"):
        load_many(ann, 9)
    assert 1 < len(ann.all()) < 9
    assert sum(dataset.path.stat().st_size for dataset in ann.all()) <= 3 * MIB
    assert len(stored_files(tmp_path / "home")) == len(ann.all())
    load_many(bob, 1)


@pytest.mark.parametrize(
    "come",
    [
        lambda data: data.load(str(PENGUINS), "again", LoadOptions(), watch()),
        lambda data: data.receive("t.csv", [b"a\n1\n"], watch()),
        lambda data: data.save_query("SELECT * FROM p0", "late", 1, watch()),
        lambda data: data.transform("p0", [], "late", watch()),
    ],
)
@pytest.mark.parametrize("full", ["disk", "quota"])
def test_nothing_comes_in_where_there_is_no_room(tmp_path: Path, come: Callable[[DuckData], object], full: str) -> None:
    home = tmp_path / "home"
    load_many(data_of(home), 1)
    before = stored_files(home)
    free = shutil.disk_usage(tmp_path).free
    narrow = data_of(home, min_free_bytes=2 * free) if full == "disk" else data_of(home, max_owner_bytes=1)
    with pytest.raises(DataError, match=r"not fit|nothing more fits"):
        come(narrow)
    assert stored_files(home) == before


def test_a_file_that_is_too_large_is_refused_before_it_is_copied(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(10**13)
    with pytest.raises(DataError, match=r"9,536,743.2 MiB more do not fit"):
        data_of(tmp_path / "home").load(str(large), None, LoadOptions(), watch())
    assert stored_files(tmp_path / "home") == []


ON_A_SMALL_DISK = """
mount -t tmpfs -o size=24m none "$1" && exec "$2" -c '
import json, sys
from pathlib import Path
from typing import Any
from adapters.data.base import DataError
from evals.world.home import PENGUINS, build_in
from tools.errors import ToolError
session = build_in(Path(sys.argv[1]) / "home", roots=(Path(sys.argv[2]).parent,), min_free_bytes=0)
try:
    session.call_tool("load_dataset", json.dumps({"source": sys.argv[2]}), None)
except (ToolError, DataError) as error:
    print(error)
print(sorted(p.name for p in Path(sys.argv[1]).rglob("*") if p.suffix in (".csv", ".part", ".duckdb", ".wal")))
' "$1" "$3"
"""


@pytest.mark.parametrize("mib", [21, 30])
def test_a_disk_that_fills_up_while_loading_is_a_sentence_and_is_left_empty(tmp_path: Path, mib: int) -> None:
    """On a real file system of 24 MiB, in a name space of its own: the copy, or the table behind it, does not fit."""
    disk, large = tmp_path / "disk", tmp_path / "large.csv"
    disk.mkdir()
    rows = (f"{i * 7919 % 10_007},{i * 104_729 % 1_000_003 / 7}\n" for i in range(mib * 42_000))
    large.write_text("a,b\n" + "".join(rows))
    command = ["unshare", "-Urm", "sh", "-c", ON_A_SMALL_DISK, "sh", str(disk), str(REAL), str(large)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=80, check=False)
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("no name spaces here")
    assert done.returncode == 0, done.stderr
    sentence, left = done.stdout.splitlines()
    assert "large.csv" in sentence or "the disk has" in sentence
    assert left == "[]"

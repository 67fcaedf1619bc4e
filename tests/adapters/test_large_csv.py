"""Files beyond the sniffer's sample: types that hold in every row, progress, and a stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.data import inner_rows, reading
from adapters.data.base import Cancelled, LoadOptions, Watch
from adapters.data.duck import DuckData
from adapters.records import Dataset
from evals.bench.table import write_csv
from evals.world.files import Load, stored_files, watch
from evals.world.pace import is_within

N_ROWS = 60_000

LATE: dict[str, tuple[str, str, str, str]] = {
    # what the head says, the value of row 50,000, the type that holds, the value as it is then
    "a fraction among whole numbers": ("7", "1.5", "number", "1.5"),
    "a leading zero among whole numbers": ("7", "007", "text", "007"),
    "a plus among whole numbers": ("7", "+8", "integer", "8"),
    "a word among whole numbers": ("7", "x", "text", "x"),
    "a large number among small ones": ("7", "123456789012345678", "integer", "123456789012345678"),
    "a word among fractions": ("7.5", "x", "text", "x"),
    "a number after nothing": ("", "5", "integer", "5"),
    "a time among dates": ("2024-01-31", "2024-02-01 10:30:00", "datetime", "2024-02-01 10:30:00"),
    "a day beyond twelve": ("01/02/2024", "25/02/2024", "date", "2024-02-25"),
    "a number among truths": ("true", "2", "text", "2"),
    "nothing else": ("2024-01-31 10:00:00", "2024-01-31 10:00:01", "datetime", "2024-01-31 10:00:01"),
    "whole numbers": ("7", "8", "integer", "8"),
}


@pytest.fixture(params=[0, 2**40], ids=["proven", "slow way"])
def large_bytes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Both ways to the types, whatever the file's size."""
    monkeypatch.setattr(reading, "LARGE_BYTES", request.param)
    return int(request.param)


@pytest.mark.parametrize("late", LATE)
def test_a_late_row_decides_a_columns_type(load: Load, data: DuckData, large_bytes: int, late: str) -> None:
    head, value, kind, shown = LATE[late]
    rows = [f"{head},{i}" for i in range(N_ROWS)]
    rows[50_000] = f"{value},50000"
    dataset = load("t.csv", ("v,i\n" + "\n".join(rows) + "\n").encode())
    assert [(column.type, column.missing) for column in dataset.columns][1] == ("integer", 0)
    assert dataset.columns[0].type == kind
    with data.open("t") as table:
        assert table.fetch("SELECT CAST(v AS VARCHAR) FROM data WHERE _row = 50000") == [(shown,)]
        assert table.fetch("SELECT count(*), min(i), max(i), sum(_row - i) FROM data") == [(N_ROWS, 0, N_ROWS - 1, 0)]


def test_both_ways_give_the_same_table(data: DuckData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "files" / "bench.csv"
    write_csv(path, 15 * 10**6)
    found: list[Dataset] = []
    # The same file both ways: from 0 bytes on it is proven, up to 2^40 it is read the slow way.
    for name, large in (("proven", 0), ("slow", 2**40)):
        monkeypatch.setattr(reading, "LARGE_BYTES", large)
        found.append(data.load(str(path), name, LoadOptions(), watch()))
    assert found[0].columns == found[1].columns
    assert found[0].warnings == found[1].warnings == ()
    differing = "SELECT count(*) FROM (SELECT * FROM proven EXCEPT ALL SELECT * FROM slow)"
    assert data.query(differing, 1, watch()).rows == ((0,),)


def test_counts_that_are_estimates_are_said_to_be(data: DuckData, tmp_path: Path) -> None:
    path = tmp_path / "files" / "many.csv"
    path.write_text("id,kind\n" + "".join(f"{row},{row % 7}\n" for row in range(1_000_001)))
    dataset = data.load(str(path), None, LoadOptions(), watch())
    assert dataset.warnings == ("distinct counts of 'id' are estimates, good to about 2 %",)
    assert dataset.columns[0].distinct == pytest.approx(1_000_001, rel=0.05)
    assert dataset.columns[1].distinct == 7


def loading(data: DuckData, path: Path, heard: Callable[[str, float | None], None], stop: threading.Event) -> Dataset:
    return data.load(str(path), None, LoadOptions(), Watch(stop, heard))


@pytest.fixture(scope="module")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 MB: a load of it takes long enough to tell of itself, and to be stopped."""
    path = tmp_path_factory.mktemp("large") / "bench.csv"
    write_csv(path, 120 * 10**6)
    return path


@pytest.fixture
def large_data(data: DuckData, large_file: Path) -> DuckData:
    return DuckData(data._rows, "ann", data._folder.parents[1], [large_file.parent], data._clock)


def test_progress_is_told_in_rows_and_rows_a_second(large_data: DuckData, large_file: Path) -> None:
    heard: list[tuple[str, float | None]] = []
    dataset = loading(large_data, large_file, lambda *event: heard.append(event), threading.Event())
    assert heard
    sentence, fraction = heard[-1]
    assert fraction is not None
    assert 0 < fraction < 1
    about = int(sentence.split(" of ")[1].split(" ")[0].replace(",", ""))
    assert about == pytest.approx(dataset.rows, rel=0.1)
    assert sentence.endswith(" a second")


def test_a_load_stops_within_a_second_and_leaves_nothing(
    large_data: DuckData, large_file: Path, tmp_path: Path
) -> None:
    stop = threading.Event()
    threading.Timer(0.4, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        loading(large_data, large_file, lambda sentence, fraction: None, stop)
    assert is_within(1.4, since=started)
    assert stored_files(tmp_path / "home") == []
    assert large_data.all() == ()


@pytest.mark.parametrize(
    ("head", "tail", "words"),
    [
        ("sep=,\nid,2019,2020\n,kg,m\n", "", ["as line 1 says", "(2019, 2020)", "line 3 describes the columns"]),
        ("Report of sales\n\nid,x,y\n", "\nSource: office\nNote: x\n", ["begins in line 3", "2 notes below the table"]),
        ("id,x,y\n", "Source: finance,,\n,,\n", ["a note below the table, from line 100002 on"]),
        ("id,x,y\n", "\nname,town,area\na,b,c\nd,e,f\n", ["another table seems to begin in line 100003"]),
        ("id,x,y\n", "ID, X,y\n1,2,3.5\n", ["the header comes again once, first in line 100002"]),
    ],
)
def test_head_and_end_of_a_large_file_are_treated_as_of_a_small_one(
    load: Load, head: str, tail: str, words: list[str]
) -> None:
    # Long rows, for a large file of few.
    digits = "1234567890" * 35
    rows = "".join(f"{i},{i * 37 % 100000},{i}.{digits}\n" for i in range(100_000))
    content = (head + rows + tail).encode()
    assert len(content) > inner_rows.MOST_BYTES
    dataset = load("t.csv", content)
    assert [column.type for column in dataset.columns] == ["integer", "integer", "number"]
    assert dataset.rows == 100_000 + tail.startswith("ID")
    for word in words:
        assert any(word in warning for warning in dataset.warnings)

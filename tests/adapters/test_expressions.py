"""What a person or Claude writes as an expression ends within its limits, wherever it stands, and Ctrl-C ends it."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from adapters.data import frame_sql
from adapters.data.base import Cancelled, DataError, LoadOptions, Watch
from adapters.data.child import ChildLimits
from adapters.data.duck import DuckData
from adapters.data.steps.models import Derive, Filter
from evals.world.files import Load, data_in, stored_files, watch
from evals.world.pace import is_within

pytestmark = pytest.mark.usefixtures("real_children")
SMALL = ChildLimits(
    seconds=1.0, grace_s=0.3, memory_bytes=200 * 10**6, address_bytes=1500 * 10**6, file_bytes=200 * 10**6
)
WITH_TIME = replace(SMALL, seconds=8.0)
"""For what is to meet the limit of memory, however busy the machine is."""
SLOW = "regexp_matches(t, 'a.{900}b.{900}c')"
"""No c is there, and each letter begins a match of its own: five seconds a text."""
LETTERS = bytes(random.Random(23).choices(b"ab", k=400_000))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds twenty texts of 400,000 letters a and b, 8 MB: no test may change what is in it."""
    folder = tmp_path_factory.mktemp("long")
    content = b"t,n\n" + b"".join(b"%d%b,%d\n" % (n, LETTERS, n) for n in range(20))
    (folder / "t.csv").write_bytes(content)
    data_in(folder).load(str(folder / "t.csv"), None, LoadOptions(), watch())
    return folder


@pytest.fixture
def long(folder: Path) -> DuckData:
    data = data_in(folder)
    data._query_limits = data._transform_limits = SMALL
    return data


def living_workers() -> list[psutil.Process]:
    children = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in children if any("_worker" in word for word in child.cmdline())]


WHERE_BOMBS = [
    SLOW,
    "length(concat(" + "t, " * 1_200 + "t)) > 5",
    "length(t" + " || t" * 700 + ") > 5",
    "length(lower(concat(" + "t, " * 600 + "t))) > 5",
    "(" * 1_900 + "n" + ")" * 1_900 + " > 1",
    "n > 1" + " AND n > 1" * 380,
    "-" + " -" * 1_500 + "n > 1",
    "NOT " * 900 + "n > 1",
    "CASE WHEN n > 1 THEN " * 150 + "1" + " END" * 150 + " > 0",
    "n IN (" + ", ".join(map(str, range(900))) + ")",
    "t LIKE '" + "%a" * 1_900 + "b'",
    "regexp_matches(t, '" + "(a+)+" * 300 + "b$')",
    "regexp_matches(t, '(((((a{1,100}){1,100}){1,100}){1,100}){1,100})')",
    "regexp_matches(t, '" + "(" * 1_500 + "a" + ")*" * 700 + "')",
]


@pytest.mark.parametrize("bomb", WHERE_BOMBS)
def test_a_where_ends_within_its_limits(long: DuckData, folder: Path, bomb: str) -> None:
    before, started, resident = stored_files(folder / "home"), time.monotonic(), _peak_bytes()
    # Some of them are only long; they answer.
    with contextlib.suppress(DataError), long.open("t", bomb) as table:
        table.fetch("SELECT count(*) FROM data")
    assert is_within(12, since=started)
    assert _peak_bytes() - resident < 300 * 10**6
    assert not living_workers()
    assert stored_files(folder / "home") == before


def _peak_bytes() -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def test_a_slow_where_is_one_sentence_that_says_the_limit(long: DuckData) -> None:
    started = time.monotonic()
    with pytest.raises(DataError, match="where: it takes longer than the 1 s that it may"), long.open("t", SLOW):
        pass
    assert is_within(8, since=started)


def test_a_long_where_is_one_sentence_that_says_so(long: DuckData) -> None:
    long._query_limits = WITH_TIME
    with pytest.raises(DataError, match="where: it needs more memory"), long.open("t", WHERE_BOMBS[1]):
        pass


STEPS = [
    Filter(op="filter", where=SLOW),
    Derive(op="derive", column="m", expression=f"CASE WHEN {SLOW} THEN 1 ELSE 0 END"),
    Derive(op="derive", column="m", expression="repeat(t, 100000)"),
    Derive(op="derive", column="m", expression="length(lpad('a', 2000000000, 'b'))"),
    Derive(op="derive", column="m", expression="format('{:>2000000000}', t)"),
    Derive(op="derive", column="m", expression="sum(length(repeat(t, 5000))) OVER (ORDER BY _row)"),
    Derive(op="derive", column="m", expression="factorial(2000000000)"),
]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_ends_within_its_limits(long: DuckData, folder: Path, step: Filter | Derive) -> None:
    before, started = stored_files(folder / "home"), time.monotonic()
    with pytest.raises(DataError):
        long.transform("t", [step], "u", watch())
    assert is_within(12, since=started)
    assert not living_workers()
    assert stored_files(folder / "home") == before


def test_a_where_that_is_stopped_is_gone_within_a_second(long: DuckData, folder: Path) -> None:
    long._query_limits = ChildLimits()
    stop = threading.Event()
    threading.Timer(0.8, stop.set).start()
    started = time.monotonic()
    stopped = Watch(stop, lambda sentence, fraction: None)
    with pytest.raises(Cancelled), long.open("t", SLOW, stopped):
        pass
    assert is_within(2, since=started)
    assert not living_workers()
    assert not list(folder.glob("home/data/*/run_*"))


def test_a_scripts_expressions_end_within_their_limits(long: DuckData) -> None:
    dataset = long.get("t")
    with long.open("t") as table:
        frame = table.frame()
    small = frame.assign(t=frame["t"].str[:5])
    assert list(frame_sql.rows_where(small, "n % 2 = 1 AND t <> 'zzz'")["n"]) == list(range(1, 20, 2))
    assert list(frame_sql.with_derived(small, "m", "lag(n) OVER (ORDER BY _row)")["m"].iloc[1:]) == list(range(19))
    started = time.monotonic()
    with pytest.raises(DataError, match="where: it takes longer"):
        frame_sql.rows_where(frame, SLOW, SMALL)
    with pytest.raises(DataError, match="expression: it needs more memory"):
        frame_sql.with_derived(frame, "m", "length(repeat(t, 5000))", WITH_TIME)
    assert is_within(15, since=started)
    assert not living_workers()
    assert dataset.rows == 20


def test_rows_that_a_where_kept_have_their_numbers_and_order(data: DuckData, load: Load) -> None:
    load("o.csv", b"x\n" + b"".join(b"%d\n" % (n * 7919 % 300_007) for n in range(300_000)))
    with data.open("o", "x % 3 = 0") as table:
        rows = table.fetch("SELECT _row, x FROM data")
        batches = [value for batch in table.stream(["x"]) for value in batch[0]]
    expected = [(n, n * 7919 % 300_007) for n in range(300_000) if n * 7919 % 300_007 % 3 == 0]
    assert rows == expected
    assert batches == [float(x) for _, x in expected]

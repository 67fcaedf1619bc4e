"""An open table: its groups, its batches, and its end when the user stops."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from adapters.data import table as table_module
from adapters.data.base import Cancelled, DataError, Watch, label_parts
from adapters.data.duck import DuckData
from evals.world.files import Load, watch
from evals.world.pace import is_within

NUMBERS = b"x,g\n" + b"\n".join(b"%d,%d" % (i, i % 3) for i in range(1_000)) + b"\n"


def test_work_on_a_table_ends_within_a_second_when_the_user_stops(load: Load, data: DuckData) -> None:
    load("t.csv", NUMBERS)
    stopping = Watch(threading.Event(), lambda sentence, fraction: None)
    threading.Timer(0.3, stopping.cancel.set).start()
    started = time.monotonic()
    with pytest.raises(Cancelled, match="stopped"), data.open("t", watch=stopping) as table:
        table.fetch("SELECT sum(a.x * b.x + c.x * d.x) FROM data a, data b, data c, data d")  # 10¹² rows: hours
    assert is_within(1.3, since=started)


def test_a_group_at_a_time_and_all_of_them_after(load: Load, data: DuckData) -> None:
    load("t.csv", b"x,g\n1,b\n2,a\n3,b\n4,\n5,10\n6,9\n")
    with data.open("t") as table:
        found = {group: table.fetch("SELECT sum(x) FROM data")[0][0] for group in table.each_group("g", 10)}
        assert found == {"10": 5, "9": 6, "a": 2, "b": 4, None: 4}
        assert table.fetch("SELECT count(*) FROM data") == [(6,)]
        with pytest.raises(DataError, match="more than 3 values"):
            list(table.each_group("g", 3))


def test_a_label_of_several_columns_comes_apart_again(load: Load, data: DuckData) -> None:
    """Also beside columns that have its name, in batches, in groups, and with values alike when run together."""
    load("t.csv", b"x,a,b,_by0\n1,p,qr,1\n2,pq,r,1\n3,,r,1\n4,p,,1\n5,p,qr,1\n")
    with data.open("t", "x < 5") as table:
        name = table.label(["a", "b"])
        assert name == "_by1"
        rows = table.fetch(f"SELECT {name}, x FROM data ORDER BY {name}")
        assert [label_parts(str(label)) for label, _ in rows] == [["p", "qr"], ["p", None], ["pq", "r"], [None, "r"]]
        (batch,) = table.stream([name], labels={name: [str(label) for label, _ in rows]})
        assert batch[0].tolist() == [0, 2, 3, 1]
        assert [table.fetch("SELECT x FROM data") for _ in table.each_group(name, 9)] == [
            [(1,)],
            [(4,)],
            [(2,)],
            [(3,)],
        ]


def test_where_and_groups_hold_together(load: Load, data: DuckData) -> None:
    load("t.csv", NUMBERS)
    with data.open("t", "x >= 500") as table:
        counts = {group: table.fetch("SELECT min(x) FROM data")[0][0] for group in table.each_group("g", 10)}
    assert counts == {"0": 501, "1": 502, "2": 500}


def test_batches_hold_every_value_once_and_nan_where_missing(load: Load, data: DuckData) -> None:
    load("t.csv", b"x,y\n" + b"\n".join(b"%d,%s" % (i, b"" if i % 7 == 0 else b"2") for i in range(300_000)) + b"\n")
    with data.open("t", watch=watch()) as table:
        batches = list(table.stream(["x", "y"]))
        drawn = np.concatenate([x for x, _ in table.stream(["x", "y"], most=10_000)])
        again = np.concatenate([x for x, _ in table.stream(["x", "y"], most=10_000)])
    x, y = (np.concatenate(column) for column in zip(*batches, strict=True))
    assert len(batches) > 1
    assert np.array_equal(x, np.arange(300_000))
    assert np.array_equal(np.isnan(y), x % 7 == 0)
    assert 9_000 < len(drawn) < 11_000
    assert set(drawn) == set(again)


def test_what_does_not_fit_into_memory_is_spilled_beside_the_dataset_and_removed(
    load: Load, data: DuckData, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dataset = load("t.csv", b"x\n1\n")
    monkeypatch.chdir(tmp_path)
    # So little that four million rows do not fit: no test holds a table of half a gigabyte.
    monkeypatch.setattr(table_module, "LEAN_MEMORY_LIMIT", "40MB")
    before = set(dataset.path.parent.iterdir())
    with data.open("t", is_lean=True) as table:
        [(spill,)] = table.fetch("SELECT current_setting('temp_directory')")
        assert Path(str(spill)).parent.parent == dataset.path.parent
        numbered = "SELECT i, row_number() OVER (ORDER BY hash(i)) AS place FROM range(4000000) AS t(i)"
        assert table.fetch(f"SELECT sum(place - i) FROM ({numbered})") == [(4000000,)]
    assert set(dataset.path.parent.iterdir()) == before
    assert not (tmp_path / ".tmp").exists()


def test_a_stream_and_a_step_end_when_the_user_stops(load: Load, data: DuckData) -> None:
    load("t.csv", b"x\n" + b"\n".join(b"%d" % i for i in range(2_000_000)) + b"\n")
    told: list[str] = []
    stopping = Watch(threading.Event(), lambda sentence, fraction: told.append(sentence))
    n_batches = 0

    def go_through() -> None:
        nonlocal n_batches
        with data.open("t", watch=stopping, is_lean=True) as table:
            table.step("adding up")
            for _ in table.stream(["x"]):
                n_batches += 1
                stopping.cancel.set()
                time.sleep(0.2)

    with pytest.raises(Cancelled):
        go_through()
    assert n_batches < 4
    assert "adding up" in told
    with pytest.raises(Cancelled, match="stopped"), data.open("t", watch=stopping) as table:
        table.step("more")

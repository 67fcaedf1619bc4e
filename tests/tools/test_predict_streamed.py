"""Predictions of many rows: part by part, in order, stopped at once, whole or not there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from adapters.data.base import DuckTable
from evals.world.home import ROOT, build_in, used_home
from evals.world.pace import is_within
from runtime.session import Session
from tools import find_tool
from tools.errors import ToolError
from tools.predictions.parts import Rows, paced, rows_of_table

N_LARGE = 120_007
PREDICTS = """
import sys
import threading
from pathlib import Path
from evals.world.home import build_in
from tools import find_tool
session = build_in(Path(sys.argv[1]))
context = session.context("tool", threading.Event(), lambda sentence, fraction: print(sentence, flush=True))
tool = find_tool("predict")
tool.call(tool.parse({"model": "y", "dataset": "large"}), context)
"""


def table(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "n": np.arange(n),
            "size": rng.normal(100, 20, n).round(3),
            "rooms": rng.integers(1, 9, n).astype("float64"),
            "place": rng.choice(["north", "south, by the sea", "=west"], n),
            "sold": pd.Timestamp(2020, 1, 1) + pd.to_timedelta(rng.integers(0, 3_000, n), unit="D"),
        }
    )
    frame.loc[rng.random(n) < 0.05, "rooms"] = np.nan
    frame["y"] = 3 * frame["size"] + 10 * frame["rooms"].fillna(4) + rng.normal(0, 1, n)
    return frame


def ask(session: Session, tool: str, **arguments: Any) -> dict[str, Any]:
    return dict(session.call_tool(tool, json.dumps(arguments), None).content)


def train(session: Session, model: str, dataset: str = "small", target: str = "y") -> str:
    job = {
        "kind": "training",
        "dataset": dataset,
        "target": target,
        "features": ["size", "rooms", "place", "sold"],
        "model": model,
    }
    launched = ask(session, "launch_training", quote_id=ask(session, "estimate_cost", job=job)["quotes"][0]["quote_id"])
    return str(ask(session, "poll_job", job_id=launched["job_id"], wait_s=60)["model"])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small table, a large one, and a model of the small one."""
    folder = tmp_path_factory.mktemp("streamed")
    session = build_in(used_home(folder / "home"), confirm="paid")
    for name, n in (("small", 400), ("large", N_LARGE)):
        table(n, n).to_csv(folder / f"{name}.csv", index=False)
        ask(session, "load_dataset", source=str(folder / f"{name}.csv"))
    train(session, "linear_regression")
    session.program.close()
    return folder / "home"


@pytest.fixture
def session(home: Path) -> Iterator[Session]:
    session = build_in(home)
    yield session
    session.program.close()
    for path in (home / "artifacts").rglob("*.csv"):
        path.unlink()


def left(home: Path) -> list[Path]:
    return [path for path in (home / "artifacts").rglob("*") if path.is_file()]


def run(session: Session, cancel: threading.Event, hear: Callable[[str, float | None], None], **arguments: Any) -> Any:
    tool = find_tool("predict")
    return tool.call(tool.parse({"model": "y", **arguments}), session.context("tool", cancel, hear))


def test_each_row_has_its_own_prediction_in_the_files_order(session: Session) -> None:
    """Beside the pipeline asked at once, on the file as pandas reads it."""
    told: list[float | None] = []
    output = run(session, threading.Event(), lambda sentence, fraction: told.append(fraction), dataset="large")
    found, source = pd.read_csv(output.artifacts[0].path), table(N_LARGE, N_LARGE)
    model = session.models.get("y")
    expected = session.models.load(model)[0].predict(source)
    assert len(found) == N_LARGE == output.result.n
    assert list(found["n"]) == list(range(N_LARGE))
    assert found["prediction"].to_numpy() == pytest.approx(expected, rel=1e-12)
    assert list(found.columns) == [*source.columns, "prediction", "prediction_low", "prediction_high"]
    assert found["place"].str.removeprefix("'").tolist() == source["place"].tolist()
    assert found["sold"].iloc[0] == str(source["sold"].iloc[0].date())
    summary = output.result.summary
    assert [summary.mean, summary.sd] == pytest.approx([expected.mean(), expected.std(ddof=1)], rel=1e-12)
    assert told == sorted(told, key=float)  # type: ignore[arg-type]  # each is a number
    assert told[-1] == 1.0
    assert len(told) > 4


def test_a_stop_is_heard_within_a_second_and_leaves_nothing(session: Session, home: Path) -> None:
    cancel, heard = threading.Event(), []

    def stop(sentence: str, fraction: float | None) -> None:
        heard.append(time.monotonic())
        cancel.set()

    with pytest.raises(ToolError, match="stopped; no file of predictions is kept"):
        run(session, cancel, stop, dataset="large")
    assert is_within(1, since=heard[0])
    assert len(heard) == 1
    assert left(home) == []
    assert run(session, threading.Event(), lambda *_: None, dataset="large").result.n == N_LARGE


def test_a_stop_behind_the_last_row_leaves_nothing(session: Session, home: Path) -> None:
    cancel = threading.Event()

    def stop(sentence: str, fraction: float | None) -> None:
        if fraction == 1.0:
            cancel.set()

    with pytest.raises(ToolError, match="stopped"):
        run(session, cancel, stop, dataset="small")
    assert left(home) == []


def test_a_killed_program_leaves_no_file_under_its_name(session: Session, home: Path) -> None:
    program = subprocess.Popen([sys.executable, "-c", PREDICTS, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    program.stdout.readline()
    program.send_signal(signal.SIGKILL)
    program.communicate()
    assert {path.name for path in left(home)} == {"predictions.csv"}
    build_in(home).program.close()
    assert left(home) == []


def test_a_disk_without_room_is_said_before_much_is_written(home: Path) -> None:
    free = os.statvfs(home).f_bavail * os.statvfs(home).f_frsize
    tight = build_in(home, min_free_bytes=free - 2_000_000)
    heard: list[str] = []
    with pytest.raises(ToolError, match=r"the disk has .* free, of which .* more do not fit"):
        run(tight, threading.Event(), lambda sentence, fraction: heard.append(sentence), dataset="large")
    tight.program.close()
    assert heard == []
    assert left(home) == []


def test_two_files_of_one_second_have_names_of_their_own(session: Session, home: Path) -> None:
    tool, moment = find_tool("predict"), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    context = replace(session.context("tool", threading.Event(), lambda *_: None), clock=lambda: moment)
    paths = [tool.call(tool.parse({"model": "y", "dataset": "small"}), context).artifacts[0].path for _ in range(3)]
    stem = f"predictions_{session.models.get('y').model_id}_20260102_030405"
    assert [path.name for path in paths] == [f"{stem}.csv", f"{stem}_2.csv", f"{stem}_3.csv"]
    assert len({path.read_bytes() for path in paths}) == 1


def test_a_column_that_is_called_prediction_already_stays_beside_ours(session: Session, home: Path) -> None:
    frame = table(12, 3).rename(columns={"n": "Prediction", "y": "prediction_given"})
    frame.to_csv(home.parent / "named.csv", index=False)
    ask(session, "load_dataset", source=str(home.parent / "named.csv"))
    found = pd.read_csv(run(session, threading.Event(), lambda *_: None, dataset="named").artifacts[0].path)
    assert found.columns[0] == "Prediction_given_given"
    assert list(found.columns)[-4:] == ["prediction_given", "prediction", "prediction_low", "prediction_high"]


def stored(*numbers: list[int]) -> DuckTable:
    """A table that gives these row numbers, a part for each list."""
    batches = [pa.record_batch({"_row": rows, "x": [0.0] * len(rows)}) for rows in numbers]
    return cast(DuckTable, SimpleNamespace(batches=lambda n: iter(batches), dataset=SimpleNamespace(name="t", rows=4)))


def test_rows_out_of_order_are_refused() -> None:
    assert [len(rows) for rows in rows_of_table(stored([0, 1], [2, 3]))] == [2, 2]
    with pytest.raises(ToolError, match="did not come in order after row 0"):
        list(rows_of_table(stored([2, 3], [0, 1])))
    with pytest.raises(ToolError, match="did not come in order after row 2"):
        list(rows_of_table(stored([0, 1], [3, 2])))
    with pytest.raises(ToolError, match="'t' gave 2 of its 4 rows"):
        list(rows_of_table(stored([0, 1])))


def test_a_slow_model_gets_fewer_rows_at_a_time_and_no_row_is_lost() -> None:
    seen: list[int] = []
    for rows in paced(iter([Rows(("x",), (pa.array(range(3_000)),)), Rows(("x",), (pa.array(range(3_000, 3_100)),))])):
        time.sleep(len(rows) / 2_000)
        seen += rows.columns[0].to_pylist()
        assert len(rows) <= 1_000
    assert seen == list(range(3_100))

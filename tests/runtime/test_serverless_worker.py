"""The handler of a serverless worker: a try is made once, within its time, and only of what is ours."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from adapters.compute.attempt_files import ENDED
from adapters.files import write_json
from adapters.serving.serverless_words import CLAIMED, MADE
from runtime.serverless_worker import Worker

KEY = "k" * 32
NAME = "000000_1.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "attempts" / KEY
    place.mkdir(parents=True)
    return place


def job(job_id: str = "j1", **changed: Any) -> dict[str, Any]:
    return {"id": job_id, "input": {"key": KEY, "number": 0, "try": 1, "limit_s": 30, **changed}}


def handled(volume: Path, *jobs: dict[str, Any]) -> list[dict[str, Any]]:
    async def all_of() -> list[dict[str, Any]]:
        worker = Worker(volume)
        try:
            return [await worker.handle(one) for one in jobs]
        finally:
            await worker.close()

    return asyncio.run(all_of())


def alive() -> list[psutil.Process]:
    """The processes that predict; others of this run are none of its business."""
    time.sleep(0.1)
    there = [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]
    return [one for one in there if "runtime.part_worker" in one.cmdline()]


def children() -> list[str]:
    return [" ".join(one.cmdline()) for one in alive()]


def test_why_a_part_cannot_be_made_is_said_and_kept(folder: Path, real_children: None) -> None:
    (answer,) = handled(folder.parents[1], job())
    assert answer == {"number": 0, "error": "the attempt has no request.json", "is_final": True}
    kept = json.loads((folder / MADE / NAME).read_text())
    assert kept["error"] == answer["error"]
    assert 0 < kept["ms"] < 30_000
    assert json.loads((folder / CLAIMED / NAME).read_text())["job"] == "j1"


def test_a_try_that_another_job_has_is_left_to_it(folder: Path) -> None:
    (folder / CLAIMED).mkdir()
    write_json(folder / CLAIMED / NAME, {"job": "another", "at": time.time()})
    assert handled(folder.parents[1], job()) == [{"number": 0, "taken": True}]
    assert not (folder / MADE).exists()


def test_a_claim_that_cannot_be_read_is_nobodys_to_take(folder: Path) -> None:
    (folder / CLAIMED).mkdir()
    (folder / CLAIMED / NAME).write_text("")
    assert handled(folder.parents[1], job()) == [{"number": 0, "taken": True}]


def test_a_job_that_is_delivered_again_has_what_is_left_of_its_time(folder: Path) -> None:
    (folder / CLAIMED).mkdir()
    write_json(folder / CLAIMED / NAME, {"job": "j1", "at": time.time() - 31})
    assert handled(folder.parents[1], job()) == [{"error": "its time is over"}]


def test_what_an_earlier_delivery_took_is_counted(folder: Path, real_children: None) -> None:
    (folder / CLAIMED).mkdir()
    write_json(folder / CLAIMED / NAME, {"job": "j1", "at": time.time() - 12})
    handled(folder.parents[1], job())
    assert 12_000 < json.loads((folder / MADE / NAME).read_text())["ms"] < 30_000


def test_nothing_begins_of_an_attempt_that_was_ended(folder: Path) -> None:
    write_json(folder / ENDED, {"at": 0})
    assert handled(folder.parents[1], job()) == [{"error": "the attempt was ended"}]
    assert children() == []


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"key": "../../etc"}, "there is no such attempt"),
        ({"key": "m" * 32}, "there is no such attempt"),
        ({"key": "short"}, "there is no such attempt"),
        ({"number": None}, "names no key, number, try and limit_s"),
        ({"limit_s": "long"}, "names no key, number, try and limit_s"),
    ],
)
def test_a_job_that_is_none_of_ours_is_refused(folder: Path, changed: dict[str, Any], why: str) -> None:
    (answer,) = handled(folder.parents[1], job(**changed))
    assert why in answer["error"]
    assert list(folder.iterdir()) == []


def test_a_part_ends_at_its_limit_with_its_process(folder: Path, real_children: None) -> None:
    (answer,) = handled(folder.parents[1], job(limit_s=0.1))
    assert answer == {"number": 0, "error": "stopped at its limit of 0 s"}
    assert children() == []


def test_a_job_that_is_cancelled_ends_its_process(folder: Path, real_children: None) -> None:
    async def cancelled() -> None:
        task = asyncio.create_task(Worker(folder.parents[1]).handle(job()))
        await asyncio.sleep(0.3)
        assert len(children()) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert children() == []
    assert not (folder / MADE).exists()


def test_a_process_that_dies_is_said_and_another_begins(folder: Path, real_children: None) -> None:
    async def killed() -> tuple[dict[str, Any], dict[str, Any]]:
        worker = Worker(folder.parents[1])
        task = asyncio.create_task(worker.handle(job()))
        await asyncio.sleep(0.3)
        alive()[0].kill()
        try:
            return await task, await worker.handle(job("j2", number=1))
        finally:
            await worker.close()

    first, second = asyncio.run(killed())
    assert first == {"number": 0, "error": "the process that predicts has died (code -9)"}
    assert second == {"number": 1, "error": "the attempt has no request.json", "is_final": True}

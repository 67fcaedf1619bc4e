"""What a pod leaves is looked at before it is taken: its log, the files and hashes of its result, its words."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.compute.base import UnusableResult
from adapters.compute.runpod_api import RunPodApi
from adapters.records import Attempt
from evals.world.pace import is_within
from evals.world.runpod import RunPodWorld
from evals.world.runpod.pods import pod_processes
from tests.adapters.compute.conftest import LONG, Bench

pytestmark = pytest.mark.usefixtures("real_children")


@pytest.fixture
def lingering() -> Iterator[str]:
    """A server whose answer never ends and says only that it is alive, as a stream of a quiet log does."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: begins\n\n")
            # Whoever would listen for ever is let go, once it is late.
            for _ in range(200):
                if over.wait(0.2):
                    break
                connection.sendall(b": alive\n\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/v2"
    over.set()
    thread.join(5)
    server.close()


def test_a_log_that_only_says_that_it_is_alive_holds_nobody_up(lingering: str) -> None:
    api = RunPodApi(lingering, "key")
    started = time.monotonic()
    assert api.log_lines("pod1", 8) == ["begins"]
    assert is_within(10, since=started)
    api.close()


def test_a_result_larger_than_any_model_is_no_result(rented: Bench, done: tuple[Attempt, Path]) -> None:
    attempt, folder = done
    with (folder / "out" / "more").open("wb") as file:
        file.truncate(3 * 2**30)
    with pytest.raises(UnusableResult, match=r"3,2\d\d,\d\d\d,\d\d\d bytes in \d files; that is no model"):
        rented.backend.fetch(attempt)


def test_a_result_of_many_files_is_no_result(rented: Bench, done: tuple[Attempt, Path]) -> None:
    attempt, folder = done
    for number in range(251):
        (folder / "out" / str(number)).touch()
    with pytest.raises(UnusableResult, match="that is no model"):
        rented.backend.fetch(attempt)


@pytest.mark.parametrize("change", ["other bytes", "one more", "one less", "no hashes"])
def test_files_other_than_the_result_states_are_not_taken(
    rented: Bench, done: tuple[Attempt, Path], change: str
) -> None:
    attempt, folder = done
    assert rented.backend.fetch(attempt)
    model, result = folder / "out" / "model.skops", folder / "result.json"
    if change == "other bytes":
        model.write_bytes(model.read_bytes()[:-1] + b"x")
    elif change == "one more":
        (folder / "out" / "extra.txt").write_text("x")
    elif change == "one less":
        model.unlink()
    else:
        result.write_text(json.dumps({**json.loads(result.read_text()), "sha256": "?"}))
    name = {"one more": "extra.txt", "no hashes": "metadata.json"}.get(change, "model.skops")
    with pytest.raises(UnusableResult, match=f"not those of its result: .*{name}"):
        rented.backend.fetch(attempt)


def test_long_words_of_a_worker_are_cut(world: RunPodWorld, rented: Bench) -> None:
    running = rented.launch(rented.attempt(LONG))
    rented.wait_until_it_works(running)
    for pid in pod_processes(world.pods.all[0].pod_id):
        os.kill(pid, signal.SIGSTOP)
    folder = world.s3.folder / "attempts" / running.key
    (folder / "progress.json").write_text(json.dumps({"fraction": 0.5, "sentence": "a" * 900_000}))
    (folder / "log.txt").write_text("b" * 900_000)
    assert len(rented.backend.state(running).status) < 600
    assert [len(line) < 600 for line in rented.backend.logs(running, 8)] == [True]
    (folder / "result.json").write_text(json.dumps({"error": "c" * 900_000, "seconds": 1}))
    end = rented.backend.state(running).result
    assert end is not None
    assert end.error is not None
    assert len(end.error) < 600

"""The function's own limit and clock: a write that hangs ends with the call, a machine kept ready costs a start."""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from runtime import part_handler

EVENT = {"number": 0, "limit_s": 2, "out_url": "", "done_url": "", "features": [], "files": {}, "each_class": False}
HANG = """
import json, sys
from runtime import part_handler
part_handler._predict = lambda event: ({"rows": 1, "sha256": "0"}, b"out")
part_handler.handler(json.loads(sys.argv[1]), None)
"""


@pytest.mark.usefixtures("real_children")
def test_a_write_that_hangs_ends_with_the_limit_of_the_call() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/part"
        event = json.dumps({**EVENT, "out_url": address, "done_url": address})
        ended = subprocess.run([sys.executable, "-c", HANG, event], timeout=100, check=False, capture_output=True)
    assert ended.returncode == 70, ended.stderr


@pytest.mark.parametrize(("age_s", "paid_s"), [(4.0, 4.0), (3600.0, part_handler.MOST_INIT_S)])
def test_the_first_call_is_paid_for_from_the_start_of_its_machine(
    monkeypatch: pytest.MonkeyPatch, age_s: float, paid_s: float
) -> None:
    made: tuple[dict[str, Any], bytes] = ({"rows": 1, "sha256": "0"}, b"out")
    monkeypatch.setattr(part_handler, "_predict", lambda event: made)
    monkeypatch.setattr(part_handler, "_age_s", lambda: age_s)
    monkeypatch.setattr(part_handler, "CALLS", itertools.count())
    event = {name: value for name, value in EVENT.items() if not name.endswith("_url")} | {"limit_s": 60}
    began = time.monotonic()
    first = part_handler.handler(event, None)
    second = part_handler.handler(event, None)
    took_ms = 1000 * (time.monotonic() - began)
    assert 1000 * paid_s <= first["ms"] <= 1000 * paid_s + took_ms + 1
    assert second["ms"] <= took_ms + 1

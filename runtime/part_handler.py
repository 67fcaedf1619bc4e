"""The function that AWS Lambda calls: one part of a table in, what a model adds to its rows out.

It needs numpy, pandas, scikit-learn, skops and pydantic. Files are read and written through addresses that were signed
for just this part; it has no key of its own. What it is asked for, and all that it answers, is JSON.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
import json
import os
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from adapters.packed_columns import pack_columns, unpack_columns
from tools.ml.model_files import load_stated
from tools.ml.predictor import Predictor

CALLS = itertools.count()
Files = tuple[tuple[str, str], ...]
ANSWER_S = 60
MOST_INIT_S = 10.0
"""No start is longer; a machine that Lambda had ready before anybody called is older than what is paid for."""
THERE = 412
"""S3's answer where the file is there already."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Predict the part, within its own limit; the answer names its rows, its hash and the milliseconds that it took.

    Parameters
    ----------
    event : mapping
        `limit_s`; `model` (file to address) and `files` (file to SHA-256); `part`, in Base64, or `part_url`;
        `features`, `each_class`, `cut`; `number`. With `out_url` what is predicted is written there, and with
        `done_url` the answer; else both are what is returned.
    """
    timer = threading.Timer(float(event["limit_s"]), os._exit, [70])
    timer.daemon = True
    timer.start()
    try:
        return _answered(event)
    finally:
        # Only now: what is written takes its time, too.
        timer.cancel()


def _answered(event: Mapping[str, Any]) -> dict[str, Any]:
    # The first call is paid for from the start of its machine on.
    began = time.monotonic() - (min(_age_s(), MOST_INIT_S) if next(CALLS) == 0 else 0.0)
    try:
        answer, out = _predict(event)
    except ValueError as error:
        # What the data or the model are to blame for is said in the answer, and is so again; all else Lambda reports.
        answer, out = {"error": str(error)[:500], "is_final": True}, b""
    except OSError as error:
        answer, out = {"error": str(error)[:500]}, b""
    if "out_url" in event and "error" not in answer:
        _put(event["out_url"], out)
    answer = {**answer, "number": event["number"], "ms": round(1000 * (time.monotonic() - began))}
    if "out_url" not in event:
        return {**answer, "out": base64.b64encode(out).decode()}
    _put(event["done_url"], json.dumps(answer).encode())
    return answer


def _predict(event: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    given = base64.b64decode(event["part"]) if "part" in event else _get(event["part_url"])
    frame = pd.DataFrame(unpack_columns(given))[event["features"]]
    cut = event.get("cut")
    files = tuple(sorted(event["files"].items()))
    folder = _model(files, event["model"])
    predictor = _predictor(folder, files, bool(event["each_class"]), None if cut is None else (cut[0], cut[1]))
    out = pack_columns(predictor.predict(frame))
    return {"rows": len(frame), "sha256": hashlib.sha256(out).hexdigest()}, out


def _model(files: Files, addresses: Mapping[str, str]) -> Path:
    """The folder of the model's files, which a machine that is warm has already."""
    name = hashlib.sha256(json.dumps(files).encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"model_{name}"
    if not folder.is_dir():
        part = Path(tempfile.mkdtemp())
        for file, _ in files:
            (part / file).write_bytes(_get(addresses[file]))
        part.rename(folder)
    return folder


@functools.lru_cache(maxsize=2)
def _predictor(folder: Path, files: Files, each_class: bool, cut: tuple[str, float] | None) -> Predictor:
    """The model with these hashes, kept for the next part."""
    return Predictor(*load_stated(folder, dict(files)), each_class, cut)


def _age_s() -> float:
    """How long this process has been there: it began with the first call."""
    started = int(Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=ANSWER_S) as answer:  # noqa: S310 - signed by whoever pays
        content: bytes = answer.read()
        return content


def _put(address: str, content: bytes) -> None:
    """Write the file, unless it is there: an earlier call has done the same work."""
    headers = {"If-None-Match": "*", "Content-Type": "application/octet-stream"}
    request = urllib.request.Request(address, content, headers, method="PUT")  # noqa: S310 - as above
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S):  # noqa: S310
            return
    except urllib.error.HTTPError as error:
        if error.code != THERE:
            raise

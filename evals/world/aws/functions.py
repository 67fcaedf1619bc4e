"""Functions of Lambda: moto keeps what they are, and each call runs in a process of AWS's own runtime client."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import sysconfig
import tempfile
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from evals.world.aws.answers import AS_JSON, Answer, refusal
from evals.world.aws.asked import Asked
from evals.world.aws.ec2 import ACCOUNT, REGION
from evals.world.aws.runtime_api import Environment, Invocation

MOST_SENT, MOST_SENT_LATER = 6_291_456, 1_048_576
GB_SECOND_USD, CALL_USD = 0.0000166667, 0.0000002
RUNTIME = ("awslambdaric", "simplejson", "snapshot_restore_py.py")
"""What Lambda's own image of Python has, beside an extension of the first one."""


class Functions:
    """All functions of the account: at most `most_at_once` calls side by side; `billed_ms` is what has been paid."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._warm: list[tuple[str, Environment]] = []
        self._all: list[Environment] = []
        self._later = ThreadPoolExecutor(16)
        self._n_running = 0
        self.most_at_once = 10
        self.runs_twice = False
        """Of a call that is carried out later: Lambda may carry it out twice."""
        self.loses_later = 0
        """So many of the next such calls are lost."""
        self.kills = 0
        """So many of the next calls are killed while they run."""
        self.calls: list[Invocation] = []
        self.gb_s = 0.0

    @property
    def spent_usd(self) -> float:
        """What all calls have cost."""
        return self.gb_s * GB_SECOND_USD + len(self.calls) * CALL_USD

    def invoke(self, asked: Asked) -> Answer:
        """Carry out one request to call a function."""
        name = asked.path.split("/functions/")[1].split("/")[0]
        body: bytes = asked.parameters["body"]
        kind = asked.parameters.get("kind", "RequestResponse")
        found = _function(name)
        if found is None:
            return _refused(404, "ResourceNotFoundException")
        most = MOST_SENT if kind == "RequestResponse" else MOST_SENT_LATER
        if len(body) > most:
            return _refused(413, "RequestTooLargeException")
        with self._lock:
            if self._n_running >= self.most_at_once and kind == "RequestResponse":
                return _refused(429, "TooManyRequestsException")
        if kind == "Event":
            self._call_later(found, body)
            return Answer(202, b"", AS_JSON)
        call = Invocation(body)
        self._run(found, call)
        if not call.error and len(call.answer) > MOST_SENT:
            call.error, call.answer = "Response payload size exceeded maximum allowed payload size", b""
        failed = json.dumps({"errorMessage": call.error, "errorType": "Runtime"}).encode()
        said = failed if call.error else call.answer
        return Answer(200, said, AS_JSON, _told(call))

    def end_all(self) -> None:
        """No process is left."""
        self._later.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            waiting, self._all, self._warm = self._all, [], []
        for environment in waiting:
            environment.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def logs(self) -> str:
        """What all of them have written."""
        return "\n".join(environment.log() for environment in self._all)

    def _call_later(self, found: Any, body: bytes) -> None:
        with self._lock:
            if self.loses_later:
                self.loses_later -= 1
                return
        tries = 1 + _retries(found)
        for _ in range(2 if self.runs_twice else 1):
            self._later.submit(self._run_until_done, found, body, tries)

    def _run_until_done(self, found: Any, body: bytes, tries: int) -> None:
        for _ in range(tries):
            call = Invocation(body)
            self._run(found, call)
            if not call.error:
                return

    def _run(self, found: Any, call: Invocation) -> None:
        with self._lock:
            self._n_running += 1
            self.calls.append(call)
            call.dies, self.kills = self.kills > 0, max(0, self.kills - 1)
        try:
            environment = self._environment(found)
            environment.run(call, float(found.timeout))
            with self._lock:
                self.gb_s += call.billed_ms / 1000 * found.memory_size / 1024
                if environment.is_alive:
                    self._warm.append((found.code_sha_256, environment))
        finally:
            with self._lock:
                self._n_running -= 1

    def _environment(self, found: Any) -> Environment:
        """One that is warm, or a new one."""
        with self._lock:
            for place, (code, environment) in enumerate(self._warm):
                if code == found.code_sha_256 and environment.is_alive:
                    return self._warm.pop(place)[1]
        paths = [self._unpacked(found.code_bytes), *(path / "python" for path in map(self._unpacked, _layers(found)))]
        variables = {**found.environment_vars}
        folder = self._folder / f"environment_{time.monotonic_ns()}"
        made = Environment([*paths, self._runtime()], found.handler, variables, folder)
        with self._lock:
            self._all.append(made)
        return made

    def _unpacked(self, content: bytes) -> Path:
        """The folder of a zip file's files, made once on this machine: so Python compiles libraries once, too."""
        place = Path(tempfile.gettempdir()) / f"statagent-world-{hashlib.sha256(content).hexdigest()[:16]}"
        if not place.is_dir():
            with self._lock, tempfile.TemporaryDirectory(prefix="statagent-world-") as made:
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    archive.extractall(Path(made) / "files")
                with suppress(OSError):
                    (Path(made) / "files").rename(place)
        return place

    def _runtime(self) -> Path:
        """Lambda's own part of the image."""
        place, site = self._folder / "runtime", Path(sysconfig.get_path("platlib"))
        with self._lock:
            if not place.is_dir():
                place.mkdir(parents=True)
                for name in (*RUNTIME, *(path.name for path in site.glob("runtime_client*.so"))):
                    (place / name).symlink_to(site / name)
        return place


def _function(name: str) -> Any:
    from moto.awslambda.exceptions import UnknownFunctionException
    from moto.backends import get_backend

    try:
        return get_backend("lambda")[ACCOUNT][REGION].get_function(name)
    except UnknownFunctionException:
        return None


def _layers(found: Any) -> list[bytes]:
    from moto.backends import get_backend

    backend: Any = get_backend("lambda")[ACCOUNT][REGION]
    return [backend.layers_versions_by_arn(one["Arn"]).code_bytes for one in found.layers]


def _retries(found: Any) -> int:
    """How often Lambda tries again by itself: twice, unless the function says otherwise."""
    return int(found.event_invoke_config[-1].config["MaximumRetryAttempts"]) if found.event_invoke_config else 2


def _refused(status: int, code: str) -> Answer:
    answer = refusal("lambda", status, code)
    return Answer(answer.status, answer.body, answer.kind, {"x-amzn-ErrorType": code})


def _told(call: Invocation) -> dict[str, str]:
    billed = f"Duration: {call.billed_ms}.00 ms\tBilled Duration: {call.billed_ms} ms"
    report = f"REPORT RequestId: {call.request_id}\t{billed}"
    told = {"X-Amz-Executed-Version": "$LATEST", "X-Amz-Log-Result": base64.b64encode(report.encode()).decode()}
    return told | ({"X-Amz-Function-Error": "Unhandled"} if call.error else {})

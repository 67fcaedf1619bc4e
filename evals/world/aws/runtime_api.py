"""One environment of a function: a process of AWS's own runtime client, and the Runtime API that feeds it."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

NEXT, BEFORE = "/2018-06-01/runtime/invocation/next", "/2018-06-01/runtime/invocation/"
INIT_ERROR = "/2018-06-01/runtime/init/error"


@dataclass
class Invocation:
    """One call, and how it has ended; `billed_ms` counts a cold start too, as Lambda does."""

    body: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    dies: bool = False
    """Its process is killed once it has the call."""
    answer: bytes = b""
    error: str = ""
    billed_ms: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def end(self, answer: bytes, error: str = "") -> None:
        """It is over, once."""
        if not self.over.is_set():
            self.answer, self.error = answer, error
            self.over.set()


class Environment:
    """A process that waits for calls, one at a time."""

    def __init__(self, paths: list[Path], handler: str, variables: dict[str, str], folder: Path) -> None:
        self._waiting: queue.Queue[Invocation] = queue.Queue()
        self._current: Invocation | None = None
        self._arn, self._timeout_s = "arn:aws:lambda:world", 900.0
        self.is_cold = True
        environment = self

        class Api(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None:
                """Nothing."""

            def do_GET(self) -> None:
                environment._hand_out(self) if self.path == NEXT else self._send(404, b"")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                environment._take(self.path, body)
                self._send(202, b'{"status":"OK"}')

            def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
                self.send_response(status)
                for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tmp").mkdir(exist_ok=True)
        with (folder / "log").open("ab") as log:
            # -S: none of this machine's packages, just those of the function and the runtime.
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-P", "-m", "awslambdaric", handler],
                cwd=paths[0],
                env={
                    "PATH": "/usr/bin:/bin", "TMPDIR": str(folder / "tmp"), "LAMBDA_TASK_ROOT": str(paths[0]),
                    "PYTHONPATH": os.pathsep.join(map(str, paths)),
                    "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}", **variables,
                },
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._log = folder / "log"

    def run(self, call: Invocation, timeout_s: float) -> None:
        """Carry one call out; a process that takes too long, or dies, ends with it."""
        began, self._timeout_s, was_cold = time.monotonic(), timeout_s, self.is_cold
        self.is_cold, self._current = False, call
        if call.dies and was_cold:
            self.kill()
        self._waiting.put(call)
        while not call.over.wait(0.01):
            if self._process.poll() is not None:
                call.end(b"", f"RequestId: {call.request_id} Error: Runtime exited with error: {self._status()}")
            elif time.monotonic() - began > timeout_s + (10 if was_cold else 0):
                self.kill()
                call.end(b"", f"RequestId: {call.request_id} Error: Task timed out after {timeout_s:.2f} seconds")
        call.billed_ms = max(1, round(1000 * (time.monotonic() - began)))

    def kill(self) -> None:
        """End the process."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """End the process and its API."""
        self.kill()
        self._server.shutdown()
        self._server.server_close()

    @property
    def is_alive(self) -> bool:
        """Whether it can take another call."""
        return self._process.poll() is None

    def log(self) -> str:
        """What the function has written."""
        return self._log.read_text(errors="replace")

    def _status(self) -> str:
        code = self._process.returncode
        return "signal: killed" if code < 0 else f"exit status {code}"

    def _hand_out(self, asked: Any) -> None:
        call = self._waiting.get()
        deadline = round(1000 * (time.time() + self._timeout_s))
        headers = {
            "Lambda-Runtime-Aws-Request-Id": call.request_id, "Lambda-Runtime-Deadline-Ms": str(deadline),
            "Lambda-Runtime-Invoked-Function-Arn": self._arn, "Content-Type": "application/json",
        }  # fmt: skip
        with suppress(OSError):
            asked._send(200, call.body, headers)
        if call.dies:
            self.kill()

    def _take(self, path: str, body: bytes) -> None:
        call = self._current
        if call is None:
            return
        if path == INIT_ERROR:
            call.end(body, "init")
        elif path == f"{BEFORE}{call.request_id}/response":
            call.end(body)
        elif path == f"{BEFORE}{call.request_id}/error":
            said = json.loads(body or b"{}")
            call.end(body, str(said.get("errorMessage", "error")))

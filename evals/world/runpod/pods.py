"""Pods: each is a process group of this machine with an environment of its own, started again when its command ends."""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESTART_S = 0.3


@dataclass
class Pod:
    """One pod, as it was asked for, and what became of it."""

    pod_id: str
    body: Mapping[str, Any]
    usd_per_hour: float
    centre: str
    key: str
    created_at: float
    status: str = "PROVISIONING"
    started_at: float | None = None
    gone_at: float | None = None
    n_starts: int = 0
    process: subprocess.Popen[bytes] | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def name(self) -> str:
        """Its name, which need not be the only one of its kind."""
        return str(self.body["name"])

    @property
    def billed_s(self) -> float:
        """Seconds that are paid for, until now or its end."""
        return (self.gone_at or time.time()) - self.created_at

    def shown(self) -> dict[str, Any]:
        """The pod as the API shows it."""
        body = self.body
        return {
            "id": self.pod_id, "name": self.name, "image": body["image"], "args": body.get("args", ""),
            "env": body.get("env", {}), "disk": body.get("disk"), "ports": body.get("ports", []), "registry": None,
            "status": self.status, "actions": ["terminate"], "mounts": body.get("mounts", {}),
            **{kind: body[kind] for kind in ("gpu", "cpu") if kind in body},
            "cloud": body.get("cloud", "SECURE"), "dataCenterId": self.centre,
            "cost": 0.0 if self.status in ("EXITED", "TERMINATED") else self.usd_per_hour,
            "locked": False, "runtime": None, "template": None,
            "createdAt": _time(self.created_at),
            "startedAt": None if self.started_at is None else _time(self.started_at),
        }  # fmt: skip


class Pods:
    """All pods of the account, with the folder of its one volume as what they mount."""

    def __init__(self, folder: Path, volume: Path) -> None:
        self._folder = folder
        self._volume = volume
        self._lock = threading.Lock()
        self.all: list[Pod] = []
        self.starts_after_s = 0.0

    def create(self, body: Mapping[str, Any], usd_per_hour: float, centre: str) -> Pod:
        """A new pod, which begins by itself."""
        pod_id = secrets.token_hex(7)
        pod = Pod(pod_id, body, usd_per_hour, centre, f"rpa_POD{secrets.token_hex(12)}", time.time())
        with self._lock:
            self.all.append(pod)
        threading.Thread(target=self._run, args=[pod], daemon=True).start()
        return pod

    def of(self, pod_id: str) -> Pod | None:
        """The pod of that id, if it is not deleted."""
        return next((pod for pod in self.all if pod.pod_id == pod_id and pod.gone_at is None), None)

    def alive(self) -> list[Pod]:
        """The pods that are paid for now."""
        return [pod for pod in self.all if pod.gone_at is None]

    def delete(self, pod: Pod) -> None:
        """End the pod and the bill."""
        with self._lock:
            pod.done.set()
            if pod.gone_at is None:
                pod.gone_at, pod.status = time.time(), "TERMINATED"
            _kill(pod)

    def log(self, pod: Pod) -> list[str]:
        """What its container has written."""
        path = self._folder / f"{pod.pod_id}.log"
        return path.read_text(errors="replace").splitlines() if path.exists() else []

    def _run(self, pod: Pod) -> None:
        pod.done.wait(self.starts_after_s)
        disk = self._folder / pod.pod_id
        disk.mkdir(parents=True)
        while not pod.done.is_set():
            with self._lock:
                if pod.done.is_set():
                    break
                with (self._folder / f"{pod.pod_id}.log").open("ab") as log:
                    pod.process = subprocess.Popen(
                        self._inside(shlex.split(pod.body.get("args", ""))), cwd=disk, env=self._environment(pod),
                        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                    )  # fmt: skip
                pod.status, pod.started_at, pod.n_starts = "RUNNING", time.time(), pod.n_starts + 1
            pod.process.wait()
            # Whatever the command has left behind ends with its container.
            _kill(pod)
            pod.done.wait(RESTART_S)
        shutil.rmtree(disk, ignore_errors=True)

    def _environment(self, pod: Pod) -> dict[str, str]:
        given = {name: str(value) for name, value in pod.body.get("env", {}).items()}
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(self._folder / pod.pod_id),
            "TMPDIR": str(self._folder / pod.pod_id),
            "OMP_NUM_THREADS": "1",
            "RUNPOD_POD_ID": pod.pod_id,
            "RUNPOD_API_KEY": pod.key,
            **dict(zip(given, self._inside(list(given.values()), pod), strict=True)),
        }

    def _inside(self, words: list[str], pod: Pod | None = None) -> list[str]:
        """Words whose paths on the mounted volume are those of its folder here: this machine mounts nothing."""
        mounts = [] if pod is None else pod.body.get("mounts", {}).get("network", [])
        for mount in mounts:
            path = mount["path"].rstrip("/")
            words = [f"{self._volume}{word[len(path) :]}" if word.startswith(f"{path}/") else word for word in words]
        return words


def _kill(pod: Pod) -> None:
    """Kill every process of the pod's container, whatever sessions its command has made."""
    for pid in pod_processes(pod.pod_id):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def pod_processes(pod_id: str) -> list[int]:
    """The processes of the pod's container: its id is in the environment or the folder of each."""
    found, mark = [], pod_id.encode()
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError):
                if mark in (place / "environ").read_bytes() or pod_id in str((place / "cwd").readlink()):
                    found.append(int(place.name))
    return found


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")

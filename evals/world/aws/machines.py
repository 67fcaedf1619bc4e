"""Machines of EC2: each runs its user data as a process group of this machine, until it is shut down or ended."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

LEAST_BILLED_S = 60.0
SHUTDOWN = """#!{python}
# What a machine of EC2 has at its place: it tells the world that simulates the machine.
import os, sys, urllib.request
when = "now" if sys.argv[-1] == "now" else sys.argv[-1].lstrip("+")
urllib.request.urlopen(
    urllib.request.Request(os.environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] + "/world/shutdown/" + when, method="POST")
)
"""


@dataclass
class Ec2Machine:
    """One machine, as it was asked for, and what became of it; `role_key` is the access key of its role."""

    instance_id: str
    sku: str
    is_spot: bool
    zone: str
    usd_per_hour: float
    user_data: str
    is_terminated_by_shutdown: bool
    launched_at: float
    role_key: str = field(default_factory=lambda: f"ASIA{secrets.token_hex(8).upper()}")
    gone_at: float | None = None
    is_stopped: bool = False
    off_at: float | None = None
    notice_at: float | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def billed_s(self) -> float:
        """Seconds that are paid for, until now or its end."""
        return max(LEAST_BILLED_S, self.ran_s)

    @property
    def ran_s(self) -> float:
        """Seconds since its launch, until now or its end."""
        return (self.gone_at or time.time()) - self.launched_at

    @property
    def spent_usd(self) -> float:
        """What it has cost so far."""
        return self.billed_s * self.usd_per_hour / 3600


class Ec2Machines:
    """All machines of the account. `on_end(machine, code)` tells EC2's own list how one has ended."""

    def __init__(self, folder: Path, on_end: Callable[[Ec2Machine, str], None]) -> None:
        self._folder = folder
        self._on_end = on_end
        self._lock = threading.RLock()
        self.all: list[Ec2Machine] = []
        self.starts_after_s = 0.0
        self.is_shutdown_deaf = False
        self.environment: Mapping[str, str] = {}
        self.metadata_url = ""
        programs = folder / "bin"
        programs.mkdir(parents=True)
        (programs / "shutdown").write_text(SHUTDOWN.format(python=sys.executable))
        (programs / "shutdown").chmod(0o755)

    def add(self, machine: Ec2Machine) -> None:
        """A new machine, which begins by itself."""
        with self._lock:
            self.all.append(machine)
        threading.Thread(target=self._run, args=[machine], daemon=True).start()

    def of(self, instance_id: str) -> Ec2Machine | None:
        """The machine of that id, gone or not."""
        return next((machine for machine in self.all if machine.instance_id == instance_id), None)

    def alive(self) -> list[Ec2Machine]:
        """The machines that are paid for now."""
        return [machine for machine in self.all if machine.gone_at is None]

    def log(self, machine: Ec2Machine) -> str:
        """What its user data has written."""
        path = self._folder / f"{machine.instance_id}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def shut_down(self, machine: Ec2Machine, when: str) -> None:
        """The system's own `shutdown`: now, or in so many minutes."""
        if self.is_shutdown_deaf:
            return
        if when != "now":
            machine.off_at = time.time() + 60 * int(when)
        elif machine.is_terminated_by_shutdown:
            self.end(machine, "Client.InstanceInitiatedShutdown")
        else:
            # It works no more, and its disk is still paid for.
            machine.is_stopped = True
            self._kill(machine)

    def end(self, machine: Ec2Machine, code: str) -> None:
        """End the machine and the bill."""
        with self._lock:
            machine.done.set()
            if machine.gone_at is not None:
                return
            machine.gone_at = time.time()
        self._on_end(machine, code)
        self._kill(machine)

    def interrupt(self, machine: Ec2Machine, notice_s: float) -> None:
        """Take a spot machine away, so many seconds after the notice of it."""
        machine.notice_at = time.time() + notice_s

    def end_all(self) -> None:
        """End what is left, and see that none of their processes is: they would write into what is removed."""
        for machine in self.alive():
            self.end(machine, "Client.UserInitiatedShutdown")
        deadline = time.monotonic() + 5
        while left := [machine for machine in self.all if machine_processes(machine.instance_id)]:
            for machine in left:
                self._kill(machine)
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)

    def look(self) -> None:
        """End what is due: a shutdown that was asked for, an interruption."""
        now = time.time()
        for machine in self.alive():
            if machine.off_at is not None and now >= machine.off_at:
                self.shut_down(machine, "now")
            if machine.notice_at is not None and now >= machine.notice_at:
                self.end(machine, "Server.SpotInstanceTermination")

    def _run(self, machine: Ec2Machine) -> None:
        if machine.done.wait(self.starts_after_s):
            return
        disk = self._folder / machine.instance_id
        disk.mkdir()
        script = disk / "user-data"
        script.write_text(machine.user_data)
        script.chmod(0o700)
        environment = {
            "PATH": f"{self._folder / 'bin'}:{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(disk),
            "TMPDIR": str(disk),
            "OMP_NUM_THREADS": "1",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"{self.metadata_url}/{machine.instance_id}",
            **self.environment,
        }
        with self._lock:
            if machine.done.is_set():
                return
            with (self._folder / f"{machine.instance_id}.log").open("ab") as log:
                process = subprocess.Popen(
                    [str(script)], cwd=disk, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True,
                )  # fmt: skip
        # A script that ends ends no machine: it is paid for until it is shut down.
        process.wait()

    def _kill(self, machine: Ec2Machine) -> None:
        for pid in machine_processes(machine.instance_id):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def machine_processes(instance_id: str) -> list[int]:
    """The processes of that machine: its id is in the environment or the folder of each."""
    found, mark = [], instance_id.encode()
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError):
                if mark in (place / "environ").read_bytes() or instance_id in str((place / "cwd").readlink()):
                    found.append(int(place.name))
    return found


def stamp(seconds: float) -> str:
    """A time as AWS writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

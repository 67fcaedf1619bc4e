"""A real Dask scheduler with real workers on loopback, of one thread each and without a dashboard."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client, Security

from evals.world.pace import Limit
from evals.world.programs import REAL

_END_S = 10.0
_BEGIN_S = 30.0
_HERE = ("--host", "127.0.0.1", "--no-dashboard")


@dataclass
class DaskCluster:
    """A scheduler's address, its folder, its processes, and for TLS the certificate and key of all ends."""

    address: str
    folder: Path
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    tls: tuple[Path, Path] | None = None

    def add_worker(self, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """One more worker, once the scheduler knows it."""
        n_before = self.n_workers()
        name = f"worker_{len(self.workers)}"
        command = ["distributed.cli.dask_worker", self.address, *_HERE, "--nthreads", "1", "--no-nanny", "--name", name]
        options = ["--local-directory", str(self.folder), *_tls_options(self.tls)]
        worker = _start(self.folder, name, [*command, *options], environment)
        self.workers.append(worker)
        limit = Limit(_BEGIN_S)
        while self.n_workers() <= n_before:
            if worker.poll() is not None or limit.is_over():
                raise RuntimeError(f"{name} did not begin: {(self.folder / name).read_text()[-500:]}")
            time.sleep(0.05)
        return worker

    def n_workers(self) -> int:
        """How many the scheduler knows."""
        with self._client() as client:
            return len(client.nthreads())

    def n_tasks(self) -> int:
        """How many tasks the scheduler knows, done or not."""
        with self._client() as client:
            return int(client.run_on_scheduler(_count_tasks))

    def _client(self) -> Client:
        if self.tls is None:
            return Client(self.address)
        certificate, key = map(str, self.tls)
        ends = {"tls_ca_file": certificate, "tls_client_cert": certificate, "tls_client_key": key}
        return Client(self.address, security=Security(require_encryption=True, **ends))

    def end(self) -> None:
        """End the processes that there are."""
        for process in (*self.workers, self.scheduler):
            process.terminate()
        for process in (*self.workers, self.scheduler):
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def dask_cluster(
    folder: Path,
    n_workers: int,
    environment: Mapping[str, str] | None = None,
    tls: tuple[Path, Path] | None = None,
) -> Iterator[DaskCluster]:
    """A scheduler and so many workers, which end with the block; `environment` is what the scheduler has besides."""
    file = folder / "scheduler.json"
    options = ["--port", "0", "--scheduler-file", str(file), *_tls_options(tls)]
    scheduler = _start(folder, "scheduler", ["distributed.cli.dask_scheduler", *_HERE, *options], environment)
    cluster = DaskCluster("", folder, scheduler, tls=tls)
    try:
        limit = Limit(_BEGIN_S)
        while not cluster.address:
            if scheduler.poll() is not None or limit.is_over():
                raise RuntimeError(f"the scheduler did not begin: {(folder / 'scheduler').read_text()[-500:]}")
            time.sleep(0.05)
            cluster.address = _address_in(file)
        for _ in range(n_workers):
            cluster.add_worker()
        yield cluster
    finally:
        cluster.end()


def _tls_options(tls: tuple[Path, Path] | None) -> list[str]:
    if tls is None:
        return []
    certificate, key = map(str, tls)
    return ["--protocol", "tls", "--tls-ca-file", certificate, "--tls-cert", certificate, "--tls-key", key]


def dies_once(mark: Path, train: Sized, test: Sized) -> int:
    """A part whose worker is killed the first time that it is done."""
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return len(train) + len(test)


def _start(
    folder: Path, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    with (folder / name).open("wb") as log:
        return subprocess.Popen(
            [REAL, "-m", *command],
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _address_in(file: Path) -> str:
    """The address, once the file is whole."""
    try:
        return str(json.loads(file.read_text())["address"])
    except (FileNotFoundError, ValueError):
        return ""


def _count_tasks(dask_scheduler: object) -> int:
    return len(dask_scheduler.tasks)  # type: ignore[attr-defined]  # Dask gives its own scheduler

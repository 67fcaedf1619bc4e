"""Dask's client for one job: it joins a scheduler whose workers are made of what is here, and says what goes wrong.

Cancelling is Dask's: where this process ends, its scheduler forgets what waits for a worker; a task that runs goes on
to its end, and what it finds is dropped.
"""

from __future__ import annotations

import asyncio
import platform
from asyncio import CancelledError
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from distributed import Client, KilledWorker
from distributed.client import FutureCancelledError
from distributed.comm.core import CommClosedError
from joblib import register_parallel_backend
from joblib._dask import DaskDistributedBackend

from adapters.compute.cluster import BACKEND, VARIABLE, ClusterError, ClusterLost
from adapters.compute.payload import code_sha256

ANSWER_S = 5.0
LIBRARIES = ("scikit-learn", "numpy", "scipy", "pandas", "joblib", "xgboost-cpu", "cloudpickle", "distributed")
"""What a fit is made by, and what carries it there and back."""
CODE = "statagent"
UNREACHED = (CommClosedError, TimeoutError)
"""What Dask says, or has as the cause of what it says, where nobody answers."""


@contextmanager
def join(address: str) -> Iterator[int]:
    """Be the cluster's client in here; gives how many workers it has.

    Raises
    ------
    ClusterError, ClusterLost
        As `adapters.compute.cluster.join` says.
    """
    with _client(address) as client:
        n_workers = _check_workers(client, address)
        register_parallel_backend(BACKEND, _Backend)
        try:
            yield n_workers
        except KilledWorker as error:
            raise ClusterError(
                f"a part of the work has ended several workers of the cluster {address}, the last was "
                f"{error.last_worker.address}: they may have too little memory; nothing is kept"
            ) from error
        except (CancelledError, FutureCancelledError, OSError) as error:
            # A file of ours that cannot be written is an OSError too, and no loss of the cluster.
            is_of_a_file = isinstance(error, OSError) and not isinstance(error, UNREACHED)
            if is_of_a_file and not isinstance(error.__cause__, UNREACHED):
                raise
            raise ClusterLost(
                f"the cluster {address} lost its scheduler, or a worker that alone had some of the data"
            ) from error


class _Backend(DaskDistributedBackend):  # type: ignore[misc]  # joblib has no types
    """joblib's own, but that a part which Dask has given up is told of: joblib 1.6 waits for it for ever."""

    async def _collect(self) -> None:
        while self._continue:
            async for future, found in self.waiting_futures:
                told, callback = self._results.pop(future), self._callbacks.pop(future)
                if future.status == "error":
                    _, error, _ = found
                    told.set_exception(error)
                    callback(error)
                else:
                    told.set_result(found)
                    callback(found)
            await asyncio.sleep(0.01)


def what_is_here() -> dict[str, str]:
    """Python, the libraries and our own code, here; the workers are asked for the same."""
    found = {name: _version(name) for name in LIBRARIES}
    return {"python": ".".join(platform.python_version_tuple()[:2]), CODE: code_sha256()[:12], **found}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def _client(address: str) -> Client:
    try:
        return Client(address, timeout=ANSWER_S)
    except TypeError as error:
        raise ClusterError(
            f"the cluster {address} wants TLS, and Dask's own configuration here names no certificates for it "
            "(distributed.comm.tls, in ~/.config/dask; docs/cluster.md)"
        ) from error
    except (OSError, ValueError, RuntimeError) as error:
        said = str(error).split("\n")[0].split(" after ")[0]
        raise ClusterError(
            f"the cluster {address} does not answer ({said}): start its scheduler, mend {VARIABLE}, or unset it to "
            "work on this machine alone"
        ) from error


def _check_workers(client: Client, address: str) -> int:
    """How many there are; each has what is here."""
    try:
        # Looked for first: what is sent by its name, where that is not there, ends in an error of no class.
        client.run(import_module, __name__)
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"a worker of the cluster {address} cannot import {error.name}: install statagent there as it is here, "
            "with the libraries of requirements.lock"
        ) from error
    told = client.run(what_is_here)
    if not told:
        raise ClusterError(f"the cluster {address} has no workers: start some, or unset {VARIABLE}")
    here = what_is_here()
    for worker, there in told.items():
        other = next((name for name in here if there.get(name) != here[name]), None)
        if other is not None:
            raise ClusterError(
                f"a worker of the cluster {address} ({worker}) has {other} {there.get(other)}, and here it is "
                f"{here[other]}: install there what is here (requirements.lock)"
            )
    return len(told)

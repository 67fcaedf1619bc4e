"""The Dask cluster that a person already has: one job's way into it, or the reason why there is none.

Dask is an extra of ours, and it is imported when a job joins a cluster (adapters/compute/dask_cluster.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from urllib.parse import urlsplit

from adapters.compute.base import ComputeError

SCHEMES = ("tcp", "tls")
VARIABLE = "STATAGENT_CLUSTER"
BACKEND = "statagent_cluster"
"""What joblib calls the cluster that a job has joined."""


class ClusterError(ComputeError):
    """The cluster cannot be used: nothing is done without it in silence."""


class ClusterLost(ClusterError):
    """It was there, and something of it went away that the work cannot do without: it may be done again."""


@dataclass(frozen=True)
class Joined:
    """A cluster whose client this process is, and how many workers it has."""

    address: str
    n_workers: int
    backend: str = BACKEND


def check_address(address: str) -> str:
    """The address of a scheduler.

    Raises
    ------
    ValueError
        If it is none: `tcp://host:port` or `tls://host:port`, and nothing else in it.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or port is None or parts.scheme not in SCHEMES or parts.netloc.rpartition("@")[1]:
        raise ValueError("give the address of a Dask scheduler: tcp://host:port or tls://host:port")
    if parts.path or parts.query or parts.fragment:
        raise ValueError("nothing stands behind the port of a Dask scheduler: tcp://host:port or tls://host:port")
    return address


def is_clear(address: str) -> bool:
    """Whether what goes there can be read on its way: it is no TLS, and the host is not this machine."""
    host = urlsplit(address).hostname or ""
    return not address.startswith("tls:") and host not in ("localhost", "127.0.0.1", "::1")


@contextmanager
def join(address: str) -> Iterator[Joined]:
    """Be the cluster's client in here; joblib's backend `BACKEND` then goes there.

    Raises
    ------
    ClusterError
        If Dask is not installed, nobody answers, there are no workers, or they are not made of what is here.
    ClusterLost
        If its scheduler went away while it worked, or a worker that alone had some of the data.
    """
    if find_spec("distributed") is None:
        extra = "install statagent with its extra `cluster`"
        raise ClusterError(f"{VARIABLE} is set to {address}, and Dask is not installed: {extra}, or unset it")
    with import_module("adapters.compute.dask_cluster").join(address) as n_workers:
        yield Joined(address, n_workers)

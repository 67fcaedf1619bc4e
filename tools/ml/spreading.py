"""The parts of a training that a cluster does side by side; one after the other where this process has joined none.

A worker does one job in its process, so the cluster that it has joined stands for all fits in it, as a device does
(tools/ml/devices.py). joblib sends the parts, and gives back what each of them found, in their order: nothing that is
found depends on where it was.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from joblib import Parallel, delayed, parallel_config

from tools.ml.kept_together import Sides
from tools.ml.metadata import ClusterUse, SpreadPart

Found = TypeVar("Found")


@dataclass
class _Joined:
    address: str
    n_workers: int
    backend: str
    used: set[SpreadPart] = field(default_factory=set)


_JOINED: list[_Joined] = []


@contextmanager
def joined_to(address: str, n_workers: int, backend: str) -> Iterator[None]:
    """What can be spread in here is, over the cluster that joblib has as its backend of that name."""
    _JOINED.append(_Joined(address, n_workers, backend))
    try:
        yield
    finally:
        _JOINED.pop()


def is_joined() -> bool:
    """Whether there is a cluster."""
    return bool(_JOINED)


def cluster_use() -> ClusterUse | None:
    """Which parts the cluster has done; None where there is none, or it has done nothing."""
    if not _JOINED or not _JOINED[-1].used:
        return None
    joined = _JOINED[-1]
    return ClusterUse(address=joined.address, n_workers=joined.n_workers, parts=tuple(sorted(joined.used)))


@contextmanager
def side_by_side(part: SpreadPart) -> Iterator[None]:
    """What scikit-learn gives to joblib in here goes to the cluster, if there is one."""
    if not _JOINED:
        yield
        return
    _JOINED[-1].used.add(part)
    with parallel_config(backend=_JOINED[-1].backend):
        yield


def each_fold(do: Callable[..., Found], shared: Sequence[Any], parts: Sequence[Sides], here: bool) -> Generator[Found]:
    """What `do(*shared, train, test)` finds of each part, in their order; one that is not asked for is given up.

    Parameters
    ----------
    do : callable
        A function of a module: the cluster imports it.
    here : bool
        They are done here, one when the next is asked for, as all are without a cluster.
    """
    if here or not _JOINED:
        yield from (do(*shared, train, test) for train, test in parts)
        return
    # Begun inside, read outside: what else is done meanwhile stays here.
    with side_by_side("folds"):
        found = Parallel(return_as="generator")(delayed(_alone)(do, *shared, *sides) for sides in parts)
    try:
        # Not `yield from found`, which would close it before its warning is caught.
        yield from (one for one in found)
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that parts were given up is meant
            found.close()


def _alone(do: Callable[..., Found], *arguments: Any) -> Found:
    """On the cluster a part sends out no parts of its own: those of a job that was stopped would go on."""
    with parallel_config(backend="sequential"):
        return do(*arguments)

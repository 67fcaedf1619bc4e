"""Simulated providers as a crash campaign sees them: what was created, what is paid for, what goes wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from adapters.compute.aws import Ec2Backend
from adapters.compute.base import Backend
from adapters.compute.runpod import RunPodBackend
from evals.world.aws import AwsWorld, aws_world
from evals.world.aws import program as aws_program
from evals.world.runpod import RunPodWorld, runpod_world
from evals.world.runpod import program as runpod_program
from evals.world.runpod.faults import Fault
from runtime.session import Session

LAG_S = 0.4
FOR_EVER_S = 1e9


class Rented(Protocol):
    """One provider, with machines that never begin: nothing but bills is at stake."""

    n_requests: int
    """From the yes to the end of the cancelled job a program sends about so many."""
    lag_s: float

    def environment(self) -> Mapping[str, str]:
        """Variables of a program that rents there."""

    def address(self) -> str:
        """Where it is, for a command line."""

    def n_created(self) -> int:
        """Machines that ever were."""

    def n_left(self) -> int:
        """Machines that are paid for."""

    def end_all(self) -> None:
        """End what is left."""

    def spoil(self, rng: random.Random) -> None:
        """Let lists lag and an answer to a create be lost, or not."""

    def mend(self) -> None:
        """Let nothing go wrong any more."""

    def be_careless(self) -> None:
        """Take away what keeps one yes to one machine: a campaign must notice it."""


@dataclass
class RentedPods:
    """RunPod; careless without the settle window."""

    world: RunPodWorld
    settle_s: float = runpod_program.QUICK.settle_s
    n_requests: int = 10
    lag_s: float = 0.0

    def __post_init__(self) -> None:
        self.world.pods.starts_after_s = FOR_EVER_S

    def environment(self) -> Mapping[str, str]:
        """None: all is in the address."""
        return {}

    def address(self) -> str:
        """Its two servers."""
        return runpod_program.Address.of(self.world, self.settle_s).text()

    def n_created(self) -> int:
        """Pods that ever were."""
        return len(self.world.pods.all)

    def n_left(self) -> int:
        """Pods that are not deleted."""
        return len(self.world.pods.alive())

    def end_all(self) -> None:
        """Delete them."""
        for pod in self.world.pods.alive():
            self.world.pods.delete(pod)

    def spoil(self, rng: random.Random) -> None:
        """A lagging list, a lost or a 5xx answer."""
        self.lag_s = self.world.lag_s = rng.choice([0.0, LAG_S])
        if rng.random() < 0.5:
            self.world.faults.add(Fault("POST", "/v2/pods", rng.choice([0, 502]), is_done=rng.random() < 0.7))

    def mend(self) -> None:
        """No fault waits any more."""
        while self.world.faults.take("POST", "/v2/pods"):
            pass

    def be_careless(self) -> None:
        """A list is believed at once."""
        self.settle_s = 0.0


@dataclass
class RentedInstances:
    """EC2; careless with an AWS that knows no tokens."""

    world: AwsWorld
    n_requests: int = 43
    lag_s: float = 0.0

    def __post_init__(self) -> None:
        self.world.machines.starts_after_s = FOR_EVER_S

    def environment(self) -> Mapping[str, str]:
        """AWS's own variables."""
        return self.world.environment()

    def address(self) -> str:
        """None: it is in the environment."""
        return ""

    def n_created(self) -> int:
        """Machines that ever were."""
        return len(self.world.machines.all)

    def n_left(self) -> int:
        """Machines that are not gone."""
        return len(self.world.machines.alive())

    def end_all(self) -> None:
        """End them."""
        for machine in self.world.machines.alive():
            self.world.machines.end(machine, "Client.UserInitiatedShutdown")

    def spoil(self, rng: random.Random) -> None:
        """A lagging list, a lost, a 5xx or a throttled answer."""
        self.lag_s = self.world.ec2.lag_s = rng.choice([0.0, LAG_S])
        if rng.random() < 0.5:
            self.world.faults.add(
                Fault("ec2", "RunInstances", rng.choice([0, 503]), rng.random() < 0.7, body=b"RequestLimitExceeded")
            )

    def mend(self) -> None:
        """No fault waits any more."""
        while self.world.faults.take("ec2", "RunInstances"):
            pass

    def be_careless(self) -> None:
        """A request that comes again is another one."""
        self.world.ec2.has_tokens = False


@contextmanager
def _pods() -> Iterator[Rented]:
    with runpod_world() as world:
        yield RentedPods(world)


@contextmanager
def _instances() -> Iterator[Rented]:
    with aws_world() as world:
        yield RentedInstances(world)


PROVIDERS: Mapping[str, Callable[[], AbstractContextManager[Rented]]] = {"runpod": _pods, "aws": _instances}
"""Each provider by its name, begun anew."""


def renting_session(home: Path, address: str) -> Session:
    """The program at `home` with the provider at that address as its only backend."""
    return runpod_program.renting_session(home, address) if address else aws_program.renting_session(home)


def call_before_or_after(backend: Backend, moment: str, call: Callable[[], None]) -> None:
    """Have `call` called before or after each request that the backend sends to its provider."""

    def heard(*_: Any, **__: Any) -> None:
        call()

    if isinstance(backend, RunPodBackend):
        backend._api._client.event_hooks = {"request" if moment == "before" else "response": [heard]}
    elif isinstance(backend, Ec2Backend):
        names = [backend._api.client(name) for name in ("ec2", "scheduler")]
        for client in (*names, backend._files.volume._client):
            client.meta.events.register_first("before-send" if moment == "before" else "needs-retry", heard)

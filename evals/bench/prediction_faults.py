"""Predictions in a cloud where things go wrong: `python -m evals.bench.prediction_faults [N [PLACE …]]`.

N attempts (100) at each place. The clouds are simulated, their functions and workers real processes. Each attempt has
faults of its number: answers that are lost, refusals, calls and jobs that are lost or carried out twice, processes that
are killed, a program that begins anew. Of each all parts must be there, once, in order, with what the model says here,
inside the cap, and nothing left.
"""

from __future__ import annotations

import os
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from adapters.compute.base import Backend, Surroundings
from adapters.records import Approval, Attempt, AttemptState, Order
from adapters.serving.aws_lambda import detect as detect_lambda
from adapters.serving.lambda_deploy import deployment
from evals.world.aws import AwsWorld, aws_world
from evals.world.runpod import RunPodWorld, runpod_world
from evals.world.runpod.faults import Fault
from evals.world.runpod.serverless import deployed_endpoint, serverless_backend
from evals.world.small_model import SmallModel, differing, small_model

N_ROWS, PART_ROWS = 4_000, 1_000
MAX_SECONDS, LONGEST_S = 300, 120
APPROVAL = Approval("a1", "ann", "q1", "call1", "hash")


class FaultyPlace(Protocol):
    """A cloud in which things go wrong when they are told to."""

    def backend(self) -> Backend:
        """As another program has it."""

    def spoil(self, chance: random.Random) -> None:
        """Let one more thing go wrong in what comes."""

    def kill(self) -> bool:
        """Kill a process in mid-part, if there is one."""

    def spent_usd(self) -> Decimal | None:
        """What the cloud has billed so far; None where it tells nobody."""

    def clear(self) -> None:
        """Nothing goes wrong any more."""


@dataclass
class LambdaPlace:
    """A function of a simulated AWS: half of the attempts are answered at once, half go over the bucket."""

    world: AwsWorld
    surroundings: Surroundings

    def backend(self) -> Backend:
        """As another program has it."""
        return detect_lambda(self.surroundings)

    def spoil(self, chance: random.Random) -> None:
        """Lose an answer or a call, refuse a call, run one twice, let one die, or the bucket fail."""
        kind, functions, call = chance.randrange(6), self.world.functions, ("lambda", "InvokeFunction")
        if kind == 0:
            functions.loses_later += 1
        elif kind == 1:
            functions.runs_twice = True
        elif kind == 2:
            functions.kills += 1
        elif kind == 3:
            self.world.faults.add(Fault(*call, 429, body=b"TooManyRequestsException"))
        elif kind == 4:
            self.world.faults.add(Fault(*call, chance.choice((0, 500)), is_done=chance.random() < 0.7))
        else:
            asked = chance.choice(("GetObject", "PutObject", "ListObjectsV2"))
            self.world.faults.add(Fault("s3", asked, chance.choice((0, 500, 503)), is_done=chance.random() < 0.5))

    def kill(self) -> bool:
        """Kill the next call's process, in mid-part."""
        self.world.functions.kills += 1
        return True

    def spent_usd(self) -> Decimal | None:
        """What all calls have cost."""
        return Decimal(str(self.world.functions.spent_usd))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.world.faults.clear()
        functions = self.world.functions
        functions.loses_later, functions.runs_twice, functions.kills = 0, False, 0


@dataclass
class ServerlessPlace:
    """An endpoint of a simulated RunPod."""

    world: RunPodWorld
    endpoint_id: str
    surroundings: Surroundings

    def backend(self) -> Backend:
        """As another program has it."""
        return serverless_backend(self.world, self.endpoint_id, self.surroundings)

    def spoil(self, chance: random.Random) -> None:
        """Lose an answer to a sending, refuse one, throttle, answer no status, or forget a job."""
        base, kind = f"/v2/{self.endpoint_id}", chance.choice(("lost", "lost", "refused", "throttled", "status", "job"))
        if kind == "job":
            self.world.endpoints.n_lost += 1
        elif kind == "throttled":
            self.world.faults.add(*[Fault("POST", f"{base}/run", 429, headers={"Retry-After": "0"})] * 3)
        elif kind == "status":
            self.world.faults.add(*[Fault("GET", f"{base}/status", 500)] * 2)
        else:
            status = 0 if kind == "lost" else 502
            self.world.faults.add(Fault("POST", f"{base}/run", status, is_done=chance.random() < 0.7))

    def kill(self) -> bool:
        """Kill a worker in mid-part, if there is one."""
        endpoint = self.world.endpoints.all[self.endpoint_id]
        busy = {job.worker for job in endpoint.pending("IN_PROGRESS")}
        worker = next((one for one in endpoint.alive() if one.worker_id in busy), None)
        if worker is not None:
            self.world.endpoints.end(endpoint, worker)
        return worker is not None

    def spent_usd(self) -> Decimal | None:
        """Its jobs say their seconds; the bill of the workers comes later."""
        return None

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.world.faults.clear()
        self.world.endpoints.n_lost = 0


def one_attempt(place: FaultyPlace, model: SmallModel, index: int) -> Counter[str]:
    """An attempt with the faults of its number; counts what went wrong, and what of it was seen."""
    chance, found, backend = random.Random(index), Counter[str](), place.backend()
    attempt, before = _attempt(backend, model, chance), place.spent_usd()
    backend.stage(attempt, model.files())
    for _ in range(chance.randint(1, 4)):
        place.spoil(chance)
        found["faults"] += 1
    running = replace(attempt, handle=backend.launch(attempt, APPROVAL))
    ends_at = time.monotonic() + LONGEST_S
    kills, anew = chance.random() < 0.4, chance.random() < 0.3
    while (machine := backend.state(running)).is_running and time.monotonic() < ends_at:
        if kills and chance.random() < 0.3:
            kills = not place.kill()
            found["killed"] += not kills
        if anew:
            backend.close()
            backend, anew = place.backend(), False
            found["programs anew"] += 1
        time.sleep(0.1)
    if machine.result is None:
        found[f"not done: {machine.end_reason or machine.status}"] += 1
    else:
        backend.terminate(running)
        wrong = differing(model, backend.fetch(running), PART_ROWS, N_ROWS)
        found["lost or doubled rows"] += wrong is not None
    found["dearer than the cap"] += machine.seconds > attempt.request.max_seconds
    found["left"] += len(backend.running())
    backend.close()
    place.clear()
    found += _of_the_bill(before, place.spent_usd(), attempt)
    return found


def _of_the_bill(before: Decimal | None, after: Decimal | None, attempt: Attempt) -> Counter[str]:
    if before is None or after is None:
        return Counter()
    cap = attempt.request.usd_per_hour * attempt.request.max_seconds / 3600
    return Counter({"billed above the cap": int(after - before > cap)})


def _attempt(backend: Backend, model: SmallModel, chance: random.Random) -> Attempt:
    """Parts of a thousand rows, at whichever of the place's offers."""
    offer = chance.choice(backend.offers())
    order = Order(
        quote_id="q1", work=model.work, data_sha256="sha", max_seconds=MAX_SECONDS, place=offer.place,
        usd_per_hour=offer.usd_per_hour, rows=N_ROWS, part_rows=PART_ROWS,
    )  # fmt: skip
    key, state = secrets.token_hex(16), AttemptState.LAUNCHING
    return Attempt(f"t{key}", "ann", "j1", 1, key, backend.name, state, order, None, datetime.now(UTC))


def lambda_place(stack: ExitStack, folder: Path) -> LambdaPlace:
    """A simulated AWS with a function, until the stack is closed."""
    world = stack.enter_context(aws_world(folder / "aws"))
    os.environ.update(world.environment())
    surroundings = _surroundings(folder / "lambda", world.options())
    deployment(surroundings, lambda sentence: None).deploy()
    return LambdaPlace(world, surroundings)


def serverless_place(stack: ExitStack, folder: Path) -> ServerlessPlace:
    """A simulated RunPod with an endpoint of two workers, until the stack is closed."""
    world = stack.enter_context(runpod_world())
    endpoint_id = deployed_endpoint(world)
    world.endpoints.all[endpoint_id].body["workers"] |= {"max": 2, "idleTimeout": 60}
    return ServerlessPlace(world, endpoint_id, _surroundings(folder / "serverless", {}))


def _surroundings(folder: Path, options: dict[str, str]) -> Surroundings:
    return Surroundings(lambda: "abc123", folder, {"PATH": os.environ["PATH"]}, 3600, None, options)


PLACES: dict[str, Callable[[ExitStack, Path], FaultyPlace]] = {
    "aws_lambda": lambda_place,
    "runpod_serverless": serverless_place,
}


def campaign(name: str, n: int) -> Counter[str]:
    """What n attempts at that place have led to."""
    found = Counter[str]()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "model").mkdir()
        place, model = PLACES[name](stack, folder), small_model(folder / "model", N_ROWS)
        for index in range(n):
            found += one_attempt(place, model, index)
    return found


def main(n: int, names: Sequence[str]) -> None:
    """Print what N attempts at each of the places have led to."""
    for name in names:
        began = time.monotonic()
        found = campaign(name, n)
        print(f"{name}: {n} attempts in {time.monotonic() - began:.0f} s: {dict(found)}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100, sys.argv[2:] or list(PLACES))

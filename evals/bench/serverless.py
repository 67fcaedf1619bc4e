"""Predictions on a simulated RunPod Serverless, by real workers: what goes wrong, and how long how many rows take.

`python -m evals.bench.serverless [N] [--rows ROWS ...]`: N attempts (50), each with faults of its number: lost answers,
throttling, jobs that are lost, workers that are killed, a program that begins anew. Of each attempt all parts must be
there, once, in order, with what the model says here, inside the cap, and nothing may be left. Then tables of ROWS rows.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from adapters.compute.base import Surroundings
from adapters.records import Approval, Attempt, AttemptState, Order
from adapters.serving.runpod_serverless import NAME, ServerlessBackend
from evals.world.home import build_in, used_home
from evals.world.runpod import RunPodWorld, runpod_world
from evals.world.runpod.faults import Fault
from evals.world.runpod.serverless import deployed_endpoint, serverless_backend
from evals.world.small_model import SmallModel, differing, small_model
from runtime.confirmation import Confirmation
from runtime.session import Session

N_ROWS, PART_ROWS = 4_000, 1_000
LONGEST_S = 120
APPROVAL = Approval("a1", "ann", "q1", "call1", "hash")
HEAD = f"{'rows':>10}  {'where':<18} {'seconds':>8} {'of which paid':>13} {'dollars':>9} {'quoted':>9} {'cap':>7}"
SIZES = (1, 1_000, 10_000, 100_000, 1_000_000)


@dataclass
class Campaign:
    """One world with one endpoint, and attempts one after another."""

    world: RunPodWorld
    endpoint_id: str
    model: SmallModel
    folder: Path

    def backend(self) -> ServerlessBackend:
        """As another program has it."""
        surroundings = Surroundings(
            lambda: "abc123", self.folder / "jobs", {"PATH": os.environ["PATH"]}, 3600, None, {}
        )
        return serverless_backend(self.world, self.endpoint_id, surroundings)

    def run(self, index: int) -> Counter[str]:
        """One attempt, with the faults of its number; counts what went wrong, and what of it was seen."""
        chance, found = random.Random(index), Counter[str]()
        backend = self.backend()
        attempt = self._attempt(backend)
        backend.stage(attempt, self.model.files())
        self._spoil(chance)
        running = replace(attempt, handle=backend.launch(attempt, APPROVAL))
        ends_at = time.monotonic() + LONGEST_S
        kills, anew = chance.random() < 0.4, chance.random() < 0.3
        while (machine := backend.state(running)).is_running and time.monotonic() < ends_at:
            if kills and chance.random() < 0.3:
                kills = not self._kill()
                found["workers killed"] += not kills
            if anew:
                backend.close()
                backend, anew = self.backend(), False
                found["programs anew"] += 1
            time.sleep(0.1)
        if machine.result is None:
            found[f"not done: {machine.end_reason or machine.status}"] += 1
        else:
            backend.terminate(running)
            wrong = differing(self.model, backend.fetch(running), PART_ROWS, N_ROWS)
            found["lost or doubled rows"] += wrong is not None
        found["dearer than the cap"] += machine.seconds > attempt.request.max_seconds
        found["parts worked on twice"] += self._n_twice(attempt)
        found["left"] += len(backend.running())
        backend.close()
        self.world.faults.clear()
        self.world.endpoints.n_lost = 0
        return found

    def _attempt(self, backend: ServerlessBackend) -> Attempt:
        (offer,) = backend.offers()
        order = Order(
            quote_id="q1", work=self.model.work, data_sha256="sha", max_seconds=1200, place=offer.place,
            usd_per_hour=offer.usd_per_hour, rows=N_ROWS, part_rows=PART_ROWS,
        )  # fmt: skip
        key, state = secrets.token_hex(16), AttemptState.LAUNCHING
        return Attempt(f"t{key}", "ann", "j1", 1, key, NAME, state, order, None, datetime.now(UTC))

    def _spoil(self, chance: random.Random) -> None:
        """Let one to four requests go wrong, or be forgotten."""
        base = f"/v2/{self.endpoint_id}"
        for _ in range(chance.randint(1, 4)):
            kind = chance.choice(("lost", "lost", "refused", "throttled", "status", "forgotten"))
            if kind == "forgotten":
                self.world.endpoints.n_lost += 1
            elif kind == "throttled":
                self.world.faults.add(*[Fault("POST", f"{base}/run", 429, headers={"Retry-After": "0"})] * 3)
            elif kind == "status":
                self.world.faults.add(*[Fault("GET", f"{base}/status", 500)] * 2)
            else:
                status = 0 if kind == "lost" else 502
                self.world.faults.add(Fault("POST", f"{base}/run", status, is_done=chance.random() < 0.7))

    def _kill(self) -> bool:
        """Kill a worker in mid-part, if there is one."""
        endpoint = self.world.endpoints.all[self.endpoint_id]
        busy = {job.worker for job in endpoint.pending("IN_PROGRESS")}
        worker = next((one for one in endpoint.alive() if one.worker_id in busy), None)
        if worker is not None:
            self.world.endpoints.end(endpoint, worker)
        return worker is not None

    def _n_twice(self, attempt: Attempt) -> int:
        """How many tries were made by two jobs, each to its end."""
        jobs = self.world.endpoints.all[self.endpoint_id].jobs.values()
        made = Counter(
            (job.input["number"], job.input["try"])
            for job in jobs
            if job.input["key"] == attempt.key and "sha256" in job.told.get("output", {})
        )
        return sum(n > 1 for n in made.values())


def campaign(n: int) -> Counter[str]:
    """What n attempts have led to."""
    with tempfile.TemporaryDirectory() as name, runpod_world() as world:
        folder = Path(name)
        (folder / "model").mkdir()
        endpoint_id = deployed_endpoint(world)
        world.endpoints.all[endpoint_id].body["workers"] |= {"max": 2, "idleTimeout": 60}
        made = Campaign(world, endpoint_id, small_model(folder / "model", N_ROWS), folder)
        found = Counter[str]()
        for index in range(n):
            found += made.run(index)
        return found


def sizes(all_rows: Sequence[int]) -> None:
    """Seconds and dollars of tables of these sizes, here and there: from the yes to the file."""
    with tempfile.TemporaryDirectory() as name, runpod_world() as world:
        folder = Path(name)
        endpoint_id = deployed_endpoint(world)
        session = build_in(used_home(folder / "home"), **world.options(), runpod_endpoint=endpoint_id, max_job_s=7200)
        write_tables(folder, all_rows)
        _call(session, "load_dataset", {"source": str(folder / "train.csv")})
        job = {"kind": "training", "dataset": "train", "target": "y", "model": "ridge"}
        _done(session, "launch_training", {}, job, "local")
        print(HEAD)  # noqa: T201 - the result
        for rows in all_rows:
            _call(session, "load_dataset", {"source": str(folder / f"rows_{rows}.csv")})
            job = {"kind": "prediction", "model": "ridge", "dataset": f"rows_{rows}"}
            for where in ("local", NAME):
                took, told = _done(session, "predict", {"model": "ridge"}, job, where)
                print(f"{rows:>10,}  {where:<18} {took:>8.1f} {told}")  # noqa: T201 - the result
        session.program.close()


def write_tables(folder: Path, all_rows: Sequence[int]) -> None:
    """A table to train on, and one of each size: six numbers and two words."""
    rng = np.random.default_rng(5)
    for name, n in [("train", 2_000), *((f"rows_{rows}", rows) for rows in all_rows)]:
        frame = pd.DataFrame({f"x{place}": rng.normal(size=n).round(4) for place in range(6)})
        frame["town"], frame["kind"] = rng.choice(["Ash", "Elm", "Oak"], n), rng.choice(list("abcd"), n)
        if name == "train":
            frame["y"] = frame["x0"] * 3 + frame["x1"] + rng.normal(size=n)
        frame.to_csv(folder / f"{name}.csv", index=False)


def _done(session: Session, tool: str, arguments: dict[str, str], job: dict[str, str], where: str) -> tuple[float, str]:
    """A job from its yes to its end: seconds, and what it cost."""
    (quote, *_) = _call(session, "estimate_cost", {"job": job, "where": where})["quotes"]
    asked, began = {**arguments, "quote_id": quote["quote_id"]}, time.monotonic()
    session.call_tool(tool, json.dumps(asked), Confirmation(quote["quote_id"], Decimal(1)))
    (last, *_) = session.jobs.all()
    while not (view := session.jobs.get(last.job_id)).job.state.is_final:
        time.sleep(0.2)
    if view.job.state.value != "succeeded":
        raise RuntimeError(f"{where}: {view.status}")
    told = f"{view.seconds:>13.1f} {view.job.cost_usd:>9.4f} {quote['expected_usd']:>9.4f} {quote['cap_usd']:>7.2f}"
    return time.monotonic() - began, told


def _call(session: Session, tool: str, arguments: dict[str, object]) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads(
        json.dumps(session.call_tool(tool, json.dumps(arguments), None).content)
    )
    return found


def main() -> None:
    """Attempts with faults, then tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("n", nargs="?", type=int, default=50)
    parser.add_argument("--rows", nargs="*", type=int, default=list(SIZES))
    asked = parser.parse_args()
    began = time.monotonic()
    found = campaign(asked.n) if asked.n else Counter[str]()
    print(f"{asked.n} attempts in {time.monotonic() - began:.0f} s: {dict(found)}", flush=True)  # noqa: T201
    if asked.rows:
        sizes(asked.rows)


if __name__ == "__main__":
    main()

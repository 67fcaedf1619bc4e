"""kill -9 around every request to a provider, with lost answers and lagging lists.

`python -m evals.bench.cloud_crash [N]`

Each time, after a new program has looked after the jobs: at most one pod was created for the yes, and once the job is
cancelled no pod is paid for.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.data.base import LoadOptions, Watch
from adapters.errors import AdapterError
from evals.world.home import PENGUINS, ROOT, used_home
from evals.world.runpod import RunPodWorld, runpod_world
from evals.world.runpod.faults import Fault
from evals.world.runpod.program import QUICK, Address, renting_session
from runtime.all_jobs import AllJobs
from tools.errors import ToolError

N_REQUESTS = 10
"""From the yes to the end of the cancelled job a program sends about so many."""
LAG_S = 0.4
FOR_EVER_S = 1e9


@dataclass(frozen=True)
class Outcome:
    """What one kill has led to: how the program ended, pods that were created, and pods that are left."""

    was_killed: bool
    n_created: int
    n_left: int


def prepared_home(folder: Path, world: RunPodWorld) -> Path:
    """A home with a table; the pods of the world never begin, so nothing but bills is at stake."""
    world.pods.starts_after_s = FOR_EVER_S
    home = used_home(folder / "home")
    session = renting_session(home, Address.of(world))
    session.data.load(str(PENGUINS), None, LoadOptions(), Watch(threading.Event(), lambda sentence, fraction: None))
    session.program.close()
    return home


def crash(home: Path, world: RunPodWorld, index: int, settle_s: float = QUICK.settle_s, python: str = "") -> Outcome:
    """One kill, at the point and with the faults of that number; the next program then goes on, and cancels."""
    rng = random.Random(index)
    moment, number = ("before", "after")[index % 2], index // 2 % N_REQUESTS
    world.lag_s = rng.choice([0.0, LAG_S])
    if rng.random() < 0.5:
        world.faults.add(Fault("POST", "/v2/pods", rng.choice([0, 502]), is_done=rng.random() < 0.7))
    before, at = len(world.pods.all), Address.of(world, settle_s)
    command = [
        python or sys.executable,
        "-P",
        "-m",
        "evals.world.killed_cloud",
        str(home),
        at.text(),
        moment,
        str(number),
    ]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)
    if killed.returncode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"{index}: the program ended with {killed.returncode}: {killed.stderr[-800:]}")
    session = renting_session(home, at)
    try:
        AllJobs(session.program).reconcile()
        for job in session.jobs.all():
            if not job.state.is_final:
                with suppress(ToolError, AdapterError):
                    session.jobs.cancel(job.job_id)
        # Once a minute in earnest: a pod that no list has shown so far is ended as soon as one does.
        time.sleep(world.lag_s)
        AllJobs(session.program).reconcile()
    finally:
        session.program.close()
    while world.faults.take("POST", "/v2/pods"):
        pass
    return Outcome(killed.returncode != 0, len(world.pods.all) - before, len(world.pods.alive()))


def main() -> None:
    """Kill N times (100 by default), and as often without the settle window, which must do harm."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    for name, settle_s in (("with the settle window", QUICK.settle_s), ("without it", 0.0)):
        found, started = Counter[str](), time.monotonic()
        with tempfile.TemporaryDirectory() as folder, runpod_world() as world:
            home = prepared_home(Path(folder), world)
            for index in range(n):
                outcome = crash(home, world, index, settle_s)
                found["killed"] += outcome.was_killed
                found["two pods of one yes"] += outcome.n_created > 1
                found["a pod is left"] += outcome.n_left > 0
                for pod in world.pods.alive():
                    world.pods.delete(pod)
        print(f"{name}: {n} runs in {time.monotonic() - started:.0f} s: {dict(found)}")  # noqa: T201 - the result


if __name__ == "__main__":
    main()

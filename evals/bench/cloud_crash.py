"""kill -9 around every request to a provider, with lost answers and lagging lists.

`python -m evals.bench.cloud_crash [N] [runpod|aws] [--first I] [--with-care]`: kills I to I + N - 1, at the points and
with the faults of their numbers; without --with-care as often with a careless program or provider, which must do harm.

Each time, after a new program has looked after the jobs: at most one machine was created for the yes, and once the job
is cancelled none is paid for.
"""

from __future__ import annotations

import argparse
import os
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
from evals.world.rented import PROVIDERS, Rented, renting_session
from runtime.all_jobs import AllJobs
from tools.errors import ToolError


@dataclass(frozen=True)
class Outcome:
    """What one kill has led to: how the program ended, machines that were created, and those that are left."""

    was_killed: bool
    n_created: int
    n_left: int


def prepared_home(folder: Path, rented: Rented) -> Path:
    """A home with a table."""
    home = used_home(folder / "home")
    session = renting_session(home, rented.address())
    session.data.load(str(PENGUINS), None, LoadOptions(), Watch(threading.Event(), lambda sentence, fraction: None))
    session.program.close()
    return home


def crash(home: Path, rented: Rented, index: int, python: str = "") -> Outcome:
    """One kill, at the point and with the faults of that number; the next program then goes on, and cancels."""
    moment, number = ("before", "after")[index % 2], index // 2 % rented.n_requests
    rented.spoil(random.Random(index))
    before = rented.n_created()
    command = [python or sys.executable, "-P", "-m", "evals.world.killed_cloud"]
    killed = subprocess.run(
        [*command, str(home), rented.address(), moment, str(number)],
        cwd=ROOT, capture_output=True, text=True, timeout=90, check=False,
        env={**os.environ, **rented.environment()},
    )  # fmt: skip
    if killed.returncode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"{index}: the program ended with {killed.returncode}: {killed.stderr[-800:]}")
    session = renting_session(home, rented.address())
    try:
        AllJobs(session.program).reconcile()
        for job in session.jobs.all():
            if not job.state.is_final:
                with suppress(ToolError, AdapterError):
                    session.jobs.cancel(job.job_id)
        # Once a minute in earnest: a machine that no list has shown so far is ended as soon as one does.
        time.sleep(rented.lag_s)
        AllJobs(session.program).reconcile()
    finally:
        session.program.close()
    rented.mend()
    return Outcome(killed.returncode != 0, rented.n_created() - before, rented.n_left())


def main() -> None:
    """Kill N times (100 by default), and as often with a careless program or provider, which must do harm."""
    parser = argparse.ArgumentParser()
    parser.add_argument("n", nargs="?", type=int, default=100)
    parser.add_argument("providers", nargs="*", default=[*PROVIDERS])
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--with-care", action="store_true")
    asked = parser.parse_args()
    for provider in asked.providers:
        for is_careful in (True,) if asked.with_care else (True, False):
            started = time.monotonic()
            found = campaign(provider, range(asked.first, asked.first + asked.n), is_careful)
            took, name = time.monotonic() - started, "with care" if is_careful else "careless"
            print(f"{provider}, {name}: {asked.n} runs in {took:.0f} s: {dict(found)}")  # noqa: T201 - the result


def campaign(provider: str, indices: range, is_careful: bool) -> Counter[str]:
    """What the kills of these numbers have led to, each counted."""
    found = Counter[str]()
    with tempfile.TemporaryDirectory() as folder, PROVIDERS[provider]() as rented:
        os.environ.update(rented.environment())
        if not is_careful:
            rented.be_careless()
        home = prepared_home(Path(folder), rented)
        for index in indices:
            outcome = crash(home, rented, index)
            found["killed"] += outcome.was_killed
            found["two machines of one yes"] += outcome.n_created > 1
            found["a machine is left"] += outcome.n_left > 0
            rented.end_all()
    return found


if __name__ == "__main__":
    main()

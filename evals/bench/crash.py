"""kill -9 of the program, its worker, or both, at every commit point: `python -m evals.bench.crash [N] [SEED]`.

Each time: at most one worker for the yes, the job is not lost, no model is listed that is not whole, no process stays.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil

from agent.offline import OfflineModel
from evals.world.home import ROOT, build_in, wait_until
from evals.world.talk import Talk
from runtime.all_jobs import AllJobs

TARGETS = ("program", "worker", "both")
POINTS = (
    "started",
    *(f"clock:{number}" for number in range(8)),
    "file:jobs/*/table.parquet",
    "file:jobs/*/request.json",
    "file:jobs/*/claim.json",
    "file:jobs/*/progress.json",
    "file:jobs/*/out/*",
    "file:jobs/*/result.json",
    "finished",
    *(f"training:{number}" for number in (0, 1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 25, 30)),
    *(f"collect:{number}" for number in range(3)),
    "file:models/*/run_*/*",
    "file:models/*/*/model.skops",
)


class PromiseBroken(Exception):
    """A crash had an effect that it must not have."""


def cases(n: int, seed: int) -> Iterator[tuple[str, str]]:
    """n pairs of a point and a target, every point before any comes again."""
    rng = random.Random(seed)
    pairs: list[tuple[str, str]] = []
    for index in range(n):
        if not pairs:
            pairs = [(point, TARGETS[(index + place) % 3]) for place, point in enumerate(POINTS)]
            rng.shuffle(pairs)
        yield pairs.pop()


def crash(home: Path, point: str, target: str, python: str = sys.executable) -> str:
    """Kill once at that point, go on with a new program, and check the promises; gives how the job ended.

    Parameters
    ----------
    python : str
        What runs the program that is killed.

    Raises
    ------
    PromiseBroken
        Says which promise, at which point.
    """
    command = [python, "-P", "-m", "evals.world.killed", str(home), point, target]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)
    if killed.returncode not in (0, -signal.SIGKILL):
        raise PromiseBroken(f"{point} {target}: the program ended with {killed.returncode}: {killed.stderr[-500:]}")
    session = build_in(home, model=OfflineModel())
    try:
        AllJobs(session.program).reconcile()
        talk = Talk(session, session.resume())
        if talk.conversation.open_calls() or talk.conversation.messages[-1].role == "user":
            talk.say(None)
        _check(len(session.jobs.all()) == 1, f"{point} {target}: {len(session.jobs.all())} jobs of one yes")
        job_id = session.jobs.all()[0].job_id
        wait_until(lambda: session.jobs.get(job_id).job.state.is_final, seconds=60)
        job, models = session.jobs.get(job_id).job, session.models.all()
        logs = "".join(path.read_text() for path in home.glob("jobs/*/log.txt"))
        n_workers = logs.count(" loading\n")
        _check(n_workers <= 1, f"{point} {target}: {n_workers} workers of one yes")
        is_whole = job.state.value == "succeeded"
        _check(len(models) == is_whole, f"{point} {target}: {job.state.value} with {len(models)} models")
        if target == "program":
            _check(is_whole, f"{point} {target}: the job was lost: {job.state.value}")
        for model in models:
            session.models.load(model)
        _check(not _processes_of(home), f"{point} {target}: a process is left")
        return job.state.value
    finally:
        session.program.close()


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise PromiseBroken(what)


def _processes_of(home: Path) -> list[psutil.Process]:
    """Processes that work in that home; one that has just ended may take a moment to go."""
    deadline = time.monotonic() + 3
    while found := [process for process in psutil.process_iter(["cmdline"]) if _works_in(process, home)]:
        if time.monotonic() > deadline:
            return found
        time.sleep(0.05)
    return []


def _works_in(process: psutil.Process, home: Path) -> bool:
    return any(str(home) in word for word in process.info["cmdline"] or ())


def main() -> None:
    """Crash N times (200 by default) and print how the jobs ended."""
    n, seed = (int(word) for word in (sys.argv[1:] + ["200", "0"][len(sys.argv) - 1 :])[:2])
    started, ends = time.monotonic(), Counter[str]()
    for point, target in cases(n, seed):
        with tempfile.TemporaryDirectory() as folder:
            ends[f"{target}: {crash(Path(folder) / 'home', point, target)}"] += 1
    for end, count in sorted(ends.items()):
        print(f"{count:4d}  {end}")  # noqa: T201 - the result
    print(f"{n} crashes in {time.monotonic() - started:.0f} s: every promise kept")  # noqa: T201 - the result


if __name__ == "__main__":
    main()

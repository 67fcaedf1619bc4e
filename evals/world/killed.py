"""A program that says yes to a training and is killed, or its worker is, as by kill -9: `HOME POINT TARGET`.

POINT: `started` (the gate let the launch run, nothing is claimed), `clock:N` (at the N-th look at the clock after the
yes: in the gate, before and after the claim, before each commit), `file:GLOB` (as soon as the home holds such a file:
jobs/*/table.parquet comes after the claim and before the worker), `finished` (the worker runs, the result is not yet
answered), `training:N` (N tenths of a second after that), `collect:N` (the training has ended; at the N-th look at the
clock while its result is taken over).
TARGET: `program`, `worker` or `both`; a program that lives on waits until its job has ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from adapters.compute.worker_files import CLAIM
from adapters.files import read_json
from agent.events import Event, ToolFinished, ToolStarted
from agent.offline import OfflineModel
from evals.world.home import PENGUINS, build_in
from evals.world.talk import Talk
from runtime.all_jobs import AllJobs
from runtime.session import Session

SENTENCE = "train a random forest to predict species"


class Killer:
    """Ends the target at the chosen point, with no chance to clean up."""

    def __init__(self, home: Path, point: str, target: str) -> None:
        self.home = home
        self.point, _, self.name = point.partition(":")
        self.left = int(self.name) if self.name.isdigit() else 0
        self.target = target
        self.armed = ""

    def clock(self) -> datetime:
        """The time; the target ends at the chosen look at it."""
        if self.armed == self.point and self.point in ("clock", "collect"):
            self.left -= 1
            if self.left < 0:
                self.kill()
        return datetime.now(UTC)

    def hear(self, event: Event) -> None:
        """End the target at the chosen event."""
        is_launch = isinstance(event, ToolStarted | ToolFinished) and event.name == "launch_training"
        if is_launch and (self.point, type(event)) in (("started", ToolStarted), ("finished", ToolFinished)):
            self.kill()

    def watch(self) -> None:
        """End the target as soon as the chosen file is there."""
        while not list(self.home.glob(self.name)):
            time.sleep(0.0005)
        self.kill()

    def kill(self) -> None:
        """As kill -9 does, once."""
        self.armed = ""
        if self.target in ("worker", "both"):
            for path in self.home.glob(f"jobs/*/{CLAIM}"):
                worker = read_json(path)
                if worker is not None and worker["pid"]:
                    # It may have ended by itself a moment ago.
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(str(worker["pid"])), signal.SIGKILL)
        if self.target in ("program", "both"):
            os.kill(os.getpid(), signal.SIGKILL)


def main(home: Path, point: str, target: str) -> None:
    """Load, ask for a training, say yes, and die or go on."""
    killer = Killer(home, point, target)
    session = build_in(home, killer.clock, OfflineModel())
    talk = Talk(session)
    talk.say(f"load {PENGUINS}")
    assert talk.say(SENTENCE).reason == "asked"
    assert session.gate.decide(talk.asked().nonce, "local", yes=True) is None
    killer.armed = "clock"
    if killer.point == "file":
        threading.Thread(target=killer.watch, daemon=True).start()
    session.turn(talk.conversation, None, killer.hear, talk.cancel)
    if killer.point == "training":
        time.sleep(killer.left / 10)
        killer.kill()
    killer.armed = "collect"
    _wait_for_the_end(session)


def _wait_for_the_end(session: Session) -> None:
    while any(not view.job.state.is_final for view in AllJobs(session.program).reconcile()):
        time.sleep(0.1)  # a look takes ten milliseconds of the core that the worker needs


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])

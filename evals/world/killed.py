"""A program that says yes to a training and is killed, as by kill -9, at a chosen point: `HOME POINT`.

Points: `started` (the gate let the launch run, nothing is claimed), `clock:N` (at the N-th look at the clock after the
yes: in the gate, before and after the claim, before each commit), `file:NAME` (as soon as a job's folder holds it:
table.parquet comes after the claim and before the worker, request.json just before the worker), `finished` (the worker
runs, the result is not yet answered), `training:N` (N tenths of a second into the training).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from adapters.model.offline import OfflineModel
from agent.events import Event, ToolFinished, ToolStarted
from evals.world.home import PENGUINS, build_in
from evals.world.talk import Talk

SENTENCE = "train a random forest to predict species"


class Killer:
    """Ends this process at the chosen point, with no chance to clean up."""

    def __init__(self, point: str) -> None:
        self.point, _, number = point.partition(":")
        self.name = number
        self.left = int(number) if number.isdigit() else 0
        self.is_armed = False

    def clock(self) -> datetime:
        """The time; the process ends at the chosen look at it."""
        if self.is_armed and self.point == "clock":
            self.left -= 1
            if self.left < 0:
                self.kill()
        return datetime.now(UTC)

    def hear(self, event: Event) -> None:
        """End the process at the chosen event."""
        is_launch = isinstance(event, ToolStarted | ToolFinished) and event.name == "launch_training"
        if is_launch and (self.point, type(event)) in (("started", ToolStarted), ("finished", ToolFinished)):
            self.kill()

    def watch(self, home: Path) -> None:
        """End the process as soon as the chosen file is there."""
        while not list(home.glob(f"jobs/*/{self.name}")):
            time.sleep(0.0005)
        self.kill()

    def kill(self) -> None:
        """As kill -9 does."""
        os.kill(os.getpid(), signal.SIGKILL)


def main(home: Path, point: str) -> None:
    """Load, ask for a training, say yes, and die."""
    killer = Killer(point)
    app = build_in(home, killer.clock, OfflineModel())
    talk = Talk(app)
    talk.say(f"load {PENGUINS}")
    assert talk.say(SENTENCE).reason == "asked"
    assert app.gate.decide(talk.asked().nonce, "local", yes=True) is None
    killer.is_armed = True
    if killer.point == "file":
        threading.Thread(target=killer.watch, args=(home,), daemon=True).start()
    app.turn(talk.conversation, None, killer.hear, talk.cancel)
    if killer.point == "training":
        time.sleep(killer.left / 10)
        killer.kill()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

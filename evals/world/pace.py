"""Seconds that a test allows, on a machine as slow as it is just now.

A promise in seconds ("a stop is heard within one") is made for an idle desk. Where a limit is passed, the machine
is measured, and the limit stretched by how much slower it is than that desk: a busy or slow build machine then fails
nothing, and a promise that is broken still fails everywhere. Where the limit holds, nothing is measured.
"""

import math
import os
import subprocess
import time

from evals.world.broken import IN_A_COPY
from evals.world.programs import REAL

# On the idle desk of two cores that the promises were made on.
_LOOP_S = 0.025
_START_S = 0.008
# A load comes and goes: it may have been heavier in the seconds before than while it is measured.
_ROOM = 2.0
# So much slower is still the desk.
_AS_FAST = 1.25
# What is broken on purpose passes its limit always: it is not waited for many times as long.
_MOST_IN_A_COPY = 2.0


def slowness() -> float:
    """How many times longer a loop and the start of a program take than on an idle desk; at least 1."""
    began = time.perf_counter()
    _loop()
    looped = time.perf_counter()
    for _ in range(3):
        subprocess.run([REAL, "-I", "-S", "-c", ""], check=True)
    started = (time.perf_counter() - looped) / 3
    return max(1.0, (looped - began) / _LOOP_S, started / _START_S)


def is_within(seconds: float, since: float) -> bool:
    """Whether no more seconds have passed since that reading of `time.monotonic` than are allowed here."""
    took = time.monotonic() - since
    return took < seconds or took < seconds * stretch()


def stretch() -> float:
    """What a limit is multiplied with: 1 on a desk that is idle and as fast as ours."""
    slower = slowness()
    if slower <= _AS_FAST:
        return 1.0
    most = _MOST_IN_A_COPY if IN_A_COPY in os.environ else math.inf
    return min(_ROOM * slower, most)


class Limit:
    """A limit in seconds from now on, stretched once, when it is passed on a slow machine."""

    def __init__(self, seconds: float) -> None:
        """Begin now."""
        self._began = time.monotonic()
        self._seconds = seconds
        self._is_stretched = False

    def is_over(self) -> bool:
        """Whether more time has passed than the limit allows here."""
        if time.monotonic() - self._began < self._seconds:
            return False
        if not self._is_stretched:
            self._is_stretched = True
            self._seconds *= stretch()
        return time.monotonic() - self._began >= self._seconds


def _loop() -> None:
    total = 0
    for number in range(1_000_000):
        total += number

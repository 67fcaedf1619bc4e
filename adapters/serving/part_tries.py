"""An attempt that is done in parts, as its files on a volume tell it: what was sent, what has come back, what it cost.

    in/part_000000.npz      the rows of a part
    sent/000000_1.json      written before a part is sent: when, and how long this try may take
    done/000000_1.json      how that try has ended, in milliseconds: with rows and a hash, or with an error
    out/part_000000.npz     what was predicted, written once

A part is done when both are there: its file, and a try that states the file's hash.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.compute.attempt_files import ENDED, AttemptFiles
from adapters.compute.worker_files import OUT, PART
from adapters.records import JsonValue

IN, SENT, DONE = "in", "sent", "done"
NAME = re.compile(r"(\d{6})_(\d{1,3})\.json")
OUT_NAME = re.compile(rf"{OUT}/part_(\d{{6}})\.npz")
MOST_TRIES = 3
GRACE_S = 5.0
"""A try is given up so long after its limit: its answer may still be on its way."""


@dataclass(frozen=True)
class Try:
    """One sending of one part, and how it ended, where that is known; it may wait for `waits_s` before it begins."""

    number: int
    n: int
    sent_at: float
    limit_s: float
    done: Mapping[str, JsonValue] | None = None
    waits_s: float = 0.0

    @property
    def paid_s(self) -> float:
        """Seconds that are paid for; of a try that nobody heard of, all that it might have taken."""
        ms = None if self.done is None else self.done.get("ms")
        is_said = isinstance(ms, int | float) and not isinstance(ms, bool) and 0 <= ms <= 2000 * self.limit_s
        return float(ms) / 1000 if is_said and isinstance(ms, int | float) else self.limit_s

    @property
    def is_refused(self) -> bool:
        """Whether it was not taken, and has cost nothing."""
        return self.error is not None and self.done is not None and self.done.get("ms") == 0

    @property
    def error(self) -> str | None:
        """What it ended with, if not with predictions."""
        if self.done is None:
            return f"no answer within {self.limit_s:.0f} s"
        return None if "sha256" in self.done else str(self.done.get("error", "it ended without an answer"))

    @property
    def is_final(self) -> bool:
        """Whether another try would end as this one: the data, the model or a right that is missing are to blame."""
        return self.done is not None and self.done.get("is_final") is True

    def is_open(self, now: float) -> bool:
        """Whether its answer may still come."""
        return self.done is None and now < self.sent_at + self.waits_s + self.limit_s + GRACE_S


@dataclass(frozen=True)
class Tries:
    """All tries of an attempt, in the order of parts and tries, and which parts lie there."""

    all: tuple[Try, ...]
    there: frozenset[int]
    is_ended: bool

    @property
    def done(self) -> frozenset[int]:
        """The parts that are there, and that a try says it has made."""
        return self.there & {one.number for one in self.all if one.error is None}

    @property
    def paid_s(self) -> float:
        """Seconds that are paid for, or may be: all of a try whose answer may still come."""
        return sum(one.paid_s for one in self.all)

    def spent_s(self, now: float) -> float:
        """Seconds that are paid for until now."""
        return sum(min(one.paid_s, max(0.0, now - one.sent_at)) if one.is_open(now) else one.paid_s for one in self.all)

    def of(self, number: int) -> tuple[Try, ...]:
        """The tries of one part."""
        return tuple(one for one in self.all if one.number == number)

    def open(self, now: float) -> tuple[Try, ...]:
        """Those whose answer may still come."""
        return tuple(one for one in self.all if one.is_open(now))

    def hashes(self) -> dict[str, set[str]]:
        """The hashes that tries state of each part's file, by the name of the file."""
        stated: dict[str, set[str]] = {}
        for one in self.all:
            if one.done is not None and one.error is None:
                stated.setdefault(PART.format(one.number), set()).add(str(one.done["sha256"]))
        return stated


@dataclass
class PartTries:
    """The tries of attempts on a volume; what is written once is read once."""

    files: AttemptFiles
    _read: dict[str, dict[str, JsonValue]] = field(default_factory=dict)

    def of(self, key: str) -> Tries:
        """The tries of an attempt as they stand now."""
        listed = self.files.names(key)
        tries = []
        for name in sorted(one.removeprefix(f"{SENT}/") for one in listed if one.startswith(f"{SENT}/")):
            found = NAME.fullmatch(name)
            if found is None:
                continue
            sent, done = self._told(key, f"{SENT}/{name}"), f"{DONE}/{name}"
            tries.append(
                Try(
                    number=int(found.group(1)),
                    n=int(found.group(2)),
                    sent_at=_seconds(sent.get("at")),
                    limit_s=_seconds(sent.get("limit_s")),
                    done=self._told(key, done) if done in listed else None,
                    waits_s=_seconds(sent.get("waits_s")),
                )
            )
        there = frozenset(int(found.group(1)) for one in listed if (found := OUT_NAME.fullmatch(one)))
        return Tries(tuple(tries), there, ENDED in listed)

    def begin(self, key: str, number: int, n: int, limit_s: float) -> bool:
        """Keep that a part is about to be sent: from now on it may be paid for. False where another has sent it."""
        told = json.dumps({"at": time.time(), "limit_s": limit_s}).encode()
        return self.files.volume.put_new(self.files.path(key, f"{SENT}/{try_name(number, n)}"), told)

    def end(self, key: str, number: int, n: int, done: Mapping[str, JsonValue]) -> None:
        """Keep how a try has ended."""
        self.files.put(key, f"{DONE}/{try_name(number, n)}", done)

    def _told(self, key: str, name: str) -> dict[str, JsonValue]:
        path = f"{key}/{name}"
        if path not in self._read:
            self._read[path] = self.files.told(key, name)
        return self._read[path]


def try_name(number: int, n: int) -> str:
    """The name of a try's files."""
    return f"{number:06d}_{n}.json"


def part_name(number: int, folder: str = OUT) -> str:
    """A part's file on the volume, below the attempt's folder."""
    return f"{folder}/{PART.format(number)}"


def _seconds(said: JsonValue) -> float:
    return float(said) if isinstance(said, int | float) and not isinstance(said, bool) else 0.0

"""The files of attempts on a volume that their machines read and write, whoever's the machines are."""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.compute.base import ComputeError, Staged, UnusableResult
from adapters.compute.payload import pack
from adapters.compute.volume import Volume
from adapters.compute.worker_files import (
    CHECKPOINT,
    CLAIM,
    HASHES,
    INPUTS,
    LOG,
    MOST_CHECKPOINT_BYTES,
    OUT,
    PROGRESS,
    RESULT,
    hashes_in,
    last_lines,
    read_end_of,
    read_progress,
)
from adapters.json_text import parse_json
from adapters.records import Attempt, JobEnd, Json, JsonValue

CREATED = "created.json"
"""Written before a machine is asked for: from then on there may be one."""
BEGUN = "begun.json"
ENDED = "ended.json"
N_FETCHES = 2
"""A file that arrived other than it was written is fetched once more."""
LOG_BYTES = 20_000
START_S = 600
"""A machine is begun so long after its intent at the latest; its own timer counts from its launch."""


@dataclass(frozen=True)
class AttemptFiles:
    """One installation's attempts on a volume; `here` is a folder of this machine for what comes and goes.

    Every method raises ComputeError where the volume cannot be reached.
    """

    volume: Volume
    here: Path

    @staticmethod
    def path(key: str, name: str = "") -> str:
        """Where a file of an attempt is on the volume; without a name, its folder."""
        return f"attempts/{key}/{name}".rstrip("/")

    @staticmethod
    def payload(sha256: str) -> str:
        """Where our own code is, by its hash."""
        return f"payload/{sha256}.zip"

    def has(self, key: str, *names: str) -> bool:
        """Whether one of the files is there."""
        return any(self.volume.size(self.path(key, name)) is not None for name in names)

    def put(self, key: str, name: str, content: Mapping[str, JsonValue]) -> None:
        """Write a small file."""
        self.volume.put(self.path(key, name), json.dumps(dict(content)).encode())

    def remove(self, key: str, name: str) -> None:
        """Delete a file; that there is none is no error."""
        self.volume.remove(self.path(key, name))

    def names(self, key: str) -> frozenset[str]:
        """All files of an attempt, by their names below its folder."""
        folder = self.path(key)
        return frozenset(path.removeprefix(f"{folder}/") for path in self.volume.files(folder))

    def told(self, key: str, name: str) -> dict[str, JsonValue]:
        """What a file says; nothing where it is not there, or is no JSON object."""
        try:
            found = parse_json(self.volume.get(self.path(key, name)) or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def written_at(self, key: str, name: str) -> float | None:
        """When a file was last written, by the volume's clock; None where there is none."""
        return self.volume.written_at(self.path(key, name))

    def asked_at(self, key: str) -> float | None:
        """When the key's machine was asked for, by our clock; None where it was not, or nobody can say."""
        at = self.told(key, CREATED).get("at")
        return float(at) if isinstance(at, int | float) and not isinstance(at, bool) else None

    def is_over(self, attempt: Attempt) -> bool:
        """Whether its machine has ended, or began and must be gone by now: it may be there though no list shows it."""
        if self.has(attempt.key, ENDED, RESULT):
            return True
        asked_at = self.asked_at(attempt.key)
        is_long_ago = asked_at is None or time.time() - asked_at > attempt.request.max_seconds + START_S
        return is_long_ago and self.has(attempt.key, BEGUN)

    def ended_at(self, key: str, ended: Json) -> float | None:
        """When a machine that is gone was last heard of, by its own word and by the volume's clock."""
        at, written = ended.get("at"), self.written_at(key, ENDED) if ended else None
        if not isinstance(at, int | float) or isinstance(at, bool) or written is None:
            return None
        return max(float(at), written)

    def stage(self, key: str, files: Staged) -> None:
        """Put the job's files and our own code there, unless a machine may have begun with them."""
        if self.has(key, CREATED):
            return
        sha256, content = pack()
        if self.volume.size(self.payload(sha256)) != len(content):
            self.volume.put(self.payload(sha256), content)
        self.here.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, write in files.items():
            part = self.here / f"{key}.{secrets.token_hex(4)}.part"
            try:
                write(part)
                self.volume.upload(self.path(key, name), part)
            finally:
                part.unlink(missing_ok=True)

    def progress(self, key: str, before: str) -> tuple[float, str]:
        """The share of the work that the worker says is done, and its sentence; `before` stands until it says one."""
        return read_progress(self.told(key, PROGRESS), before)

    def result(self, key: str, limit: int) -> JobEnd | None:
        """How the worker says that it ended; None until it does."""
        content = self.volume.get(self.path(key, RESULT))
        if content is None:
            return None
        try:
            return read_end_of(parse_json(content), limit)
        except ValueError:
            return read_end_of(None, limit)

    def log(self, key: str, n_lines: int) -> list[str]:
        """The last lines of the worker's log; none before it begins."""
        return last_lines(self.volume.get(self.path(key, LOG), LOG_BYTES) or b"", n_lines)

    def checkpoint(self, key: str) -> bytes | None:
        """How far the worker was; None where it has not written that down. ComputeError where it is larger than any."""
        size = self.volume.size(self.path(key, CHECKPOINT))
        if size is not None and size > MOST_CHECKPOINT_BYTES:
            raise ComputeError(f"{self.path(key, CHECKPOINT)} is {size:,} bytes: that is no checkpoint")
        return None if size is None else self.volume.get(self.path(key, CHECKPOINT), MOST_CHECKPOINT_BYTES)

    def shut(self, key: str) -> tuple[bool, ComputeError | None]:
        """See that no machine works from now on: whether one may have been asked for, and why that is not sure."""
        try:
            if not self.has(key, CLAIM):
                self.put(key, CLAIM, {"pid": None, "created": None, "started_at": 0})
            return self.has(key, CREATED), None
        except ComputeError as error:
            return True, error

    def fetch(self, key: str) -> Path:
        """A folder here with what the worker left: each file is the one whose hash its result states.

        Raises
        ------
        UnusableResult
            If it left more than any model has, or files other than it says.
        """
        place = self.here / key / OUT
        stated = self.told(key, RESULT).get(HASHES)
        for _ in range(N_FETCHES):
            shutil.rmtree(place, ignore_errors=True)
            self.volume.download(self.path(key, OUT), place)
            found = hashes_in(place)
            if found == stated:
                return place
        raise UnusableResult(f"the files that the worker left are not those of its result: {_differing(found, stated)}")

    def fetch_stated(self, key: str, stated: Mapping[str, Collection[str]]) -> Path:
        """A folder here with the attempt's output: just the files that are stated, each with one of its hashes.

        Raises
        ------
        UnusableResult
            If there are others.
        """
        place = self.here / key / OUT
        for _ in range(N_FETCHES):
            shutil.rmtree(place, ignore_errors=True)
            self.volume.download(self.path(key, OUT), place)
            found = hashes_in(place)
            if found.keys() == stated.keys() and all(found[name] in hashes for name, hashes in stated.items()):
                return place
        raise UnusableResult("the files that were predicted are not those that the function said")

    def clean(self, key: str, *folders: str) -> None:
        """Remove the attempt's input and output; the log and the result stay. That it cannot be done is logged."""
        shutil.rmtree(self.here / key, ignore_errors=True)
        try:
            for folder in (OUT, *folders):
                for path in self.volume.files(self.path(key, folder)):
                    self.volume.remove(path)
            for name in INPUTS:
                self.remove(key, name)
        except ComputeError:
            logging.getLogger(__name__).exception("the files of %s are still on the volume", key)


def _differing(found: Mapping[str, JsonValue], stated: JsonValue) -> str:
    """The names that differ, as far as they are ours to say."""
    said = stated if isinstance(stated, dict) else {}
    names = sorted(name for name in {*found, *said} if found.get(name) != said.get(name))
    return ", ".join("".join(letter for letter in name[:60] if letter.isprintable()) for name in names[:5])

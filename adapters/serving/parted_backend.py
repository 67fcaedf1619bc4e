"""What backends have in common whose attempts are parts that lie on a volume."""

from __future__ import annotations

from pathlib import Path

from adapters.compute.attempt_files import AttemptFiles
from adapters.compute.base import PREDICTS, ComputeError
from adapters.records import Attempt
from adapters.serving.part_tries import PartTries
from adapters.serving.parted import told_of


class PartedBackend:
    """The part of `adapters.compute.base.Backend` that reads only what tells of the tries."""

    is_own = False
    kinds = PREDICTS

    def __init__(self, files: AttemptFiles) -> None:
        self._files = files
        self._tries = PartTries(files)

    def logs(self, attempt: Attempt, n_lines: int) -> list[str]:
        """How the last tries have ended."""
        try:
            return told_of(self._tries.of(attempt.key))[-n_lines:]
        except ComputeError:
            return []

    def fetch(self, attempt: Attempt) -> Path:
        """A folder here with the parts, each of which a try states to have made."""
        return self._files.fetch_stated(attempt.key, self._tries.of(attempt.key).hashes())

    def checkpoint(self, attempt: Attempt) -> bytes | None:
        """Parts that are done are found again by themselves."""
        return None

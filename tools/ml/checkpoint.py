"""How far a training is, in a small file that another machine goes on from where the first one was taken away.

Results are kept, and no model: the settings that a search has scored, and the scores of folds. Whoever goes on draws
the same settings in the same order, and takes what was kept of each in place of fitting it: it finds what a training
finds that nobody has interrupted. What is kept of another job, table, device or version is worth nothing.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tools.ml.searched import Trial
from tools.ml.spec import TrainingSpec

MOST_BYTES = 8 * 2**20
"""Far more than 500 settings in each of 20 folds."""
WHOLE = "all rows"
"""The search over the training rows of the model that is kept; the others are called by their fold."""

Scores = dict[str, float | None]


class _Steps(BaseModel):
    """One search so far: each setting that it drew, None where there was no time for it, and how long all that took."""

    model_config = ConfigDict(allow_inf_nan=False, extra="forbid")

    drawn: list[Trial | None] = []
    seconds: float = 0.0


class FoldScores(BaseModel):
    """What one fold of cross-validation found."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="forbid")

    ours: Scores
    baseline: Scores


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid")

    of: str
    searches: dict[str, _Steps] = {}
    folds: dict[int, FoldScores] = {}


class Checkpoint:
    """What is kept of one training; without a file, only in memory."""

    def __init__(self, kept: _Kept, file: Path | None, told: str) -> None:
        self._kept = kept
        self._file = file
        self.told = told
        """What a person must know of what was found in the file; empty where there was none."""

    @classmethod
    def opened(cls, file: Path | None, of: str = "") -> Checkpoint:
        """Go on from the file, if what it holds is of that very training (`identity`); begin it anew else."""
        if file is None or not file.exists():
            return cls(_Kept(of=of), file, "")
        try:
            with file.open("rb") as opened:
                found = _Kept.model_validate_json(opened.read(MOST_BYTES))
        except (OSError, ValidationError):
            return cls(_Kept(of=of), file, "begins anew: what an earlier machine left cannot be read")
        if found.of != of:
            return cls(_Kept(of=of), file, "begins anew: what an earlier machine left is of another device or version")
        n_settings = sum(len(steps.drawn) for steps in found.searches.values())
        return cls(found, file, f"goes on from an earlier machine: settings {n_settings}, folds {len(found.folds)}")

    def search(self, name: str) -> KeptSearch:
        """The search of that name, as far as it is."""
        return KeptSearch(self, self._kept.searches.setdefault(name, _Steps()))

    def fold(self, number: int) -> FoldScores | None:
        """What the fold has found; None where it was not done."""
        return self._kept.folds.get(number)

    def keep_fold(self, number: int, found: FoldScores, search: str) -> None:
        """The fold is done, and of its search nothing is needed any more."""
        self._kept.folds[number] = found
        self._kept.searches.pop(search, None)
        self.save()

    def save(self) -> None:
        """Write the file, whole or not at all."""
        if self._file is None:
            return
        part = self._file.with_name(f"{self._file.name}.{secrets.token_hex(4)}.part")
        part.write_text(self._kept.model_dump_json(), encoding="utf-8")
        part.replace(self._file)


@dataclass(frozen=True)
class KeptSearch:
    """What is kept of one search."""

    _checkpoint: Checkpoint
    _steps: _Steps

    @property
    def drawn(self) -> Sequence[Trial | None]:
        """Each setting that it drew, None where there was no time for it."""
        return self._steps.drawn

    @property
    def seconds(self) -> float:
        """How long all that took."""
        return self._steps.seconds

    def keep(self, trial: Trial | None, seconds: float) -> None:
        """One more setting, so many seconds after the search began."""
        self._steps.drawn.append(trial)
        self._steps.seconds = seconds
        self._checkpoint.save()

    def forget(self) -> None:
        """It is another search's."""
        self._steps.drawn.clear()
        self._steps.seconds = 0.0


def nothing_kept() -> KeptSearch:
    """A search that nobody goes on with."""
    return Checkpoint.opened(None).search(WHOLE)


def identity(spec: TrainingSpec, data_sha256: str, device: str, versions: Mapping[str, str]) -> str:
    """What a checkpoint is of: all that decides what is found. Of Python any version does."""
    libraries = {name: version for name, version in versions.items() if name != "python"}
    what = [spec.model_dump(mode="json"), data_sha256, device, libraries]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()

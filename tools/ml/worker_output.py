"""What a worker left behind becomes a model's folder: three plain files of bounded size, none of which runs."""

from __future__ import annotations

import json
import math
import os
import shutil
import zipfile
from pathlib import Path

import skops.io
from pydantic import ValidationError

from tools.ml.cross_validated import CrossValidated
from tools.ml.known_scores import RANGES
from tools.ml.metadata import Kept, Metadata
from tools.ml.model_files import LOG, METADATA, MODEL, TRUSTED_TYPES, ModelFileError, open_plain_file, write_metadata
from tools.ml.search_bounds import check_trial, searches, settled
from tools.ml.spec import TrainingSpec

MOST_BYTES = {MODEL: 2 * 2**30, METADATA: 64 * 2**20, LOG: 16 * 2**20}
"""The only files that are taken over, and how large each may be."""
MOST_UNPACKED_BYTES = 8 * 2**30
SCORES = ("metrics", "baseline")
MAY_BE_NONE = ("r2", "mse", "mape")
"""r2 of one test row; a square beyond float64; a share of a true value of 0."""
ROUNDING = 1e-9
NOTHING_KNOWN = Kept()


def take_over(output: Path, folder: Path, spec: TrainingSpec, data_sha256: str, kept: Kept = NOTHING_KNOWN) -> Metadata:
    """Bring what the worker wrote into the new folder; the metadata must be of this training on these data.

    They are written anew, and given, with what is known only here: what the worker says of that counts for nothing.

    Raises
    ------
    ModelFileError
        If a file is missing, too large, a link or a device, if the metadata are those of another job or hold a score
        that no model has, or if the model holds a type that is not on our list: a pickle never is a model.
    """
    folder.mkdir(mode=0o700)
    for name, most in MOST_BYTES.items():
        _copy(output / name, folder / name, most)
    try:
        metadata = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"the worker's {METADATA} is no JSON") from error
    if not isinstance(metadata, dict):
        raise ModelFileError(f"the worker's {METADATA} is no JSON object")
    for part in SCORES:
        _check_scores(part, metadata.get(part))
    _check_intervals(metadata.get("intervals", {}))
    try:
        told = Metadata.model_validate(metadata)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        raise ModelFileError(f"the worker's {METADATA} is not what a training leaves: {place[:80]!r}") from error
    if told.cross_validated is not None:
        _check_folds(told.cross_validated)
    if told.margin is not None and not 0 <= told.margin < math.inf:
        raise ModelFileError(f"the worker's {METADATA} holds a margin that is none: {told.margin:g}")
    _check_search(told, spec)
    if (told.asked, told.data_sha256) != (spec, data_sha256):
        raise ModelFileError(f"the worker's {METADATA} is not about the job that was asked for")
    _check_types(folder / MODEL)
    whole = told.model_copy(update={name: getattr(kept, name) for name in Kept.model_fields})
    write_metadata(folder, whole)
    return whole


def _check_scores(part: str, scores: object) -> None:
    if not isinstance(scores, dict) or not scores:
        raise ModelFileError(f"the worker's {METADATA} holds no scores under {part!r}")
    for name, value in scores.items():
        if name not in RANGES:
            raise ModelFileError(f"the worker's {METADATA} holds a score that is not known: {name[:32]!r}")
        low, high = RANGES[name]
        is_none = value is None and name in MAY_BE_NONE
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < math.inf
        if not is_none and not (is_number and low <= value <= high + ROUNDING):
            raise ModelFileError(f"the worker's {METADATA} holds a score that no model has: {name} = {str(value)[:32]}")


def _check_intervals(intervals: object) -> None:
    if not isinstance(intervals, dict) or not all(
        isinstance(one, list) and len(one) == 2 for one in intervals.values()
    ):
        raise ModelFileError(f"the worker's {METADATA} holds intervals that are none")
    for place in (0, 1) if intervals else ():
        _check_scores("intervals", {name: bounds[place] for name, bounds in intervals.items()})


def _check_folds(found: CrossValidated) -> None:
    """Each fold's scores are such as a model has; a fold may lack one."""
    if any(len(score.folds) != found.n_folds for score in found.scores.values()):
        raise ModelFileError(f"the worker's {METADATA} does not hold a score for each fold")
    for place in range(found.n_folds):
        there = {name: score.folds[place] for name, score in found.scores.items()}
        _check_scores("cross_validated", {name: value for name, value in there.items() if value is not None})
    means = {name: score.mean for name, score in found.scores.items() if score.mean is not None}
    _check_scores("cross_validated", means)


def _check_search(told: Metadata, spec: TrainingSpec) -> None:
    """A model that was searched for is the best of what was tried, and nothing else of the job was changed."""
    found = told.searched
    if (found is not None) != searches(spec):
        raise ModelFileError(f"the worker's {METADATA} tells of a search that was not asked for, or of none")
    if found is None:
        return
    best = found.trials[0] if found.trials else None
    if best is None or told.spec != settled(spec, best):
        raise ModelFileError(f"the worker's {METADATA} holds a model that its search did not find")
    low, high = RANGES[found.score]
    for trial in found.trials:
        try:
            check_trial(spec, trial)
        except ValueError as error:
            raise ModelFileError(f"the worker's {METADATA} holds a setting that is none: {error}") from error
        if len(trial.folds) > found.n_folds or not all(low <= one <= high + ROUNDING for one in trial.folds):
            raise ModelFileError(f"the worker's {METADATA} holds a setting's score that no model has")


def _copy(source: Path, target: Path, most: int) -> None:
    try:
        with open_plain_file(source) as packed:
            if os.fstat(packed.fileno()).st_size > most:
                raise ModelFileError(f"the worker's {source.name} has more than {most / 2**20:.0f} MiB")
            with target.open("xb") as copy:
                shutil.copyfileobj(packed, copy)
    except FileNotFoundError as error:
        raise ModelFileError(f"the worker left no {source.name}") from error


def _check_types(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            n_bytes = sum(member.file_size for member in archive.infolist())
        unknown = [] if n_bytes > MOST_UNPACKED_BYTES else skops.io.get_untrusted_types(file=path)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFileError(f"the worker's {path.name} is no model file") from error
    if n_bytes > MOST_UNPACKED_BYTES:
        raise ModelFileError(f"the worker's {path.name} unpacks to more than {MOST_UNPACKED_BYTES / 2**30:.0f} GiB")
    if not set(unknown) <= set(TRUSTED_TYPES):
        raise ModelFileError(f"the worker's {path.name} holds a type that is not allowed")

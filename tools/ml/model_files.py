"""A model as files: skops and JSON, never pickle, and a signature that says whose it is, checked before all else.

`model.sig` lists the size and SHA-256 of each file, and a keyed hash (HMAC) over that list and the model's owner, id
and job. So the list is known to be ours before a file is opened, a file of another size is never read, and a signed
model answers for nobody and nothing else.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import json
import os
import re
import stat
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED

import skops.io
from pydantic import ValidationError
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.pipeline import Pipeline

from tools.ml.library_versions import FITTED_BY, how_to_refit, other_versions, says_the_same
from tools.ml.metadata import Metadata
from tools.ml.preprocessing import columns_step

MODEL = "model.skops"
METADATA = "metadata.json"
LOG = "training_log.txt"
CARD = "model_card.md"
SIGNATURE = "model.sig"

SIGNED = (MODEL, METADATA)
SIGNATURE_BYTES = 4_096
MOST_STATED_BYTES = 4 * 2**30
"""Of a file that is known by its hash alone."""
FORM = 2
"""Of the signature; the first form was the keyed hash of the contents alone, and said nothing of whose they are."""
FIRST_FORM = re.compile(r"[0-9a-f]{64}\s*")

TRUSTED_TYPES = [
    "numpy.dtype",
    "sklearn.tree._tree.Tree",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "tools.ml.xgboost_trees.XGBoostRegressor",
    "tools.ml.xgboost_trees.XGBoostClassifier",
    "tools.ml.mixed_naive_bayes.MixedNaiveBayes",
    "tools.ml.preprocessing.split_columns",
    "tools.ml.preprocessing.take_columns",
]
"""Types and functions beyond skops' own list that our models hold; a file with any other is refused."""


UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, ImportError)
"""What reading or using an estimator of another version ends in."""


class ModelFileError(ValueError):
    """The folder holds no model that may be loaded."""


def write_model(folder: Path, pipeline: Pipeline, metadata: Metadata, log: Sequence[str]) -> None:
    """Write model.skops, metadata.json and training_log.txt into `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    skops.io.dump(pipeline, folder / MODEL, compression=ZIP_DEFLATED)
    write_metadata(folder, metadata)
    (folder / LOG).write_text("\n".join(log) + "\n")


def write_metadata(folder: Path, metadata: Metadata) -> None:
    """Write metadata.json into the folder."""
    (folder / METADATA).write_text(json.dumps(metadata.as_json(), indent=2, allow_nan=False))


@dataclass(frozen=True)
class Whose:
    """What a signature is bound to: this owner's model of this id, out of this job."""

    owner_id: str
    model_id: str
    job_id: str | None


def sign_model(folder: Path, whose: Whose, key: bytes) -> None:
    """Put this installation's signature beside the model; a crafted file could crash the reader."""
    files: dict[str, dict[str, int | str]] = {}
    for name in SIGNED:
        with (folder / name).open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            files[name] = {"size_bytes": os.fstat(file.fileno()).st_size, "sha256": sha256}
    signed = {"form": FORM, "files": files, "hmac": _keyed_hash(files, whose, key)}
    (folder / SIGNATURE).write_text(json.dumps(signed))


def write_card(folder: Path, card: str) -> None:
    """Write model_card.md, for people who look into the folder; nothing reads it."""
    (folder / CARD).write_text(card, encoding="utf-8")


def is_signed(folder: Path, whose: Whose, key: bytes) -> bool:
    """Whether the folder's signature says that its model is this one; none of its other files is looked at."""
    try:
        _signed_files(folder, whose, key)
    except (OSError, ModelFileError):
        return False
    return True


def load_model(folder: Path, whose: Whose, key: bytes) -> tuple[Pipeline, Metadata]:
    """The pipeline and its metadata, made of the very bytes that were checked.

    Raises
    ------
    ModelFileError
        If a file is missing, changed since it was signed, another model's, or holds a type that is not on the list; if
        it was made with other versions of the libraries, and those that are here do not read it or say something else.
    """
    return _load(folder, lambda: _signed_files(folder, whose, key))


def signed_hashes(folder: Path, whose: Whose, key: bytes) -> dict[str, str]:
    """The SHA-256 of each file that the model is loaded from, as it was signed; ModelFileError as `load_model`."""
    try:
        return {name: str(file["sha256"]) for name, file in _signed_files(folder, whose, key).items()}
    except OSError as error:
        raise ModelFileError(f"the model in {folder.name} is not whole: {error.strerror}; train it again") from error


def load_stated(folder: Path, hashes: Mapping[str, str]) -> tuple[Pipeline, Metadata]:
    """The pipeline and its metadata on a machine that has no key of ours: of the files with these hashes, no others.

    Raises
    ------
    ModelFileError
        As `load_model`.
    """
    return _load(
        folder, lambda: {name: {"size_bytes": MOST_STATED_BYTES, "sha256": hashes.get(name, "")} for name in SIGNED}
    )


def _load(folder: Path, known: Callable[[], Mapping[str, Any]]) -> tuple[Pipeline, Metadata]:
    try:
        files = known()
        model, metadata = (_read(folder / name, files[name]) for name in SIGNED)
        told = Metadata.model_validate_json(metadata)
    except OSError as error:
        raise ModelFileError(f"the model in {folder.name} is not whole: {error.strerror}; train it again") from error
    except ValidationError as error:
        raise ModelFileError(f"the {METADATA} in {folder.name} is not what a training leaves") from error
    if other_versions(told.versions):
        return _read_of_other_versions(folder, model, told), told
    try:
        return _with_first_step(_read_pipeline(model), told), told
    except skops.io.exceptions.UntrustedTypesFoundException as error:
        raise ModelFileError(f"the model in {folder.name} holds a type that is not allowed") from error


def _read_pipeline(content: bytes) -> object:
    return skops.io.loads(content, trusted=TRUSTED_TYPES)


def _read_of_other_versions(folder: Path, content: bytes, metadata: Metadata) -> Pipeline:
    """The pipeline, if it says with these libraries what it said with those that made it."""
    ours = ", ".join(f"{name} {then}" for name, then in metadata.versions.items() if name in FITTED_BY)
    made = f"the model in {folder.name} was made with {ours}"
    try:
        with warnings.catch_warnings():
            # It is told in our own words, where the model is used.
            warnings.simplefilter("ignore", InconsistentVersionWarning)
            pipeline = _with_first_step(_read_pipeline(content), metadata)
        is_same = says_the_same(pipeline, metadata)
    except (skops.io.exceptions.UntrustedTypesFoundException, *UNREADABLE) as error:
        raise ModelFileError(f"{made}, which the libraries here cannot read; {how_to_refit(metadata.spec)}") from error
    if not is_same:
        raise ModelFileError(f"{made}, and says something else with those here; {how_to_refit(metadata.spec)}")
    return pipeline


def _with_first_step(pipeline: object, metadata: Metadata) -> Pipeline:
    """A model of an earlier version begins at "prepare": it gets the step before, of the schema beside it."""
    if not isinstance(pipeline, Pipeline):
        raise ModelFileError("the file holds something else than a model")
    if "columns" in pipeline.named_steps:
        return pipeline
    kinds = {feature.name: feature.kind for feature in metadata.features}
    return Pipeline([columns_step(kinds), *pipeline.steps])


def _signed_files(folder: Path, whose: Whose, key: bytes) -> dict[str, Any]:
    """What the signature says of each file, once it is known to be this model's."""
    changed = f"the model in {folder.name} was changed after it was trained, or is another one; train it again"
    text = _read_at_most(folder / SIGNATURE, SIGNATURE_BYTES)
    if FIRST_FORM.fullmatch(text.decode("ascii", "replace")):
        raise ModelFileError(f"the signature in {folder.name} is of an earlier form, without an owner; train it again")
    try:
        signed = json.loads(text)
        is_ours = hmac.compare_digest(signed["hmac"], _keyed_hash(signed["files"], whose, key))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelFileError(changed) from error
    if not is_ours:
        raise ModelFileError(changed)
    return dict(signed["files"])


def _keyed_hash(files: Mapping[str, object], whose: Whose, key: bytes) -> str:
    covered = json.dumps({"form": FORM, **asdict(whose), "files": files}, sort_keys=True)
    return hmac.new(key, covered.encode(), hashlib.sha256).hexdigest()


def _read(path: Path, signed: Mapping[str, Any]) -> bytes:
    """The signed file's bytes; one of another size is not read."""
    content = _read_at_most(path, signed["size_bytes"])
    if hashlib.sha256(content).hexdigest() != signed["sha256"]:
        raise ModelFileError(f"the model in {path.parent.name} was changed after it was trained; train it again")
    return content


def _read_at_most(path: Path, size_bytes: int) -> bytes:
    with open_plain_file(path) as file:
        found = os.fstat(file.fileno()).st_size
        if found > size_bytes:
            raise ModelFileError(f"the model in {path.parent.name} was changed after it was trained; train it again")
        return file.read(found)


def open_plain_file(path: Path) -> BinaryIO:
    """Open a file that is no link, pipe or device; ModelFileError if it is one."""
    try:
        # Without waiting: a pipe that nobody writes to would never open.
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise ModelFileError(f"{path.name} of the model in {path.parent.name} is a link: it is not read") from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise ModelFileError(f"{path.name} of the model in {path.parent.name} is no regular file: it is not read")
    return file

"""A model as files: skops and JSON, never pickle, and a signature that is checked before anything is read."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED

import skops.io
from sklearn.pipeline import Pipeline

MODEL = "model.skops"
METADATA = "metadata.json"
LOG = "training_log.txt"
SIGNATURE = "model.sig"

TRUSTED_TYPES = [
    "numpy.dtype",
    "sklearn.tree._tree.Tree",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
]
"""Types beyond skops' own list that our models hold (facts/data-and-stats.md); a file with any other is refused."""


class ModelFileError(ValueError):
    """The folder holds no model that may be loaded."""


def write_model(folder: Path, pipeline: Pipeline, metadata: Mapping[str, Any], log: Sequence[str]) -> None:
    """Write model.skops, metadata.json and training_log.txt into `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    skops.io.dump(pipeline, folder / MODEL, compression=ZIP_DEFLATED)
    (folder / METADATA).write_text(json.dumps(metadata, ensure_ascii=False, indent=2, allow_nan=False))
    (folder / LOG).write_text("\n".join(log) + "\n")


def sign_model(folder: Path, key: bytes) -> None:
    """Put this installation's signature beside the model; a crafted file could crash the reader."""
    (folder / SIGNATURE).write_text(_signature(folder, key))


def load_model(folder: Path, key: bytes) -> tuple[Pipeline, dict[str, Any]]:
    """The pipeline and its metadata.

    Raises
    ------
    ModelFileError
        If a file is missing, changed since it was signed, or holds a type that is not on the list.
    """
    try:
        signature = (folder / SIGNATURE).read_text()
        if not hmac.compare_digest(signature, _signature(folder, key)):
            raise ModelFileError(f"the model in {folder.name} was changed after it was trained; train it again")
        metadata = json.loads((folder / METADATA).read_text())
        return skops.io.load(folder / MODEL, trusted=TRUSTED_TYPES), metadata
    except OSError as error:
        raise ModelFileError(f"the model in {folder.name} is not whole: {error.strerror}; train it again") from error
    except skops.io.exceptions.UntrustedTypesFoundException as error:
        raise ModelFileError(f"the model in {folder.name} holds a type that is not allowed") from error


def _signature(folder: Path, key: bytes) -> str:
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for name in (MODEL, METADATA):
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()

"""A model as a zip file that works without us: the model, what it needs of our code, and what is known of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import skops.io

from adapters.own_modules import OURS, own_modules
from tools.ml.model_files import CARD, LOG, METADATA, MODEL, TRUSTED_TYPES
from tools.ml.model_types import find_model_type

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from tools.ml.metadata import Metadata

SCRIPT = Path(__file__).with_name("standalone.py")
NEEDED = ("numpy", "pandas", "scikit-learn", "skops")
STARTS = ("tools.ml.predictor", "adapters.spreadsheet_csv")
"""Modules that the script imports by itself; the others are those of the functions that the model holds."""


def write_archive(
    path: Path, pipeline: Pipeline, metadata: Metadata, card: str, log: str, more: Mapping[str, bytes]
) -> tuple[str, ...]:
    """Write the zip file, which must not be there, with `more` files; gives the names of its files.

    `manifest.json` holds the SHA-256 of every other file, and the types that the script trusts when it reads the model.
    """
    needed = (*NEEDED, *find_model_type(metadata.spec.model, metadata.spec.task).libraries)
    model = skops.io.dumps(pipeline, compression=ZIP_DEFLATED)
    files: dict[str, bytes] = {
        "predict.py": SCRIPT.read_bytes(),
        "requirements.txt": "".join(f"{name}=={version(name)}\n" for name in needed).encode(),
        MODEL: model,
        METADATA: json.dumps(metadata.model_dump(mode="json"), indent=2, allow_nan=False).encode(),
        CARD: card.encode(),
        LOG: log.encode(),
        **own_modules([*STARTS, *_modules_of(TRUSTED_TYPES)]),
        **more,
    }
    files["manifest.json"] = json.dumps(_manifest(files), indent=2).encode()
    with ZipFile(path, "x", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{metadata.model_id or 'model'}/{name}", content)
    return tuple(files)


def _manifest(files: Mapping[str, bytes]) -> dict[str, object]:
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return {"sha256": hashes, "trusted": TRUSTED_TYPES}


def _modules_of(types: Iterable[str]) -> list[str]:
    return [name.rpartition(".")[0] for name in types if name.split(".")[0] in OURS]

"""A model as a zip file that works without us: the model, what it needs of our code, and what is known of it."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import skops.io

from tools.ml.model_files import CARD, LOG, METADATA, MODEL, TRUSTED_TYPES
from tools.ml.model_types import find_model_type

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from tools.ml.metadata import Metadata

SCRIPT = Path(__file__).with_name("standalone.py")
OURS = ("tools", "adapters")
NEEDED = ("numpy", "pandas", "scikit-learn", "skops")
STARTS = ("tools.ml.predictor", "adapters.spreadsheet_csv")
"""Modules that the script imports by itself; the others are those of the functions that the model holds."""


def write_archive(path: Path, pipeline: Pipeline, metadata: Metadata, card: str, log: str) -> tuple[str, ...]:
    """Write the zip file, which must not be there; gives the names of its files.

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
        **_our_files([*STARTS, *_modules_of(TRUSTED_TYPES)]),
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


def _our_files(modules: Iterable[str]) -> dict[str, bytes]:
    """These modules of ours, and those that they import, as they stand here; the packages around them are empty."""
    found: dict[str, bytes] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        spec = importlib.util.find_spec(name)
        assert spec is not None, name  # noqa: S101 - our own modules
        assert spec.origin is not None, name  # noqa: S101 - our own modules
        path = f"{name.replace('.', '/')}.py"
        if path in found:
            continue
        found[path] = Path(spec.origin).read_bytes()
        waiting += _imported(ast.parse(found[path]))
    packages = {parent.as_posix() for path in found for parent in Path(path).parents if parent.name}
    return {**{f"{package}/__init__.py": b"" for package in sorted(packages)}, **dict(sorted(found.items()))}


def _imported(tree: ast.AST) -> Iterator[str]:
    """The modules of ours that are imported, but for types alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in OURS:
            yield node.module
        yield from _imported(node)

"""What a function of ours consists of, as zip files: the libraries that are installed here, and our own modules."""

from __future__ import annotations

import hashlib
import platform
import sys
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from io import BytesIO
from pathlib import Path

from packaging.requirements import Requirement

from adapters.compute.base import ComputeError
from adapters.own_modules import own_modules

LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn", "skops", "pydantic", "xgboost-cpu")
MODULES = (
    "runtime.part_handler",
    *("tools.ml.xgboost_trees", "tools.ml.mixed_naive_bayes", "tools.ml.preprocessing"),
)
"""The handler, and what models hold besides."""
HANDLER = "runtime.part_handler.handler"
MOST_BYTES = 250 * 2**20
"""Lambda unpacks no more."""
LEFT_OUT = ("/tests/", "/__pycache__/", "/include/")
SOURCES = (".pyi", ".pyx", ".pxd", ".h", ".c", ".cpp", ".hpp", ".f90", ".pyc")
MACHINES = {"x86_64": "x86_64", "aarch64": "arm64"}
MIDNIGHT = (1980, 1, 1, 0, 0, 0)


def runtime() -> tuple[str, str]:
    """Lambda's names for this Python and this processor, which its libraries are for.

    Raises
    ------
    ComputeError
        If they are of a kind that Lambda does not have.
    """
    machine = MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        raise ComputeError(
            f"a function is made of the libraries that are installed here, and those are for {sys.platform} "
            f"({platform.machine()}), not for Linux: deploy from a machine with Linux, or with the container image "
            "of docs/prediction.md"
        )
    return f"python{sys.version_info.major}.{sys.version_info.minor}", machine


def versions() -> dict[str, str]:
    """The libraries of a function with their versions: those that models are made with here."""
    return {one.name: one.version for one in sorted(_whole(LIBRARIES), key=lambda one: one.name)}


def layer_name() -> str:
    """What tells one set of libraries from another: a hash of their versions, this Python and this processor."""
    told = [*runtime(), *(f"{name}=={version}" for name, version in versions().items())]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def write_layer(path: Path) -> int:
    """Write the libraries as a layer; gives how many bytes they unpack to.

    Raises
    ------
    ComputeError
        If they are larger than Lambda takes.
    """
    n_bytes = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for one in sorted(_whole(LIBRARIES), key=lambda one: one.name):
            for name, file in _kept(one):
                n_bytes += file.stat().st_size
                entry = zipfile.ZipInfo(f"python/{name}", MIDNIGHT)
                entry.external_attr = 0o755 << 16
                archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    if n_bytes > MOST_BYTES:
        raise ComputeError(f"the libraries take {n_bytes / 2**20:.0f} MiB, and Lambda unpacks no more than 250")
    return n_bytes


def function() -> tuple[str, bytes]:
    """The SHA-256 of our own modules as a zip file, and its bytes: the same from the same code."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(own_modules(MODULES).items()):
            entry = zipfile.ZipInfo(name, MIDNIGHT)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return hashlib.sha256(packed.getvalue()).hexdigest(), packed.getvalue()


def _whole(names: Iterable[str]) -> list[Distribution]:
    """These libraries and all that they need here."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        try:
            one = distribution(name)
        except PackageNotFoundError as error:
            raise ComputeError(f"{name} is not installed here: a function cannot be made without it") from error
        if one.name in found:
            continue
        found[one.name] = one
        needed = [Requirement(text) for text in one.requires or ()]
        waiting += [need.name for need in needed if need.marker is None or need.marker.evaluate({"extra": ""})]
    return list(found.values())


def _kept(one: Distribution) -> Iterator[tuple[str, Path]]:
    """A library's files that run, by the name that each has in the layer."""
    for file in sorted(one.files or (), key=str):
        name, path = str(file), Path(str(file.locate()))
        if name.startswith("..") or name.endswith(SOURCES) or any(part in f"/{name}" for part in LEFT_OUT):
            continue
        if path.is_file():
            yield name, path

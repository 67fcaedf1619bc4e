"""Our own code as one zip file for a machine that has our libraries: the same bytes from the same tree."""

from __future__ import annotations

import functools
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("adapters", "agent", "prompts", "runtime", "tools")
ROOT = Path(__file__).parents[2]


@functools.cache
def pack() -> tuple[str, bytes]:
    """The SHA-256 of the zip file, and its bytes; times are left out, so that only content counts.

    Made once a program: what is asked for is what was sent, whatever is written into its folder meanwhile.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files():
            archive.writestr(zipfile.ZipInfo(str(path.relative_to(ROOT))), path.read_bytes())
    content = buffer.getvalue()
    return hashlib.sha256(content).hexdigest(), content


@functools.cache
def code_sha256() -> str:
    """The SHA-256 of the same files, whatever packs them: two machines that say the same run the same code."""
    found = hashlib.sha256()
    for path in _files():
        content = path.read_bytes()
        found.update(f"{path.relative_to(ROOT).as_posix()} {len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()


def _files() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path

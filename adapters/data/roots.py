"""Which folders files may be read from: any but the whole machine and what its kernel shows as files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

NEVER = (Path("/proc"), Path("/dev"), Path("/sys"))
MAX_LINKS = 40
"""As many links on the way as the kernel follows."""


def is_root(path: Path) -> bool:
    """False for `/`, for /proc, /dev and /sys, and for all in these, by whatever name or link it is reached."""
    places = [*_places_on_the_way(path), real_path(path)]
    if any(place.is_relative_to(folder) for place in places for folder in NEVER):
        return False
    # By the folder, not by its name: a second mount of the whole machine has another one.
    try:
        return not path.samefile("/")
    except OSError:
        return True  # it is not there, or closed to us: nothing is read from it


def real_path(path: Path) -> Path:
    """The path with its links followed; of two slashes at the beginning, which POSIX keeps, one is left."""
    return _with_one_slash(os.path.realpath(path))


def hidden_part(path: Path) -> str | None:
    """The first part of the path that is hidden, None if all are shown."""
    return next((part for part in path.parts if part.startswith(".") and part not in (".", "..")), None)


def _places_on_the_way(path: Path) -> Iterator[Path]:
    """The path as it is written, and where each link in it leads: of /proc/self/cwd the end alone tells nothing."""
    places = [_written(path)]
    for place in places:
        yield place
        for part in (place, *place.parents):
            if part.is_symlink() and len(places) < MAX_LINKS:
                places.append(_written(part.parent / part.readlink()))


def _written(path: Path) -> Path:
    """Absolute, without . and .., and no link followed: `Path.resolve` would."""
    return _with_one_slash(os.path.abspath(path))  # noqa: PTH100


def _with_one_slash(path: str) -> Path:
    return Path("/" + path.lstrip("/"))

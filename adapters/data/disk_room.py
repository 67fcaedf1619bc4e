"""How much of the disk one owner's data may take, and how much of it stays free for everybody."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from adapters.data.base import DataError


@dataclass(frozen=True)
class DiskRules:
    """The most that one owner's datasets and uploads may take, and the free space below which nothing comes in.

    `limit` is how the first is told: the setting's name, or what the owner can do about it.
    """

    max_owner_bytes: int = 100 * 2**30
    min_free_bytes: int = 2**30
    limit: str = "(max_owner_bytes)"


def check_room(folder: Path, rules: DiskRules, coming_bytes: int = 0) -> None:
    """DataError unless so many bytes more fit into the owner's folder, and leave enough of the disk free."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = f"{_mib(coming_bytes)} more do not fit" if coming_bytes else "nothing more fits"
    free = shutil.disk_usage(folder).free
    if free - coming_bytes < rules.min_free_bytes:
        raise DataError(
            f"the disk has {_mib(free)} free, of which {_mib(rules.min_free_bytes)} stay free: "
            f"{wanted}; make room on it"
        )
    used = used_bytes(folder)
    if used + coming_bytes > rules.max_owner_bytes:
        raise DataError(
            f"your data take {_mib(used)} of the {_mib(rules.max_owner_bytes)} that they may {rules.limit}: {wanted}"
        )


def used_bytes(folder: Path) -> int:
    """What the folder's files take together."""
    total = 0
    for path in folder.rglob("*"):
        # A run beside this one may have ended meanwhile.
        with contextlib.suppress(FileNotFoundError):
            total += 0 if path.is_dir() else path.lstat().st_size
    return total


def _mib(n_bytes: int) -> str:
    return f"{n_bytes / 2**20:,.1f} MiB"

"""What an owner's data take on the disk, by the name under which it can be removed: a dataset with its upload, or an
upload that no dataset came of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.data.workplace import workplace
from adapters.records import Dataset

HASH_BYTES = 1 << 22


@dataclass(frozen=True)
class Holding:
    """A name and what stands under it: all versions of a dataset, and the files that were sent for them.

    `key` is good as long as the name stands for the same; `dataset_ids` is empty for an upload without a dataset.
    """

    key: str
    name: str
    size_bytes: int
    dataset_ids: tuple[str, ...]
    files: tuple[Path, ...]


def find_holdings(versions: Sequence[Dataset], folder: Path) -> list[Holding]:
    """The largest first.

    Parameters
    ----------
    versions : sequence of Dataset
        All rows of the owner, the newest first.
    """
    uploads = sorted(path for path in (folder / "uploads").glob("*/*") if path.is_file())
    names = dict.fromkeys(dataset.name for dataset in versions)
    found = []
    for name in names:
        mine = [dataset for dataset in versions if dataset.name == name]
        sent = [path for path in uploads if _is_of(path, mine, versions, uploads)]
        uploads = [path for path in uploads if path not in sent]
        ids = tuple(dataset.dataset_id for dataset in mine)
        found.append(_holding(ids[0], name, ids, [*(dataset.path for dataset in mine), *sent]))
    for name in dict.fromkeys(path.name for path in uploads):
        sent = [path for path in uploads if path.name == name]
        found.append(_holding(sent[0].parent.name, name, (), sent))
    return sorted(found, key=lambda holding: -holding.size_bytes)


def remove_holding(holding: Holding, folder: Path, forget: Callable[[Sequence[str]], None]) -> None:
    """Take the files away, then the rows.

    What dies in between has put the files where a sweep removes them, and leaves rows that name none: done again, it is
    done. The other way round the files would stand there for ever, named by nobody.
    """
    with workplace(folder) as place:
        for number, path in enumerate(holding.files):
            if path.exists():
                path.replace(place / str(number))
            if path.parent.parent == folder / "uploads":
                path.parent.rmdir()
        forget(holding.dataset_ids)


def _holding(key: str, name: str, ids: tuple[str, ...], files: Sequence[Path]) -> Holding:
    return Holding(key, name, sum(path.stat().st_size for path in files if path.exists()), ids, tuple(files))


def _is_of(path: Path, mine: Sequence[Dataset], versions: Sequence[Dataset], uploads: Sequence[Path]) -> bool:
    """Whether one of these datasets was read from the upload; files are only read where their names do not tell."""
    if path.name not in {dataset.source for dataset in mine}:
        return False
    others = {dataset.name for dataset in versions if dataset.source == path.name} - {mine[0].name}
    alike = [one for one in uploads if one.name == path.name]
    if not others and len(alike) == 1:
        return True
    return _sha256(path) in {dataset.sha256 for dataset in mine}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(HASH_BYTES):
            digest.update(chunk)
    return digest.hexdigest()

"""Whose session it is: who owns its rows, what that person may read, and what may be used up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adapters.data.base import RemoteRules
from adapters.data.disk_room import DiskRules
from adapters.records import JobBudgets
from agent.limits import Limits

OWNER = r"^[A-Za-z0-9_-]{1,64}$"
"""Names an owner: part of the names of folders, so nothing that leads out of one."""


@dataclass(frozen=True)
class Person:
    """One owner.

    Parameters
    ----------
    roots : tuple of Path
        Folders that this person's files may be read from; none for somebody who is not at this machine.
    budgets : JobBudgets
        Dollars for jobs in a day, in a month, and for one.
    confirm : str
        always: every launch asks; paid: one that cannot cost anything does not.
    disk, remote : DiskRules, RemoteRules
        How much of the disk this person's data may take, and how files are fetched for them; the settings' by default.

    Raises
    ------
    ValueError
        If the owner's name could lead out of a folder.
    """

    owner_id: str
    roots: tuple[Path, ...]
    limits: Limits
    budgets: JobBudgets
    confirm: Literal["always", "paid"]
    disk: DiskRules | None = None
    remote: RemoteRules | None = None

    def __post_init__(self) -> None:
        if re.fullmatch(OWNER, self.owner_id) is None:
            raise ValueError(f"{self.owner_id!r} names no owner: letters, digits, _ and -, at most 64")

"""The home is its owner's alone: nobody else lists it, reads from it, or puts anything into it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.opening import is_plain_file
from runtime.settings import SettingsError

OPEN_TO_OTHERS = 0o077
OURS = frozenset(["statagent.db", "secret.key", "history", "data", "models", "artifacts", "jobs", "turns"])
"""What stands in a home: a folder with one of these is one."""

FILES = (
    *("statagent.db", "statagent.db-wal", "statagent.db-shm", "statagent.db-journal"),
    *("secret.key", "history", "statagent.log"),
)
"""What is opened by name at each start: a link or a device in its place would be read in its stead, without an end."""


def prepare_home(home: Path, tell: Callable[[str], None]) -> None:
    """Make the home, or close one that is open to others; what this process writes from now on is its owner's alone.

    Parameters
    ----------
    tell : callable
        Gets the sentence that an open home was closed.

    Raises
    ------
    SettingsError
        If the home is another user's, is reached by another user's link, is open to others and holds what is not
        statagent's (a folder that others use is not closed under their feet), or if a file of it is no plain file.
    """
    os.umask(OPEN_TO_OTHERS)
    try:
        _check_link(home)
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _held(home) as folder:
            _check_owner(home, os.fstat(folder))
            if os.fstat(folder).st_mode & OPEN_TO_OTHERS:
                _close(home, folder)
                tell(f"the home {home} was open to other users of this machine: it is closed now")
        _check_files(home)
    except OSError as error:
        raise SettingsError(f"the home {home} cannot be used: {error.strerror}; set STATAGENT_HOME") from error


@contextmanager
def _held(home: Path) -> Iterator[int]:
    """A descriptor of the folder: what is checked is what is closed, although the name may lead elsewhere by then."""
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)


def _check_link(home: Path) -> None:
    """A link may be followed only where nobody else can turn it: each one on the way is ours or root's."""
    for place in (home.absolute(), *home.absolute().parents):
        if place.is_symlink() and place.lstat().st_uid not in (os.geteuid(), 0):
            raise SettingsError(f"the home {home} is reached by the link {place} of another user; set STATAGENT_HOME")


def _check_owner(home: Path, found: os.stat_result) -> None:
    if found.st_uid != os.geteuid():
        raise SettingsError(
            f"the home {home} belongs to another user (number {found.st_uid}): set STATAGENT_HOME to a folder of yours"
        )


def _check_files(home: Path) -> None:
    for name in FILES:
        if os.path.lexists(home / name) and not is_plain_file(home / name):
            raise SettingsError(f"{home / name} is a link or no plain file: it is not opened; put it aside")


def _close(home: Path, folder: int) -> None:
    """Take the rights of others away, of the folder and of all in it that is ours."""
    names = os.listdir(folder)
    if os.fstat(folder).st_mode & stat.S_ISVTX or (names and OURS.isdisjoint(names)):
        raise SettingsError(
            f"the home {home} is open to other users and holds other things than statagent's: "
            "set STATAGENT_HOME to a folder that is for it alone"
        )
    os.fchmod(folder, stat.S_IMODE(os.fstat(folder).st_mode) & ~OPEN_TO_OTHERS)
    for _, folders, files, inside in os.fwalk(".", dir_fd=folder):
        for name in (*folders, *files):
            found = os.stat(name, dir_fd=inside, follow_symlinks=False)
            # The rights of a link are those of what it leads to, which may lie elsewhere.
            if found.st_uid == os.geteuid() and not stat.S_ISLNK(found.st_mode):
                os.chmod(name, stat.S_IMODE(found.st_mode) & ~OPEN_TO_OTHERS, dir_fd=inside)

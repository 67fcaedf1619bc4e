"""A local file is opened once, by a way without links; what is checked and read is what was opened.

Whoever looks at a path first and opens it then may open another file: in between a link can be put there. So the real
path is walked folder by folder, each opened in the one before and none of them a link, and every question about the
file is put to its descriptor.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from adapters.errors import AdapterError

# A folder needs no right to be listed to lead on; where the system has no such way of opening, it does.
FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without waiting: a pipe that nobody writes to would never open. And no terminal becomes ours.
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
KERNEL_KINDS = frozenset("proc sysfs devtmpfs cgroup cgroup2 debugfs tracefs configfs securityfs bpf".split())
MOUNTS = Path("/proc/self/mountinfo")


class OpenError(AdapterError):
    """The file cannot be opened, or is none that is read; the message names the part of the path."""


class NoRegularFile(OpenError):
    """What is there is a pipe, a socket, a device, a folder, or a file that the kernel makes up."""


def open_plain(path: Path) -> BinaryIO:
    """The regular file at an absolute path without links, opened for reading.

    Raises
    ------
    FileNotFoundError
        If it is not there, or a folder on the way is not.
    OpenError
        If any part of the path is a link, if it is no regular file, or may not be read.
    """
    descriptor = _walk(path)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_dev in _kernel_devices():
        os.close(descriptor)
        raise NoRegularFile(f"{path.name!r} is no regular file")
    return os.fdopen(descriptor, "rb")


def read_plain(path: Path, most_bytes: int) -> bytes:
    """The whole file; raises as `open_plain` does, and if it is larger."""
    with open_plain(path) as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OpenError(f"{path.name!r} is larger than {most_bytes:,} bytes")
    return content


def read_own(path: Path, most_bytes: int) -> bytes:
    """As `read_plain`, of a file of the home: links may lead to its folder, since the home was checked, not to it."""
    return read_plain(path.parent.resolve() / path.name, most_bytes)


def read_end(path: Path, most_bytes: int) -> bytes:
    """The last bytes of a file of the home; raises as `open_plain` does."""
    with open_plain(path.parent.resolve() / path.name) as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - most_bytes))
        return file.read(most_bytes)


def is_plain_file(path: Path) -> bool:
    """True for a regular file that is no link."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _walk(path: Path) -> int:
    """The descriptor of the last part of the path, each folder opened in the one before."""
    *folders, name = path.parts[1:]
    folder = os.open(path.anchor, FOLDER)
    try:
        for part in folders:
            inner = _open(part, FOLDER, folder, path)
            os.close(folder)
            folder = inner
        return _open(name, FILE, folder, path)
    finally:
        os.close(folder)


def _open(part: str, flags: int, folder: int, path: Path) -> int:
    try:
        return os.open(part, flags, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            words = "is a link or no folder now: what lies behind it is not read"
            raise OpenError(f"{part!r} in {str(path)!r} {words}") from error
        if error.errno in (errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP):
            raise NoRegularFile(f"{part!r} is no regular file") from error
        raise OpenError(f"{part!r} in {str(path)!r} cannot be opened: {error.strerror}") from error


def _kernel_devices() -> frozenset[int]:
    """The device numbers of what the kernel shows as files, such as /proc: what is read there is no file of anybody."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    devices = set()
    for line in lines:
        mounted, _, kind = line.partition(" - ")
        if kind.partition(" ")[0] in KERNEL_KINDS:
            major, minor = mounted.split()[2].split(":")
            devices.add(os.makedev(int(major), int(minor)))
    return frozenset(devices)

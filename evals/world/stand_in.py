"""Stands in for `statagent` or `python`: the warm process runs the command, on the ends of this one (`warm.py`).

Signals are handed on, and the exit is the child's; ended by force, it takes the child with it. It starts in a hundredth
of a second: it runs as `python -IS`, imports next to nothing, and lies in the folder of the warm process.
"""

from __future__ import annotations

import _socket
import marshal
import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ENDS = (0, 1, 2)


LATER = ("PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")
"""What a process that has started can obey, too."""
SAME_AS_NONE = ("", "C", "POSIX", "C.UTF-8")
"""Languages that Python takes for C.UTF-8, as it does none (PEP 538)."""


def at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """Variables that only the start of a process reads."""
    names = ("PYTHON", "LANG", "LC_", "LD_")
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(names)
        and name not in LATER
        and not (name.startswith(("LANG", "LC_")) and value in SAME_AS_NONE)
    }


def main() -> None:
    """Bring the command to the warm process, and end as its child does."""
    # What else stands open of 0 to 2 would be given away by the first file that is opened.
    ends = [end for end in ENDS if _is_open(end)]
    here = os.path.dirname(os.path.abspath(sys.argv[0]))  # noqa: PTH100, PTH120 - pathlib takes as long as all of this
    environment = dict(os.environ)
    with open(os.path.join(here, "start"), "rb") as file:  # noqa: PTH118, PTH123
        is_alike = marshal.load(file) == at_start(environment)
    if not is_alike or not _is_understood(sys.argv):
        program = os.path.join(os.path.dirname(sys.executable), os.path.basename(sys.argv[0]))  # noqa: PTH118, PTH119, PTH120
        os.execv(program, [program, *sys.argv[1:]])
    mask = os.umask(0o077)
    is_leader = os.getsid(0) == os.getpid()
    content = marshal.dumps((sys.argv, environment, mask, ends, is_leader))
    warm = _socket.socket(_socket.AF_UNIX)
    warm.connect(os.path.join(here, "door"))  # noqa: PTH118
    descriptors = b"".join(end.to_bytes(4, sys.byteorder) for end in (os.open(".", os.O_RDONLY), *ends))
    size = len(content).to_bytes(8, sys.byteorder)
    warm.sendmsg([size], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptors)])
    warm.sendall(content)
    child = _hear(warm)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda heard, _: os.kill(child, heard))
    _end(_hear(warm))


def _is_understood(words: Sequence[str]) -> bool:
    """`statagent ...`, `python [-P] [-E] -m MODULE ...` or `python [-P] [-E] FILE ...`, as `warm.run` takes them."""
    if not words[0].endswith("python"):
        return True
    first = next((word for word in words[1:] if word not in ("-P", "-E")), "-")
    return first == "-m" or not first.startswith("-")


def _is_open(end: int) -> bool:
    try:
        os.fstat(end)
    except OSError:
        return False
    return True


def _hear(warm: _socket.socket) -> int:
    """A number from the warm process."""
    content = b""
    while len(content) < 8:
        piece = warm.recv(8 - len(content))
        if not piece:
            sys.exit("the warm process has ended")
        content += piece
    return int.from_bytes(content, sys.byteorder, signed=True)


def _end(code: int) -> None:
    """End as the child did, by a signal where it was one."""
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


if __name__ == "__main__":
    main()

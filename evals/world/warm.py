"""A process with everything imported: it forks a child for each command. `-m evals.world.warm DOOR FOLDER [WHAT ...]`.

Importing takes most of the time of a short command. DOOR is the number of a listening socket, where the stand-ins of
`programs.py` bring orders. WHAT is a package, every module of which is imported beside the libraries, or
MODULE:FUNCTION, which is called: what it keeps is there in every child. It ends, with its folder and its children, when
its standard input does: when the test run ends or is killed.

Where FOLDER holds a file `broken` with the name of a module and, below it, the file with its source as it was imported,
a child takes over what has become of it: the bodies of functions (`new_bodies.py`), or, where more differs or no such
file is named, it imports the module anew, and all that stands on it.

A child is the real program: its own arguments, folder, environment, mask and ends, its own exit. What only a start of
Python reads it cannot take over; a stand-in then starts the program itself (`stand_in.py`).
"""

from __future__ import annotations

import array
import atexit
import ctypes
import gc
import importlib
import io
import marshal
import os
import pkgutil
import runpy
import selectors
import shutil
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TextIO

import numpy

from evals.world.anew import Imports
from evals.world.new_bodies import take_over

LIBRARIES = """
    anthropic anyio.pytest_plugin duckdb httpcore httpx hypothesis.strategies _hypothesis_pytestplugin jinja2 numpy
    pandas prompt_toolkit psycopg pyarrow.parquet pydantic pytest pytest_timeout rich scipy.optimize scipy.stats
    sklearn.ensemble sklearn.linear_model sklearn.model_selection sklearn.pipeline skops.io sqlalchemy
    sqlalchemy.orm sqlite3 typer yaml
""".split()
NOT_IMPORTED = (".migrations.env", ".serverless_worker")
"""Alembic alone can import the one; the other takes two seconds for a library that only a rented machine needs."""
_ENDS = (0, 1, 2)
_TO_THE_GROUP = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
"""What ends a test run with all its processes: the end of standard input says it too, and lets this one clean up."""
_MOST_DESCRIPTORS = 1 + len(_ENDS)
_HUGE_PAGE_BYTES = 2 * 2**20
_COLLAPSE = 25
"""MADV_COLLAPSE of Linux 6.1, madvise(2); another system says that it does not know it."""


@dataclass(frozen=True)
class Order:
    """A command that a stand-in brought: its words, and descriptors of its folder and of those ends that are open.

    `is_leader`: it was started in a session of its own.
    """

    words: list[str]
    environment: dict[str, str]
    mask: int
    folder: int
    ends: dict[int, int]
    is_leader: bool


class Server:
    """Forks a child for every order, tells its stand-in how it ends, and ends it when the stand-in does."""

    def __init__(self, door: socket.socket) -> None:
        self._door = door
        self._callers: dict[int, socket.socket] = {}
        self._ended, self._wake = socket.socketpair()
        self._wake.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        _stay()  # again: `runtime.start` hears Ctrl-C from its first line on

    def serve(self) -> Order | None:
        """Give the order in the child that is to run it, and None in this process, once standard input has ended."""
        with selectors.DefaultSelector() as selector:
            for place in (sys.stdin, self._door, self._ended):
                selector.register(place, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is sys.stdin:
                        self._end()
                        return None
                    if key.fileobj is self._door:
                        order = self._fork(selector)
                        if order is not None:
                            return order
                    elif key.fileobj is self._ended:
                        self._ended.recv(4096)
                        self._reap(selector)
                    elif key.data in self._callers:  # only a stand-in that is gone lets us read
                        os.kill(key.data, signal.SIGKILL)
                        selector.unregister(key.fileobj)

    def _fork(self, selector: selectors.BaseSelector) -> Order | None:
        caller, _ = self._door.accept()
        try:
            order = _receive(caller)
        except OSError:  # it was killed as it came
            caller.close()
            return None
        child = os.fork()
        if child == 0:
            self._let_go(caller)
            return order
        for descriptor in (order.folder, *order.ends.values()):
            os.close(descriptor)
        self._callers[child] = caller
        selector.register(caller, selectors.EVENT_READ, child)
        _tell(caller, child)
        return None

    def _let_go(self, caller: socket.socket) -> None:
        """In the child: hold nothing of the server's."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, *_TO_THE_GROUP):
            signal.signal(number, signal.SIG_DFL)
        for place in (self._door, self._ended, self._wake, caller, *self._callers.values()):
            place.close()

    def _reap(self, selector: selectors.BaseSelector) -> None:
        for child in list(self._callers):
            found, status = os.waitpid(child, os.WNOHANG)
            if found:
                caller = self._callers.pop(child)
                with suppress(KeyError):  # its stand-in may be gone
                    selector.unregister(caller)
                _tell(caller, os.waitstatus_to_exitcode(status))
                caller.close()

    def _end(self) -> None:
        for child in self._callers:
            os.kill(child, signal.SIGKILL)


def _stay() -> None:
    """Let what ends the test run leave this process the time to clean up."""
    for number in _TO_THE_GROUP:
        signal.signal(number, signal.SIG_IGN)


def _receive(caller: socket.socket) -> Order:
    """The order that a stand-in brings; OSError where it ends before all of it is there."""
    size, ancillary, _, _ = caller.recvmsg(8, socket.CMSG_SPACE(4 * _MOST_DESCRIPTORS))
    if not ancillary:
        raise ConnectionResetError
    descriptors = array.array("i", ancillary[0][2])
    try:
        content = _read(caller, *struct.unpack("q", size))
    except OSError:
        for descriptor in descriptors:
            os.close(descriptor)
        raise
    words, environment, mask, ends, is_leader = marshal.loads(content)
    return Order(words, environment, mask, descriptors[0], dict(zip(ends, descriptors[1:], strict=True)), is_leader)


def _read(caller: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        piece = caller.recv(size - len(content))
        if not piece:
            raise ConnectionResetError
        content += piece
    return content


def _tell(caller: socket.socket, number: int) -> None:
    with suppress(OSError):  # the stand-in may be gone
        caller.sendall(struct.pack("q", number))


def become(order: Order) -> None:
    """Make this process the one that the order's stand-in stands for."""
    if order.is_leader:
        os.setsid()
    os.fchdir(order.folder)
    os.close(order.folder)
    for end in _ENDS:
        if end in order.ends:
            os.dup2(order.ends[end], end)
            os.close(order.ends[end])
        else:
            os.close(end)
    os.umask(order.mask)
    os.environ.clear()
    os.environ.update(order.environment)
    sys.dont_write_bytecode = bool(order.environment.get("PYTHONDONTWRITEBYTECODE"))
    time.tzset()
    numpy.random.seed()
    sys.stdin = sys.__stdin__ = _open_end(0, sys.stdin)  # type: ignore[assignment, misc]  # None as Python has it
    sys.stdout = sys.__stdout__ = _open_end(1, sys.stdout)  # type: ignore[assignment, misc]  # None as Python has it
    sys.stderr = sys.__stderr__ = _open_end(2, sys.stderr)  # type: ignore[assignment, misc]  # None as Python has it


def _open_end(end: int, before: Any) -> TextIO | None:
    """The stream that Python makes of this end when it starts; `before` is the one that it made of the server's."""
    try:
        is_terminal = os.isatty(end)
        os.fstat(end)
    except OSError:
        return None
    is_unbuffered = bool(end and os.environ.get("PYTHONUNBUFFERED"))
    raw = open(end, "wb" if end else "rb", buffering=0 if is_unbuffered else -1, closefd=False)  # noqa: SIM115
    stream = io.TextIOWrapper(
        raw,
        encoding=before.encoding,
        errors=before.errors,
        newline="\n",
        line_buffering=(is_terminal or end == 2) and not is_unbuffered,
        write_through=is_unbuffered,
    )
    stream.mode = "w" if end else "r"  # type: ignore[misc]  # as open() sets it
    return stream


def run(words: Sequence[str]) -> None:
    """Run `statagent ...`, `python [-P] [-E] -m MODULE ...` or `python [-P] [-E] FILE ...`, and leave as it does."""
    program, *rest = words
    if Path(program).name == "statagent" or "-m" in rest[:3]:
        # What the command starts in turn, a query or a training, is a stand-in's, too.
        sys.executable = str(Path(program).with_name("python"))
    if Path(program).name == "statagent":
        sys.argv = list(words)
        sys.exit(importlib.import_module("runtime.start").main())
    flags = [word for word in rest[:2] if word in ("-P", "-E")]
    if "-E" not in flags:
        sys.path[:0] = list(filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))
    first, *rest = rest[len(flags) :]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if first == "-m":
        sys.argv = rest
        sys.path[:0] = [] if "-P" in flags else [str(Path.cwd())]
        if not hasattr(sys.modules.get(rest[0]), "__path__"):
            sys.modules.pop(rest[0], None)  # it was imported, and is run now
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [first, *rest]
        sys.path[:0] = [] if "-P" in flags else [str(Path(first).resolve().parent)]
        runpy.run_path(first, run_name="__main__")


def _leave(words: Sequence[str]) -> NoReturn:
    """Run the command and leave with its exit code, all that waits for the end done.

    Taking every imported module apart, as Python does at its very end, would take longer than the command.
    """
    code = 1
    try:
        run(words)
        code = 0
    except SystemExit as end:
        code = _exit_code(end)
    except KeyboardInterrupt:
        traceback.print_exc()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:  # noqa: BLE001 - the child must not go on as the server
        traceback.print_exc()
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not _flush(stream):
            code = 120  # as Python ends then
    os._exit(code)


def _flush(stream: TextIO) -> bool:
    try:
        stream.flush()
    except Exception:  # noqa: BLE001 - it is told, whatever it is
        traceback.print_exc()
        return False
    return True


def _exit_code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return (end.code or 0) & 0xFF
    sys.stderr.write(f"{end.code}\n")
    return 1


def _import(wanted: Sequence[str]) -> Imports:
    """Every library, and every module of the packages; then call what is to be called."""
    for name in LIBRARIES:
        importlib.import_module(name)
    packages = [name for name in wanted if ":" not in name]
    with Imports(packages) as imports:
        for package in map(importlib.import_module, packages):
            for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                if not found.name.endswith(NOT_IMPORTED):
                    importlib.import_module(found.name)
    for module, _, function in (name.partition(":") for name in wanted if ":" in name):
        getattr(importlib.import_module(module), function)()
    return imports


def _use_huge_pages() -> None:
    """Gather the memory of this process into few pages where the system can: most of a fork is the copying of its list.

    Nothing is done for what the system refuses: the memory holds the same either way.
    """
    maps = Path("/proc/self/maps")
    madvise = ctypes.CDLL(None).madvise if maps.is_file() else None
    if madvise is None:
        return
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for line in maps.read_text().splitlines():
        place, rights, _, _, inode = line.split()[:5]
        if rights == "rw-p" and inode == "0" and "[stack]" not in line:
            start, end = (int(address, 16) for address in place.split("-"))
            for address in range(-(-start // _HUGE_PAGE_BYTES) * _HUGE_PAGE_BYTES, end, _HUGE_PAGE_BYTES):
                if address + _HUGE_PAGE_BYTES <= end:
                    madvise(address, _HUGE_PAGE_BYTES, _COLLAPSE)


def _n_threads() -> int:
    """Threads of this process, those of libraries among them where the system tells."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


def main() -> None:
    """Import, then serve until standard input ends."""
    door, folder, *wanted = sys.argv[1:]
    _stay()
    gc.disable()  # nothing that is imported is garbage
    try:
        imports = _import(wanted)
        if _n_threads() != 1:
            sys.exit("the warm process has threads: a child that it forks would lack them")
        gc.collect()
        gc.freeze()  # what is there already is no garbage: the children need not look through it
        gc.enable()
        _use_huge_pages()
        order = Server(socket.socket(fileno=int(door))).serve()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if order is None:
        shutil.rmtree(folder, ignore_errors=True)
        return
    become(order)
    broken = Path(folder, "broken")
    if broken.exists():
        _take_over(imports, *broken.read_text(encoding="utf-8").split("\n"))
    _leave(order.words)


def _take_over(imports: Imports, name: str, source: str) -> None:
    """Have the module as its file is now; `source` is the file of what was imported, if it may be built on."""
    module = sys.modules.get(name)
    if source and module is not None and module.__file__:
        before, after = (Path(file).read_text(encoding="utf-8") for file in (source, module.__file__))
        if take_over(module, before, after):
            return
    imports.forget(name)


if __name__ == "__main__":
    main()

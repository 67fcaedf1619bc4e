"""A load stops in the looks through its lines and in the copies that are ours, and leaves no copy."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from adapters.data.base import Cancelled
from adapters.data.encoding import Encoding, as_utf8, detect_encoding
from adapters.data.mending import holds, mended, unspaced

LINES = "a,b\n" + "1,2\n" * 50


def enter(manager: AbstractContextManager[object]) -> None:
    with manager:
        pass


LOOKS: dict[str, tuple[bytes, Callable[[Path, threading.Event], object]]] = {
    "plain text": (LINES.encode(), detect_encoding),
    "accents": (("é\n" + LINES).encode("latin-1"), detect_encoding),
    "a copy in UTF-8": (
        LINES.encode("utf-16"),
        lambda path, stop: enter(as_utf8(path, Encoding("utf-16"), path.parent, stop)),
    ),
    "bytes that are looked for": (LINES.encode(), lambda path, stop: holds(path, b"#", stop)),
    "blanks between columns": (
        b"x y\n" + b"1 2\n" * 50,
        lambda path, stop: enter(unspaced(path, path.parent, stop)),
    ),
    "comments": (LINES.encode() + b"# no row\n", lambda path, stop: enter(mended(path, path.parent, stop))),
    "line ends of two kinds": (LINES.encode() + b"1,2\r\n", lambda path, stop: enter(mended(path, path.parent, stop))),
}


class After(threading.Event):
    """Set once it was looked at so often."""

    def __init__(self, n_looks: int) -> None:
        super().__init__()
        self.n_left = n_looks

    def is_set(self) -> bool:
        self.n_left -= 1
        return self.n_left < 0


@pytest.mark.parametrize("name", LOOKS)
def test_each_look_and_each_copy_heeds_a_stop_at_any_moment(tmp_path: Path, name: str) -> None:
    content, look = LOOKS[name]
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    n_looks = 0
    while True:
        stop = After(n_looks)
        try:
            look(path, stop)
        except Cancelled:
            n_looks += 1
            assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]
            continue
        break
    assert n_looks >= 1

"""Text files that are nearly CSV, as a mended copy: line ends of one kind, no comment lines, blanks between columns."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.data.file_head import read_head
from adapters.data.load_warns import LoadWarns
from adapters.data.stopping import chunks_of, heeding
from adapters.records.warned import Warned

MAX_HEAD_LINES = 200
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
MIN_NUMBER_SHARE = 0.3


@contextmanager
def unspaced(path: Path, beside: Path, cancel: threading.Event) -> Iterator[tuple[Path, list[Warned]]]:
    """The file itself, or where blanks set its columns apart a copy with tabs, with a warning.

    Parameters
    ----------
    path : Path
        A text file in UTF-8.
    beside : Path
        The folder for the copy; it is removed at the end.
    cancel : Event
        Set to stop the copying: then Cancelled is raised.
    """
    if not _is_cut_by_blanks(path):
        yield path, []
        return
    with _copied(path, beside, cancel, lambda line: "\t".join(line.split()) + "\n") as copy:
        yield copy, [LoadWarns.BLANKS_BETWEEN()]


@contextmanager
def mended(path: Path, beside: Path, cancel: threading.Event) -> Iterator[tuple[Path, list[Warned]]]:
    """The file itself, or a copy with line ends of one kind and without comment lines, with a warning for each.

    Parameters as of `unspaced`; an empty line takes the place of a comment, so that lines keep their numbers.
    """
    comments = _comment_lines(path, cancel)
    warnings = []
    if _has_mixed_line_ends(path, cancel):
        warnings.append(LoadWarns.LINE_ENDS())
    if comments:
        warnings.append(LoadWarns.COMMENTS(n_lines=len(comments), line=comments[0]))
    if not warnings:
        yield path, []
        return
    with _copied(path, beside, cancel, lambda line: "\n" if comments and line.startswith("#") else line) as copy:
        yield copy, warnings


@contextmanager
def _copied(path: Path, beside: Path, cancel: threading.Event, mend: Callable[[str], str]) -> Iterator[Path]:
    copy = beside / f"{path.name[:40]}.{secrets.token_hex(4)}.mended.part"
    try:
        with path.open(encoding="utf-8-sig") as lines, copy.open("w", encoding="utf-8", newline="") as out:
            out.writelines(map(mend, heeding(lines, cancel)))
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _head(path: Path) -> list[str]:
    head = read_head(path)
    lines = head.decode("utf-8-sig", errors="ignore").splitlines()
    # The last line of a part of the file may be cut.
    return lines[:MAX_HEAD_LINES] if len(head) == path.stat().st_size else lines[:-1][:MAX_HEAD_LINES]


def _is_cut_by_blanks(path: Path) -> bool:
    """Lines without any other delimiter, all of as many words, a good part of them numbers: no sentences, no names."""
    lines = [line for line in _head(path) if line.strip()]
    if len(lines) < 2 or any(mark in line for line in lines for mark in ',;\t|"'):
        return False
    counts = {len(line.split()) for line in lines}
    words = [word for line in lines[1:] for word in line.split()]
    n_numbers = sum(NUMBER.fullmatch(word) is not None for word in words)
    return len(counts) == 1 and min(counts) > 1 and n_numbers >= MIN_NUMBER_SHARE * len(words)


def _comment_lines(path: Path, cancel: threading.Event) -> list[int]:
    """The numbers of the lines that begin with # below the table's first line; none where that begins with # too."""
    found: list[int] = []
    if not holds(path, b"\n#", cancel):
        return found
    with path.open(encoding="utf-8-sig") as file:
        first = next((line for line in file if line.strip() and not line.startswith("#")), "")
        file.seek(0)
        is_table = False
        for number, line in enumerate(heeding(file, cancel), start=1):
            if line == first:
                is_table = True
            if is_table and line.startswith("#"):
                found.append(number)
    # Where every other row begins with #, it is a value.
    return found if len(found) < MAX_HEAD_LINES else []


def _has_mixed_line_ends(path: Path, cancel: threading.Event) -> bool:
    n_crlf = n_lf = n_cr = 0
    if not holds(path, b"\r", cancel):
        return False
    with path.open("rb") as file:
        before = b""
        for chunk in chunks_of(file, cancel):
            whole = before + chunk
            # A carriage return at the end waits for what comes next.
            before = b"\r" if whole.endswith(b"\r") else b""
            whole = whole[: len(whole) - len(before)]
            pairs = whole.count(b"\r\n")
            n_crlf, n_lf, n_cr = n_crlf + pairs, n_lf + whole.count(b"\n") - pairs, n_cr + whole.count(b"\r") - pairs
    return sum(count > 0 for count in (n_crlf, n_lf, n_cr + bool(before))) > 1


def holds(path: Path, wanted: bytes, cancel: threading.Event) -> bool:
    """Whether these bytes stand anywhere in the file."""
    with path.open("rb") as file:
        before = b""
        for chunk in chunks_of(file, cancel):
            if wanted in before + chunk:
                return True
            before = chunk[-len(wanted) + 1 :] if len(wanted) > 1 else b""
    return False

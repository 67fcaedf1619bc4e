"""A file is opened once and without links; what is put in its place meanwhile is never read (threat 34)."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.data.base import DataError, LoadOptions, RemoteRules
from adapters.data.disk_room import DiskRules
from adapters.data.duck import DuckData
from adapters.data.sources import Sources
from adapters.opening import NoRegularFile, OpenError, open_plain, read_plain
from adapters.store.database import open_sqlite
from adapters.store.datasets import DatasetTable
from evals.world.files import Load, stored_files, watch

N_LOADS = 60
SECRET, PUBLIC = b"word\nsecret\n", b"word\npublic\n"


def load_file(data: DuckData, path: Path | str) -> list[tuple[object, ...]]:
    dataset = data.load(str(path), "t", LoadOptions(), watch())
    with data.open(dataset.name) as table:
        return table.fetch("SELECT word FROM data")


@contextmanager
def swapping(step: Callable[[], None]) -> Iterator[None]:
    """Another program that takes the step again and again, as fast as it can."""
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            step()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        done.set()
        worker.join()


def refused_or_public(data: DuckData, path: Path) -> int:
    """How many of the loads were answered; none of them with the secret."""
    n_read = 0
    for _ in range(N_LOADS):
        try:
            assert load_file(data, path) == [("public",)]
            n_read += 1
        except DataError:
            continue
    return n_read


def test_a_link_that_is_swapped_in_never_gives_what_it_leads_to(data: DuckData, tmp_path: Path) -> None:
    files, place = tmp_path / "files", tmp_path / "files" / "table.csv"
    (tmp_path / "secret.csv").write_bytes(SECRET)
    (files / "public.csv").write_bytes(PUBLIC)

    def swap() -> None:
        (files / "new").symlink_to(tmp_path / "secret.csv")
        (files / "new").replace(place)
        shutil.copy(files / "public.csv", files / "new")
        (files / "new").replace(place)

    swap()
    with swapping(swap):
        assert refused_or_public(data, place) > 0


def test_a_folder_that_is_swapped_never_gives_what_it_leads_to(data: DuckData, tmp_path: Path) -> None:
    files, place = tmp_path / "files", tmp_path / "files" / "sub"
    for folder, content in ((tmp_path / "theirs", SECRET), (place, PUBLIC)):
        folder.mkdir()
        (folder / "table.csv").write_bytes(content)

    def swap() -> None:
        place.rename(files / "aside")
        place.symlink_to(tmp_path / "theirs")
        place.unlink()
        (files / "aside").rename(place)
        # Long enough in its place to be met there.
        for _ in range(300):
            (place / "table.csv").stat()

    with swapping(swap):
        assert refused_or_public(data, place / "table.csv") > 0


def test_what_is_hashed_is_what_was_read(data: DuckData, tmp_path: Path) -> None:
    path = tmp_path / "files" / "table.csv"
    texts = [b"word\n" + word * 4 + b"\n" for word in (b"a", b"b", b"c")]
    by_hash = {hashlib.sha256(text).hexdigest(): text.split()[1].decode() for text in texts}

    def write(number: list[int]) -> None:
        number[0] += 1
        path.write_bytes(texts[number[0] % 3])
        # Now and then it is left alone for as long as a load takes, on however slow a machine.
        time.sleep(took[0] * 2 * (number[0] % 5 == 0))

    counter, took = [0], [0.0]
    write(counter)
    began = time.monotonic()
    data.load(str(path), "t", LoadOptions(), watch())
    took[0] = time.monotonic() - began
    n_read = 0
    with swapping(lambda: write(counter)):
        for _ in range(N_LOADS):
            try:
                dataset = data.load(str(path), "t", LoadOptions(), watch())
            except DataError:
                continue
            # Caught between two writes the file is a beginning of one text: then its hash is that of none.
            if dataset.sha256 in by_hash:
                n_read += 1
                with data.open("t") as table:
                    assert table.fetch("SELECT word FROM data") == [(by_hash[dataset.sha256],)]
    assert n_read > 0


def test_what_is_put_in_its_place_while_it_is_read_is_not_read(tmp_path: Path) -> None:
    place = tmp_path / "files" / "table.csv"
    place.parent.mkdir()
    place.write_bytes(PUBLIC)
    (tmp_path / "secret.csv").write_bytes(SECRET)
    with Sources(tmp_path / "data", [place.parent], tmp_path / "home", RemoteRules(), DiskRules()).open(
        str(place), watch()
    ) as file:
        place.unlink()
        place.symlink_to(tmp_path / "secret.csv")
        assert file.path.read_bytes() == PUBLIC
    assert list((tmp_path / "data").iterdir()) == []


def test_a_link_inside_the_roots_leads_where_it_may(data: DuckData, tmp_path: Path) -> None:
    (tmp_path / "files" / "public.csv").write_bytes(PUBLIC)
    (tmp_path / "files" / "link.csv").symlink_to("public.csv")
    assert load_file(data, tmp_path / "files" / "link.csv") == [("public",)]


@pytest.mark.parametrize("at", ["end", "middle"])
def test_no_part_of_the_way_may_be_a_link(tmp_path: Path, at: str) -> None:
    real = tmp_path.resolve()
    (real / "a").mkdir()
    (real / "a" / "table.csv").write_bytes(PUBLIC)
    (real / "way").symlink_to("a")
    (real / "end.csv").symlink_to("a/table.csv")
    path, part = (real / "end.csv", "end.csv") if at == "end" else (real / "way" / "table.csv", "way")
    with pytest.raises(OpenError, match=f"'{part}' in '{path}' is a link or no folder now"):
        open_plain(path)
    with open_plain(real / "a" / "table.csv") as file:
        assert file.read() == PUBLIC


def test_a_pipe_a_device_and_what_the_kernel_makes_up_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path.resolve() / "pipe.csv", Path("/dev/null"), Path("/dev/tty"), tmp_path.resolve()):
        with pytest.raises(OpenError, match=r"is no regular file|cannot be opened"):
            open_plain(path)
    for path in (Path(f"/proc/{os.getpid()}/environ"), Path("/sys/kernel/notes")):
        if path.exists():
            with pytest.raises(NoRegularFile, match="is no regular file"):
                open_plain(path)


@pytest.mark.parametrize("name", ["pipe.csv", "pipe.json", "pipe.parquet", "pipe.xlsx", "pipe.zip", "pipe.csv.gz"])
def test_a_pipe_is_refused_at_once_whatever_it_is_called(load: Load, data: DuckData, tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "files" / name)
    with pytest.raises(DataError, match="is no regular file"):
        data.load(str(tmp_path / "files" / name), None, LoadOptions(), watch())


def test_a_root_that_becomes_a_link_opens_nothing_else(tmp_path: Path) -> None:
    root, theirs = tmp_path / "root", tmp_path / "theirs"
    root.mkdir()
    theirs.mkdir()
    (theirs / "table.csv").write_bytes(SECRET)
    sources = Sources(tmp_path / "home" / "data", [root], tmp_path / "home", RemoteRules(), DiskRules())
    root.rmdir()
    root.symlink_to(theirs)
    with pytest.raises(DataError, match="outside the folders"), sources.open(str(root / "table.csv"), watch()):
        pass


def test_another_name_of_a_private_file_is_private(load: Load, data: DuckData, tmp_path: Path) -> None:
    (tmp_path / "home" / "theirs.csv").write_bytes(SECRET)
    os.link(tmp_path / "home" / "theirs.csv", tmp_path / "files" / "mine.csv")
    with pytest.raises(DataError, match="is another name of a file that is not yours"):
        load_file(data, tmp_path / "files" / "mine.csv")
    (tmp_path / "files" / "a.csv").write_bytes(PUBLIC)
    os.link(tmp_path / "files" / "a.csv", tmp_path / "files" / "b.csv")
    assert load_file(data, tmp_path / "files" / "b.csv") == [("public",)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_another_name_of_another_users_file_is_not_read(data: DuckData, tmp_path: Path) -> None:
    (tmp_path / "theirs.csv").write_bytes(SECRET)
    os.chown(tmp_path / "theirs.csv", 12_345, -1)
    os.link(tmp_path / "theirs.csv", tmp_path / "files" / "mine.csv")
    with pytest.raises(DataError, match="is another name of a file that is not yours"):
        load_file(data, tmp_path / "files" / "mine.csv")


def test_a_stored_table_that_became_a_link_is_gone(load: Load, data: DuckData, tmp_path: Path) -> None:
    stored = load("a.csv", b"a\n1\n").path
    theirs = load("b.csv", b"a\n2\n").path
    stored.unlink()
    stored.symlink_to(theirs)
    for ask in (lambda: data.open("a").__enter__(), lambda: data.query("SELECT * FROM a", 5, watch())):
        with pytest.raises(DataError, match="the stored table of 'a' is gone"):
            ask()


def test_a_copy_is_gone_when_the_load_has_ended(load: Load, data: DuckData, tmp_path: Path) -> None:
    load("a.csv", b"a\n1\n")
    with pytest.raises(DataError):
        load("empty.csv", b"")
    assert stored_files(tmp_path / "home") == [".duckdb"]


def test_a_file_that_is_too_large_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path.resolve() / "plan.json"
    path.write_bytes(b"12345")
    assert read_plain(path, 5) == b"12345"
    with pytest.raises(OpenError, match=r"'plan.json' is larger than 4 bytes"):
        read_plain(path, 4)


def test_two_owners_copies_do_not_meet(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "t.csv").write_bytes(PUBLIC)
    rows = DatasetTable(open_sqlite(tmp_path / "home" / "s.db"))
    for owner in ("ann", "bob"):
        data = DuckData(rows, owner, tmp_path / "home", [tmp_path / "files"], lambda: datetime.now(UTC))
        assert load_file(data, tmp_path / "files" / "t.csv") == [("public",)]

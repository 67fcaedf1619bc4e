"""Where a file may come from, and how large it may be: Telegram's cloud, and a Bot API server of one's own."""

from __future__ import annotations

import asyncio
import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from telegram import Bot, Document
from telegram.request import HTTPXRequest

from evals.world.bot_api import BotApi, Person, bot_api
from evals.world.bot_process import bot_process
from evals.world.files import watch
from evals.world.home import build_in, used_home
from runtime.telegram.receiving import NotFetched, Receiving

T = TypeVar("T")
N_ROWS = 200_000


def write_large(path: Path) -> int:
    """Over 100 MB, and quick to read; gives its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    row = b"%d," + b"abcdefghij" * 50 + b"\n"
    path.write_bytes(b"n,word\n" + b"".join(row % number for number in range(N_ROWS)))
    return path.stat().st_size


def test_a_hundred_megabytes_come_from_a_server_of_ones_own(statagent: str, tmp_path: Path) -> None:
    size = write_large(tmp_path / "large.csv")
    assert size > 100_000_000
    with (
        bot_api(BotApi(folder=tmp_path / "server")) as api,
        bot_process(statagent, api, tmp_path / "home", STATAGENT_TELEGRAM_ALLOWED="42", TELEGRAM_LOCAL="true") as bot,
    ):
        ann = Person.joins(api, 42, "Ann")
        ann.sends_file("large.csv", (tmp_path / "large.csv").read_bytes(), caption="mean of n")
        ann.waits_for("99999.5", timeout_s=100)
        kept = bot.home / "data" / "user_tg_42" / "uploads"
        assert [path.stat().st_size for path in kept.glob("*/large.csv")] == [size]


def test_they_are_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "server" / "documents" / "large.csv"
    size = write_large(path)
    session = build_in(used_home(tmp_path / "home"))
    tracemalloc.start()
    try:
        source = fetching(path, tmp_path / "home", None, lambda pieces: session.data.receive("l.csv", pieces, watch()))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
        session.program.close()
    assert sum(one.stat().st_size for one in (tmp_path / "home").glob("data/*/uploads/*/*")) == size, source


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """A file where a server of one's own would put it."""
    path = tmp_path / "server" / "documents" / "file_0.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a,b\n1,2\n")
    return path


def fetched(path: Path, home: Path, files: Path | None = None, *, is_local: bool = True) -> bytes:
    """What comes of a file that a server says is at that path."""
    return fetching(path, home, files, b"".join, is_local=is_local)


def fetching(
    path: Path, home: Path, files: Path | None, take: Callable[[Iterator[bytes]], T], *, is_local: bool = True
) -> T:
    """What is made of its pieces."""

    class Server(HTTPXRequest):
        async def do_request(self, url: str, *args: object, **more: object) -> tuple[int, bytes]:
            if "/file/" in url:
                return 404, b'{"ok": false, "error_code": 404, "description": "Not Found"}'
            return 200, b'{"ok": true, "result": {"file_id": "f", "file_unique_id": "u", "file_path": "%s"}}' % (
                str(path).encode()
            )

    async def run() -> T:
        bot = Bot("1:token", request=Server(), get_updates_request=Server(), local_mode=is_local)
        receiving = Receiving(bot, files, home)
        receiving.begin()
        document = Document("f", "u", file_name="t.csv", file_size=8)
        return await asyncio.to_thread(lambda: take(receiving.fetch(document)))

    return asyncio.run(run())


def test_a_file_is_read_where_the_server_keeps_its_files(local: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert fetched(local, home) == b"a,b\n1,2\n"
    assert fetched(local, home, tmp_path / "server") == b"a,b\n1,2\n"


@pytest.mark.parametrize("is_named", [True, False])
def test_no_other_path_that_the_server_names_is_read(local: Path, tmp_path: Path, is_named: bool) -> None:
    home, files = tmp_path / "home", tmp_path / "server" if is_named else None
    outside = tmp_path / "secret.csv"
    hidden = tmp_path / ".ssh" / "documents" / "id"
    private = home / "data" / "user_tg_1" / "documents" / "t.csv"
    for path in (outside, hidden, private):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("secret")
    link = local.parent / "link.csv"
    link.symlink_to(outside)
    pipe = local.parent / "pipe"
    os.mkfifo(pipe)
    up = local.parent / ".." / ".." / "secret.csv"
    for path in (
        outside,
        hidden,
        private,
        link,
        pipe,
        up,
        local.parent,
        Path("/etc/passwd"),
        Path("/proc/self/environ"),
    ):
        with pytest.raises(NotFetched):
            fetched(path, home, files)


def test_without_a_server_of_ones_own_no_path_is_read(local: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFetched, match="STATAGENT_TELEGRAM_FILES"):
        fetched(local, tmp_path / "home", is_local=False)

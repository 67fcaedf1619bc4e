"""Files arrive byte for byte, once or marked: as they are, packed, in parts, as albums; never another one."""

from __future__ import annotations

import asyncio
import gzip
import random
import re
import struct
import subprocess
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot

from adapters.store.database import Database, open_sqlite
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_rows import SendState
from evals.world.bot_api import BotApi, Fault, Person
from evals.world.first_database import used_database
from runtime.telegram.formatting import plain
from runtime.telegram.outgoing import FILE_AGAIN, Message, hands_over, in_albums, says
from runtime.telegram.pacing import Pace
from runtime.telegram.sender import Sender
from runtime.telegram.table_messages import Looks, tells
from tools.results import Artifact
from tools.telling import as_table

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WIDE = as_table([f"column_{n}" for n in range(9)], [[n / 3] * 9 for n in range(5)])


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_sqlite(used_database(tmp_path / "t.db"))
    yield database
    database.close()


@pytest.fixture
def table(database: Database) -> UpdateTable:
    return UpdateTable(database, 1)


@pytest.fixture
def person(api: BotApi) -> Person:
    return Person.joins(api, 42, "Ann")


def deliver(api: BotApi, table: UpdateTable, seconds: float = 20) -> None:
    async def work() -> None:
        async with Bot(api.token, base_url=f"{api.url}/bot") as bot:
            sender = Sender(bot, table, Pace())
            running = asyncio.create_task(sender.run())
            await sender.flush(seconds)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(work())


def put(table: UpdateTable, *messages: Message) -> None:
    table.put("42", [message.as_json() for message in messages], NOW)


def content(api: BotApi, message: dict[str, Any]) -> bytes:
    found = message["photo"][0] if "photo" in message else message["document"]
    return api.chats.files[found["file_id"]]


def kinds(person: Person) -> list[str]:
    names = ("photo", "document", "rich_message", "text")
    return [next(name for name in names if name in message) for message in person.reads()]


def png(width: int = 3, height: int = 2, more: int = 0) -> bytes:
    """A picture of one colour; `more` bytes of a note make it large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(height * (1 + (width + 7) // 8)))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"teXt", bytes(more))
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


def plot(folder: Path, name: str, made: bytes) -> Artifact:
    (folder / name).write_bytes(made)
    return Artifact(folder / name, "png", f"Plot {name}")


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (png(), "photo"),
        (png(2000, 100), "photo"),
        (png(2001, 100), "document"),
        (png(100, 2100), "document"),
        (png(6000, 4001), "document"),
        (png(more=10_000_000), "document"),
        (b"GIF89a", "document"),
    ],
)
def test_a_picture_that_is_no_photo_for_telegram_goes_as_a_document(
    api: BotApi, person: Person, table: UpdateTable, tmp_path: Path, made: bytes, kind: str
) -> None:
    put(table, *hands_over(plot(tmp_path, "box.png", made)))
    deliver(api, table)
    assert kinds(person) == [kind]
    assert content(api, person.reads()[0]) == made
    assert person.texts() == ["Plot box.png"]


def test_plots_of_one_answer_are_albums_of_ten_where_the_last_stands(
    api: BotApi, person: Person, table: UpdateTable, tmp_path: Path
) -> None:
    plots = [hands_over(plot(tmp_path, f"{n}.png", png(3 + n)))[0] for n in range(12)]
    put(table, *in_albums([*says(plain("one")), *plots[:3], *says(plain("two")), *plots[3:], *says(plain("three"))]))
    deliver(api, table)
    seen = person.reads()
    assert kinds(person) == ["text", "text", *["photo"] * 12, "text"]
    assert [content(api, message) for message in seen[2:14]] == [png(3 + n) for n in range(12)]
    assert [len({m["media_group_id"] for m in seen[a:b]}) for a, b in ((2, 12), (12, 14))] == [1, 1]
    assert person.texts()[2].split("\n")[:2] == ["1. Plot 0.png", "2. Plot 1.png"]
    assert [call.status for call in api.called("sendMediaGroup")] == [200, 200]


def test_one_plot_alone_is_a_photo(api: BotApi, person: Person, table: UpdateTable, tmp_path: Path) -> None:
    put(table, *in_albums(hands_over(plot(tmp_path, "a.png", png()))))
    deliver(api, table)
    assert kinds(person) == ["photo"]
    assert api.called("sendMediaGroup") == []


def test_an_album_that_was_lost_on_the_way_comes_again_marked(
    api: BotApi, person: Person, table: UpdateTable, tmp_path: Path
) -> None:
    api.faults.waiting.append(Fault("sendMediaGroup", "lost_after"))
    put(table, *in_albums([one for n in range(2) for one in hands_over(plot(tmp_path, f"{n}.png", png(3 + n)))]))
    deliver(api, table)
    assert kinds(person) == ["photo"] * 4
    assert person.texts()[0] == "1. Plot 0.png\n2. Plot 1.png"
    assert person.texts()[2] == f"1. Plot 0.png\n2. Plot 1.png\n{FILE_AGAIN}"


def test_of_an_album_with_a_lost_file_the_others_come(
    api: BotApi, person: Person, table: UpdateTable, tmp_path: Path
) -> None:
    put(table, *in_albums([one for n in range(3) for one in hands_over(plot(tmp_path, f"{n}.png", png(3 + n)))]))
    (tmp_path / "1.png").unlink()
    deliver(api, table)
    assert kinds(person) == ["photo", "text", "photo"]
    assert person.texts()[1] == "The file 1.png is no longer there."
    assert [content(api, m) for m in person.reads() if "photo" in m] == [png(3), png(5)]


def test_a_file_that_is_another_one_by_now_is_not_sent(
    api: BotApi, person: Person, table: UpdateTable, tmp_path: Path
) -> None:
    path = tmp_path / "predictions.csv"
    path.write_bytes(b"id,prediction\n1,2\n")
    put(table, *hands_over(Artifact(path, "csv", "Predictions")))
    path.write_bytes(b"id,prediction\n1,3\n")
    deliver(api, table)
    assert person.texts() == ["The file predictions.csv has been changed since; ask for it again."]
    assert kinds(person) == ["text"]


def test_a_file_over_fifty_megabytes_is_packed(api: BotApi, person: Person, table: UpdateTable, tmp_path: Path) -> None:
    path = tmp_path / "predictions_m_20261101_000000.csv"
    made = b"id,prediction\n" + b"1,0.25\n" * 7_200_000
    path.write_bytes(made)
    put(table, *hands_over(Artifact(path, "csv", "Predictions")))
    deliver(api, table, 60)
    [message] = person.reads()
    assert message["document"]["file_name"] == "predictions_m_20261101_000000.csv.gz"
    assert gzip.decompress(content(api, message)) == made
    assert message["caption"].startswith("Predictions\n")
    assert "gunzip predictions_m_20261101_000000.csv.gz" in message["caption"]


def test_what_is_too_large_also_when_packed_comes_in_parts_that_make_it_again(
    api: BotApi, person: Person, table: UpdateTable, tmp_path: Path
) -> None:
    path, made = tmp_path / "rows.csv", random.Random(0).randbytes(250_000).hex().encode()
    path.write_bytes(made)
    api.faults.waiting.append(Fault("sendDocument", "lost_after", skip=1))
    put(table, *hands_over(Artifact(path, "csv", "Rows"), most=100_000))
    deliver(api, table)
    seen = person.reads()
    names = [message["document"]["file_name"] for message in seen[:-1]]
    assert names == [f"rows.csv.gz.00{n}" for n in (1, 2, 2, 3)]
    assert FILE_AGAIN in person.texts()[2]
    got = tmp_path / "got"
    got.mkdir()
    for name, message in zip(names, seen, strict=False):
        (got / name).write_bytes(content(api, message))
    command = re.search(r"in one folder: (cat .*?), then (gunzip \S+)", person.texts()[-1])
    assert command is not None
    subprocess.run(f"{command[1]} && {command[2]}", shell=True, check=True, cwd=got)
    assert (got / "rows.csv").read_bytes() == made


def test_what_is_packed_already_is_not_packed_again(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(random.Random(0).randbytes(1000))
    *parts, words = hands_over(Artifact(path, "file", ""), most=400)
    assert [(part.name, part.offset, part.length) for part in parts] == [
        ("rows.parquet.001", 0, 400),
        ("rows.parquet.002", 400, 400),
        ("rows.parquet.003", 800, 200),
    ]
    assert "gunzip" not in words.text


def test_a_server_without_rich_messages_is_asked_once_and_gets_pictures_and_files(
    api: BotApi, person: Person, table: UpdateTable
) -> None:
    api.lacks = frozenset(["sendRichMessage"])
    put(table, *tells(WIDE, [], Looks(True, NOW)), *tells(WIDE, [], Looks(True, NOW)), *says(plain("End.")))
    deliver(api, table)
    seen = person.reads()
    assert [name for name in kinds(person) if name != "photo"] == ["document", "document", "text"]
    assert kinds(person)[0] == "photo"
    assert len(api.called("sendRichMessage")) == 1
    [first, _] = [content(api, message) for message in seen if "document" in message]
    assert first.decode().split("\n")[2] == ",".join(["0.3333"] * 9)


def test_a_rich_message_that_is_refused_is_a_picture_and_others_are_still_rich(
    api: BotApi, person: Person, table: UpdateTable
) -> None:
    [message] = tells(WIDE, [], Looks(True, NOW))
    assert message.table is not None
    too_wide = message.table.model_copy(update={"head": ("x",) * 30, "rows": (("1",) * 30,)})
    put(table, message.model_copy(update={"table": too_wide}), message)
    deliver(api, table)
    assert kinds(person)[-2:] == ["document", "rich_message"]
    assert "rich_message" not in kinds(person)[:-1]


def test_floods_and_lost_answers_do_not_end_rich_messages(api: BotApi, person: Person, table: UpdateTable) -> None:
    api.faults.waiting += [Fault("sendRichMessage", "flood"), Fault("sendRichMessage", "lost_after")]
    put(table, *tells(WIDE, [], Looks(True, NOW)))
    deliver(api, table)
    assert kinds(person) == ["rich_message", "rich_message"]
    assert [text.startswith("(Sent again") for text in person.texts()] == [False, True]


def test_a_crash_between_the_pieces_repeats_none_but_the_one_it_fell_on(
    api: BotApi, person: Person, table: UpdateTable
) -> None:
    api.lacks = frozenset(["sendRichMessage"])
    # The picture arrives; of the file nobody hears whether it does, and there the bot dies.
    api.faults.waiting += [Fault("sendDocument", "lost_after"), Fault("sendDocument", "flood", retry_after=30)]
    put(table, *tells(WIDE, [], Looks(True, NOW)), *says(plain("End.")))
    deliver(api, table, seconds=4)
    api.faults.waiting.clear()
    before = kinds(person)
    assert before[-1] == "document"
    [left, _] = table.unsent()
    assert (left.content["kind"], left.state) == ("csv", SendState.TRIED)
    deliver(api, table)
    assert kinds(person) == [*before, "document", "text"]
    assert person.texts()[-2].endswith(FILE_AGAIN)
    assert content(api, person.reads()[-2]) == content(api, person.reads()[-3])


def test_the_mark_of_a_second_time_costs_no_character(api: BotApi, person: Person, table: UpdateTable) -> None:
    text = "".join(f"{n:04} " for n in range(2000)).strip()
    api.faults.waiting.append(Fault("sendMessage", "lost_before", skip=1))
    put(table, *says(plain(text)))
    deliver(api, table)
    told = " ".join(message["text"] for message in person.reads()).replace(
        "(Sent again: it may have arrived before.)\n", ""
    )
    assert told.split() == text.split()

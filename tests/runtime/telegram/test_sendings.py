"""What is sent to be loaded: rows of files and albums with one question, every kind of file, pasted tables, names."""

from __future__ import annotations

import functools
import gzip
import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evals.world.bot_api import BotApi, Chat, Person
from evals.world.bot_process import BotProcess, bot_process
from evals.world.web import web_server

FRAME = pd.DataFrame({"g": ["a", "b", "a"], "x": [1.5, 2.5, 3.5]})
CSV = FRAME.to_csv(index=False).encode()
OTHER = b"g,y\na,10\nb,20\n"


@pytest.fixture
def bot(statagent: str, api: BotApi, tmp_path: Path) -> Iterator[BotProcess]:
    with bot_process(statagent, api, tmp_path / "home", STATAGENT_TELEGRAM_ALLOWED="42") as bot:
        yield bot


@pytest.fixture
def ann(api: BotApi) -> Person:
    return Person.joins(api, 42, "Ann")


def after(before: int, words: str, seen: list[dict[str, Any]]) -> bool:
    """Whether a message since then holds the words."""
    return any(words in str(message.get("text")) for message in seen[before:])


def excel() -> bytes:
    out = io.BytesIO()
    FRAME.to_excel(out, index=False)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    FRAME.to_parquet(out)
    return out.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


KINDS = {
    "t.csv": CSV,
    "t.tsv": FRAME.to_csv(index=False, sep="\t").encode(),
    "t.parquet": parquet(),
    "t.json": FRAME.to_json(orient="records").encode(),
    "t.jsonl": FRAME.to_json(orient="records", lines=True).encode(),
    "t.xlsx": excel(),
    "t.csv.gz": gzip.compress(CSV),
    "t.zip": zipped("t.csv", CSV),
}


def test_every_kind_of_file_is_loaded_and_asked_about(bot: BotProcess, ann: Person) -> None:
    for name, content in KINDS.items():
        before = len(ann.reads())
        ann.sends_file(name, content, caption="mean of x")
        ann.waits_for(functools.partial(after, before, "2.5"))
        assert any("3 rows, 2 columns" in text for text in ann.texts()[before:]), name


def count(texts: list[str], words: str) -> int:
    return sum(text.count(words) for text in texts)


@pytest.mark.parametrize("caption_at", [0, 1, 2])
def test_an_album_is_loaded_whole_and_its_caption_is_asked_once(bot: BotProcess, ann: Person, caption_at: int) -> None:
    files = [("one.csv", CSV), ("two.csv", OTHER), ("three.csv", CSV)]
    ann.sends_album(files, caption="mean of y in two", caption_at=caption_at)
    ann.waits_for("7.0711")
    ann.says("/datasets")
    ann.waits_for("MB used")
    [listed] = [text for text in ann.texts() if "MB used" in text]
    assert all(name in listed for name in ("one", "two", "three"))
    texts = ann.texts()
    for name in ("one: 3 rows, 2 columns.", "two: 2 rows, 2 columns.", "three: 3 rows, 2 columns."):
        assert count(texts, name) == 1
    assert count(texts, "7.0711") == 1


def test_files_of_a_row_that_arrive_apart_are_one_question(bot: BotProcess, ann: Person, api: BotApi) -> None:
    ann.sends_file("one.csv", CSV, caption="mean of y in two", media_group_id="7")
    ann.waits_for(lambda _: api.called("getFile"))
    ann.sends_file("two.csv", OTHER, media_group_id="7")
    ann.waits_for("7.0711")
    assert count(ann.texts(), "7.0711") == 1


def test_two_files_of_one_name_in_a_row_are_two_datasets(bot: BotProcess, ann: Person) -> None:
    ann.sends_album([("t.csv", CSV), ("t.csv", OTHER)])
    ann.waits_for("t_2")
    ann.says("/datasets")
    ann.waits_for("t_2: 2 rows, 2 columns")


def test_a_bot_that_dies_in_an_album_loads_each_file_once_and_asks_once(bot: BotProcess, ann: Person) -> None:
    files = [(f"f{place}.csv", b"g,x\na,%d\nb,2\n" % place) for place in range(4)]
    ann.sends_album([*files, ("two.csv", OTHER)], caption="mean of y", caption_at=4)
    for seconds in (0.2, 0.4, 0.6):
        time.sleep(seconds)
        bot.kill()
        bot.start()
    ann.waits_for("7.0711")
    texts = [text for text in ann.texts() if "Sent again" not in text]
    assert [count(texts, f"f{place}: 2 rows") for place in range(4)] == [1] * 4
    assert len(list((bot.home / "data" / "user_tg_42" / "uploads").iterdir())) == 5


def test_what_comes_again_is_not_loaded_again(bot: BotProcess, ann: Person, api: BotApi) -> None:
    sent = ann.sends_album([("one.csv", CSV), ("two.csv", OTHER)], caption="mean of y in two")
    ann.waits_for("7.0711")
    n = len(ann.reads())
    for place, message in enumerate(sent):
        api.updates.again({"update_id": api.updates.first_id + place, "message": message})
    ann.says("/help")
    ann.waits_for("/datasets")
    assert len(ann.reads()) == n + 1


def test_a_pasted_table_is_told_loaded_and_asked_about(bot: BotProcess, ann: Person) -> None:
    ann.says("mean of x\nx\tg\n1\ta\n2\tb\n6\ta")
    ann.waits_for("I read this as a table of 3 rows and 2 columns: dataset pasted.")
    ann.waits_for(lambda seen: [m for m in seen if "3" in str(m.get("text")) and "mean" in str(m.get("text"))])
    ann.says("| x | y |\n|---|---|\n| 1 | 2 |")
    ann.waits_for("I read this as a table of 1 row and 2 columns: dataset pasted_2.")
    ann.says("describe price\nby region")
    ann.waits_for(lambda seen: "table of" not in str(seen[-1].get("text")) and len(seen) > 3)


NAMES = {
    "../../../etc/passwd.csv": "passwd",
    "..\\..\\windows\\t.csv": "t",
    ".hidden.csv": "hidden",
    "x" * 300 + ".csv": "x" * 64,
    "a\nb\x1b[31m\x00.csv": "a_b_31m",
    "\u202egpj.csv": "gpj",
    "📊.csv": "data",
    "prices 📊 2024.csv": "prices___2024",
    "CON": "CON",
    "": "file",
    "…/…": "data",
    "DROP TABLE x;--.csv": "DROP_TABLE_x",
    "<b>t</b>.csv": "b",
}


def test_a_name_is_data_wherever_it_comes_from(bot: BotProcess, ann: Person) -> None:
    folder = bot.home / "data" / "user_tg_42"
    for name, label in NAMES.items():
        before = len(ann.reads())
        ann.sends_file(name, CSV)
        ann.waits_for(functools.partial(after, before, ""))
        assert f"{label}: 3 rows" in ann.texts()[-1].replace("\n", " "), (name, ann.texts()[before:])
        assert "\x1b" not in ann.texts()[-1]
    kept = list(folder.glob("uploads/*/*"))
    assert len(kept) == len(NAMES)
    assert all(path.resolve().is_relative_to(folder.resolve()) and not path.name.startswith(".") for path in kept)


def test_a_forwarded_caption_is_marked_as_somebody_elses(bot: BotProcess, ann: Person) -> None:
    origin: dict[str, Any] = {"type": "hidden_user", "date": 1, "sender_user_name": "Eve"}
    ann.sends_file("t.csv", CSV, caption="mean of x", forward_origin=origin)
    ann.waits_for("3 rows")
    # The planner that answers here tells what it was asked.
    ann.waits_for("forwarded, written by somebody else:)\nmean of x")


def test_an_address_is_loaded_where_the_person_wrote_it_and_it_leads_nowhere_inside(
    statagent: str, api: BotApi, ann: Person, tmp_path: Path
) -> None:
    with (
        web_server() as web,
        bot_process(statagent, api, tmp_path / "a", STATAGENT_TELEGRAM_ALLOWED="42", STATAGENT_ALLOW_LOOPBACK="true"),
    ):
        origin: dict[str, Any] = {"type": "hidden_user", "date": 1, "sender_user_name": "Eve"}
        ann.says(f"load {web}/other.csv", forward_origin=origin)
        ann.says("/cost")
        ann.waits_for("reserved")
        assert not any("other: " in text for text in ann.texts())
        ann.says(f"load {web}/table.csv")
        ann.waits_for("table: 3 rows")
    with web_server() as web, bot_process(statagent, api, tmp_path / "b", STATAGENT_TELEGRAM_ALLOWED="42"):
        inside = (f"{web}/table.csv", "http://169.254.169.254/t.csv", "file:///etc/t.csv", "/etc/passwd.csv")
        for address in inside:
            before = len(ann.reads())
            ann.says(f"load {address}")
            ann.waits_for(functools.partial(after, before, ""))
        assert not any("3 rows" in text for text in ann.texts()[-4:]), ann.texts()[-4:]
        assert not list((tmp_path / "b" / "data").glob("user_tg_42/*.duckdb"))


def test_in_a_group_an_album_is_meant_as_a_whole_where_its_caption_is(bot: BotProcess, api: BotApi) -> None:
    group = Chat(-1001, "supergroup", "Team")
    ann = Person.joins(api, 42, "Ann", group)
    mention = [{"type": "mention", "offset": 0, "length": 14}]
    caption = "@statagent_bot mean of y in two"
    ann.sends_file("one.csv", CSV, caption, media_group_id="7", caption_entities=mention)
    ann.sends_file("two.csv", OTHER, media_group_id="7")
    ann.sends_file("not_meant.csv", OTHER)
    ann.waits_for("7.0711")
    assert [count(ann.texts(), name) for name in ("one: 3 rows", "two: 2 rows", "not_meant: ")] == [1, 1, 0]


def test_what_cannot_be_read_is_said_and_the_rest_of_the_row_is_loaded(bot: BotProcess, ann: Person) -> None:
    ann.sends_album([("page.csv", b"<html><body>x</body></html>"), ("two.csv", OTHER), ("empty.csv", b"")], "mean of y")
    ann.waits_for("7.0711")
    texts = " ".join(ann.texts())
    assert "two: 2 rows" in texts
    assert "web page" in texts
    assert "empty" in texts

"""Pictures, documents and albums at the simulated Bot API, and a server of one's own."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from telegram import InputMediaDocument, InputMediaPhoto, InputMediaVideo
from telegram.error import BadRequest, NetworkError

from evals.world.bot_api import BotApi, Person, bot_api
from evals.world.bot_asks import ask


def picture(width: int = 40, height: int = 30) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(made, "PNG")
    return made.getvalue()


def documents(n: int) -> list[InputMediaDocument]:
    return [InputMediaDocument(f"{number}".encode(), filename=f"{number}.csv") for number in range(n)]


def test_an_album_is_posted_as_messages_of_one_group(api: BotApi, person: Person) -> None:
    sent = ask(api, lambda bot: bot.send_media_group(42, documents(10), caption="all"))
    assert len({message.media_group_id for message in sent}) == 1
    found = person.reads()
    assert [api.chats.files[m["document"]["file_id"]] for m in found] == [str(n).encode() for n in range(10)]
    assert person.texts() == ["all", *[""] * 9]


@pytest.mark.parametrize("n", [1, 11])
def test_an_album_has_two_to_ten_files(api: BotApi, person: Person, n: int) -> None:
    with pytest.raises(BadRequest, match="as an album"):
        ask(api, lambda bot: bot.send_media_group(42, documents(n)))
    assert person.reads() == []


def test_an_album_has_pictures_or_documents(api: BotApi, person: Person) -> None:
    with pytest.raises(BadRequest, match="can't be mixed"):
        ask(api, lambda bot: bot.send_media_group(42, [InputMediaPhoto(picture()), InputMediaDocument(b"1")]))
    assert person.reads() == []
    ask(api, lambda bot: bot.send_media_group(42, [InputMediaPhoto(picture()), InputMediaPhoto(picture())]))
    assert [m["photo"][0]["width"] for m in person.reads()] == [40, 40]


def test_an_album_of_one_file_that_is_refused_posts_nothing(api: BotApi, person: Person) -> None:
    with pytest.raises(BadRequest, match="too long"):
        ask(api, lambda bot: bot.send_media_group(42, documents(2), caption="x" * 1025))
    with pytest.raises(BadRequest, match="takes no video"):
        ask(api, lambda bot: bot.send_media_group(42, [InputMediaPhoto(picture()), InputMediaVideo(b"x")]))
    assert person.reads() == []


@pytest.mark.parametrize(("width", "height"), [(6000, 4001), (2000, 99)])
def test_a_picture_that_is_too_large_or_too_long_is_refused(
    api: BotApi, person: Person, width: int, height: int
) -> None:
    with pytest.raises(BadRequest, match=r"(?i)photo_invalid_dimensions"):
        ask(api, lambda bot: bot.send_photo(42, picture(width, height)))


def test_what_was_sent_once_is_sent_again_by_its_id(api: BotApi, person: Person) -> None:
    first = ask(api, lambda bot: bot.send_document(42, b"a,b\n", filename="a.csv"))
    assert first.document is not None
    ask(api, lambda bot: bot.send_document(42, first.document.file_id if first.document else ""))
    assert [api.chats.files[m["document"]["file_id"]] for m in person.reads()] == [b"a,b\n"] * 2
    with pytest.raises(BadRequest, match="Wrong file identifier"):
        ask(api, lambda bot: bot.send_document(42, "https://example.com/a.csv"))


def test_an_album_comes_as_messages_of_one_group(api: BotApi, person: Person) -> None:
    person.sends_album([("a.csv", b"a\n1\n"), ("b.csv", b"b\n2\n")], caption="compare them", caption_at=1)
    updates = ask(api, lambda bot: bot.get_updates())
    found = [update.message for update in updates]
    assert [m.caption for m in found if m] == [None, "compare them"]
    assert len({m.media_group_id for m in found if m}) == 1


def test_a_server_of_ones_own_gives_a_file_of_any_size_by_its_path(tmp_path: Path) -> None:
    with bot_api(BotApi(folder=tmp_path)) as api:
        person = Person.joins(api, 42, "Ann")
        content = b"x" * 20_000_001
        sent = person.sends_file("big.csv", content)
        file = ask(api, lambda bot: bot.get_file(sent["document"]["file_id"]))
        assert Path(str(file.file_path)).is_relative_to(tmp_path)
        assert Path(str(file.file_path)).read_bytes() == content
        own = tmp_path / "mine.bin"
        own.write_bytes(b"y" * 50_000_001)
        ask(api, lambda bot: bot.send_document(42, own))
        assert len(api.chats.files[person.reads()[0]["document"]["file_id"]]) == 50_000_001


def test_the_cloud_takes_50_mb(api: BotApi, person: Person) -> None:
    with pytest.raises(NetworkError, match="Too Large"):
        ask(api, lambda bot: bot.send_document(42, b"y" * 50_000_001, filename="y.bin", write_timeout=60))
    assert person.reads() == []

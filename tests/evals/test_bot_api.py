"""The simulated Bot API, asked by the real python-telegram-bot: what Telegram refuses it refuses."""

from __future__ import annotations

import asyncio
import secrets
import threading

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from telegram.error import BadRequest, Conflict, Forbidden, NetworkError, RetryAfter
from telegram.request import HTTPXRequest

from evals.world.bot_api import BotApi, Fault, Person
from evals.world.bot_asks import ask


def test_updates_come_again_until_an_offset_acknowledges_them(api: BotApi, person: Person) -> None:
    person.says("one")
    person.says("two")

    async def work(bot: telegram.Bot) -> list[list[str]]:
        seen = []
        for offset in (0, 0, api.updates.first_id + 1, api.updates.first_id + 2):
            updates = await bot.get_updates(offset=offset, timeout=0)
            seen.append([str(update.message and update.message.text) for update in updates])
        return seen

    assert ask(api, work) == [["one", "two"], ["one", "two"], ["two"], []]


def test_a_second_poller_ends_the_first(api: BotApi) -> None:
    async def work(bot: telegram.Bot) -> None:
        first = asyncio.create_task(bot.get_updates(timeout=5))
        await asyncio.sleep(0.2)
        async with telegram.Bot(api.token, base_url=f"{api.url}/bot") as other:
            second = asyncio.create_task(other.get_updates(timeout=1))
            with pytest.raises(Conflict, match="only one bot instance"):
                await first
            assert await second == ()

    ask(api, work)


@pytest.mark.parametrize(
    ("text", "entities", "reason"),
    [
        (" \n", [], "text is empty"),
        ("x" * 4097, [], "too long"),
        ("😀" * 2049, [], "too long"),
        ("ab", [MessageEntity("bold", 1, 2)], "beyond the text"),
        ("😀", [MessageEntity("bold", 1, 1)], "cuts a character"),
        ("abc", [MessageEntity("bold", 0, 2), MessageEntity("italic", 1, 2)], "overlap"),
        ("abc", [MessageEntity("code", 0, 2), MessageEntity("bold", 0, 1)], "no other entity"),
    ],
)
def test_a_text_that_telegram_refuses(
    api: BotApi, person: Person, text: str, entities: list[MessageEntity], reason: str
) -> None:
    with pytest.raises(BadRequest, match=reason):
        ask(api, lambda bot: bot.send_message(person.chat.chat_id, text, entities=entities))
    assert person.reads() == []


def test_what_fits_is_taken(api: BotApi, person: Person) -> None:
    ask(api, lambda bot: bot.send_message(42, "😀" * 2048, entities=[MessageEntity("bold", 0, 4096)]))
    assert person.texts() == ["😀" * 2048]


def test_a_button_holds_64_bytes_and_is_answered_once(api: BotApi, person: Person) -> None:
    def markup(data: str) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data=data)]])

    with pytest.raises(BadRequest, match=r"Button_data_invalid|BUTTON_DATA_INVALID"):
        ask(api, lambda bot: bot.send_message(42, "a", reply_markup=markup("é" * 33)))
    ask(api, lambda bot: bot.send_message(42, "a", reply_markup=markup("x" * 64)))
    press = person.presses("Go")
    assert ask(api, lambda bot: bot.answer_callback_query(press)) is True
    with pytest.raises(BadRequest, match="too old"):
        ask(api, lambda bot: bot.answer_callback_query(press))


def test_a_file_comes_and_goes_byte_for_byte(api: BotApi, person: Person) -> None:
    content = secrets.token_bytes(300_000) + b"\r\n--x\n\r\r\n"
    sent = person.sends_file("a.bin", content)

    async def work(bot: telegram.Bot) -> bytes:
        file = await bot.get_file(sent["document"]["file_id"])
        came = bytes(await file.download_as_bytearray())
        await bot.send_document(42, came, filename="back ä.bin", caption="here")
        return came

    assert ask(api, work) == content
    [message] = person.reads()
    assert api.chats.files[message["document"]["file_id"]] == content
    assert message["document"]["file_name"] == "back ä.bin"


def test_a_file_over_20_mb_is_not_given(api: BotApi, person: Person) -> None:
    sent = person.sends_file("big.csv", b"x" * 20_000_001)
    with pytest.raises(BadRequest, match="too big"):
        ask(api, lambda bot: bot.get_file(sent["document"]["file_id"]))


def test_an_edit_that_changes_nothing_is_refused(api: BotApi, person: Person) -> None:
    message = ask(api, lambda bot: bot.send_message(42, "a"))
    with pytest.raises(BadRequest, match="not modified"):
        ask(api, lambda bot: bot.edit_message_text("a", 42, message.message_id))
    ask(api, lambda bot: bot.edit_message_text("b", 42, message.message_id))
    assert person.texts() == ["b"]


def test_who_has_blocked_the_bot_gets_nothing(api: BotApi, person: Person) -> None:
    person.chat.is_blocked = True
    with pytest.raises(Forbidden, match="blocked by the user"):
        ask(api, lambda bot: bot.send_message(42, "a"))


@pytest.mark.parametrize(
    ("fault", "error", "n_shown"),
    [
        (Fault("sendMessage", "flood", retry_after=3), RetryAfter, 0),
        (Fault("sendMessage", "error"), NetworkError, 0),
        (Fault("sendMessage", "lost_before"), NetworkError, 0),
        (Fault("sendMessage", "lost_after"), NetworkError, 1),
    ],
)
def test_what_goes_wrong_on_the_way(
    api: BotApi, person: Person, fault: Fault, error: type[Exception], n_shown: int
) -> None:
    api.faults.waiting.append(fault)
    with pytest.raises(error):
        ask(api, lambda bot: bot.send_message(42, "a"))
    assert len(person.reads()) == n_shown
    ask(api, lambda bot: bot.send_message(42, "b"))


def test_a_chat_that_is_written_to_too_fast_floods(api: BotApi, person: Person) -> None:
    api.least_gap_s = 1.0

    async def work(bot: telegram.Bot) -> None:
        for _ in range(4):
            await bot.send_message(42, "a")

    with pytest.raises(RetryAfter):
        ask(api, work)


def test_an_unknown_method_and_a_wrong_token_are_refused(api: BotApi, person: Person) -> None:
    with pytest.raises(telegram.error.TelegramError, match="not found in Bot API"):
        ask(api, lambda bot: bot.do_api_request("sendHologram"))

    async def with_a_wrong_token() -> None:
        request = HTTPXRequest()
        async with request:
            bot = telegram.Bot("1:x", base_url=f"{api.url}/bot", request=request)
            with pytest.raises(telegram.error.InvalidToken):
                await bot.get_me()

    asyncio.run(with_a_wrong_token())


def test_a_webhook_gets_each_update_until_it_says_200(api: BotApi, person: Person) -> None:
    from http.server import BaseHTTPRequestHandler, HTTPServer

    seen: list[tuple[str, bytes]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.headers["X-Telegram-Bot-Api-Secret-Token"], body))
            self.send_response(500 if len(seen) == 1 else 200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
            return

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ask(api, lambda bot: bot.set_webhook(f"http://127.0.0.1:{server.server_port}/hook", secret_token="s3"))
    with pytest.raises(Conflict, match="webhook is active"):
        ask(api, lambda bot: bot.get_updates())
    person.says("hello")
    for _ in range(200):
        if len(seen) == 2 and not api.updates.waiting:
            break
        threading.Event().wait(0.02)
    server.shutdown()
    server.server_close()
    assert [secret for secret, _ in seen] == ["s3", "s3"]
    assert b'"hello"' in seen[1][1]

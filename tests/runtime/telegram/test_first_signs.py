"""Typing is shown at once to those who may use the bot, before their turn begins, and once for a message."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from telegram import Bot

from evals.world.bot_api import BotApi, Person
from runtime.telegram.first_signs import FirstSigns
from runtime.telegram.people import Access
from tests.runtime.telegram.test_bot_talking import LONG, bot_with, says


def typing_of(api: BotApi, chat_id: int) -> int:
    return [action for chat, action in api.methods.actions if chat == chat_id].count("typing")


def test_a_message_that_waits_for_the_one_before_has_its_sign(statagent: str, api: BotApi, tmp_path: Path) -> None:
    ann = Person.joins(api, 42, "Ann")
    with bot_with(statagent, api, tmp_path / "home", LONG):
        ann.says("tell me all")
        ann.waits_for(lambda _: api.chats.drafts.get(42))
        before = typing_of(api, 42)
        ann.says("and then?")  # the turn before it holds its lane
        ann.waits_for(lambda _: typing_of(api, 42) > before)
        ann.says("/stop")
        ann.waits_for("Stopped.")


def test_one_sign_is_given_for_one_message(statagent: str, api: BotApi, tmp_path: Path) -> None:
    ann = Person.joins(api, 42, "Ann")
    with bot_with(statagent, api, tmp_path / "home", says("Hello Ann.")):
        ann.says("hello")
        ann.waits_for("Hello Ann.")
        assert typing_of(api, 42) == 1


def test_a_stranger_has_no_sign(statagent: str, api: BotApi, tmp_path: Path) -> None:
    eve, ann = Person.joins(api, 66, "Eve"), Person.joins(api, 42, "Ann")
    with bot_with(statagent, api, tmp_path / "home", says("Hello Ann.")):
        eve.says("hello")
        eve.waits_for("This bot is private")
        ann.says("hello")
        ann.waits_for("Hello Ann.")
        assert (typing_of(api, 66), typing_of(api, 42)) == (0, 1)


class Everybody(Access):
    """Lets everybody in but one."""

    def __init__(self) -> None:
        pass

    def may(self, user_id: int) -> bool:
        return user_id != 105


@pytest.mark.parametrize("n", [2, 30])
def test_turns_wait_for_a_burst_of_signs_and_for_few_they_do_not(api: BotApi, n: int) -> None:
    people = [Person.joins(api, 100 + place, f"Person {place}") for place in range(n)]

    async def work() -> int:
        async with Bot(api.token, base_url=f"{api.url}/bot") as bot:
            signs = FirstSigns(bot, Everybody())
            for person in people:
                person.says("hello")
            for update in await bot.get_updates():
                signs.add(update)
            await signs.calm()
            given = sum(typing_of(api, person.user.user_id) for person in people)
            await asyncio.sleep(0.3)  # those of a few are on their way
            return given

    given = asyncio.run(work())
    assert given == (0 if n == 2 else n - 1)
    assert [typing_of(api, person.user.user_id) for person in people] == [
        int(person.user.user_id != 105) for person in people
    ]

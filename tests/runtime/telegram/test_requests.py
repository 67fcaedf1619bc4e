"""Requests to Telegram: few at once, and what a person waits for before what is only a preview."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from telegram.error import NetworkError

from adapters.store.database import Database, open_sqlite
from adapters.store.telegram import UpdateTable
from adapters.store.turnstile import Turnstile
from evals.world.bot_api import BotApi, Fault, Person
from evals.world.first_database import used_database
from runtime.telegram.inbox import Inbox, PollingBot
from runtime.telegram.requests import AT_ONCE, FewAtOnce, Slots


def test_so_many_at_once_and_the_lowest_rank_first() -> None:
    order, most = list[tuple[int, int]](), list[int]()

    async def work() -> None:
        slots, inside = Slots(2), list[int]()

        async def one(rank: int, number: int) -> None:
            async with slots.hold(rank):
                inside.append(1)
                most.append(len(inside))
                order.append((rank, number))
                await asyncio.sleep(0)
                inside.pop()

        await asyncio.gather(*[one(rank, number) for number in range(3) for rank in (2, 1, 0)])

    asyncio.run(work())
    assert max(most) == 2
    assert order[2:] == [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2)]


def test_one_that_is_cancelled_takes_no_slot_with_it() -> None:
    async def work() -> int:
        slots, done = Slots(1), list[int]()

        async def one(number: int) -> None:
            async with slots.hold(1):
                await asyncio.sleep(0.01)
                done.append(number)

        tasks = [asyncio.create_task(one(number)) for number in range(4)]
        await asyncio.sleep(0)
        tasks[1].cancel()  # it waits
        tasks[0].cancel()  # it is in
        await asyncio.sleep(0)
        tasks[2].cancel()  # it has just been let in
        await asyncio.gather(*tasks, return_exceptions=True)
        await one(9)
        return len(done)

    assert asyncio.run(asyncio.wait_for(work(), 5)) == 2


def test_typing_does_not_wait_for_previews(api: BotApi) -> None:
    for place in range(60):
        Person.joins(api, 100 + place, f"Person {place}")
    api.faults.waiting.append(Fault("sendMessageDraft", "slow", times=60, seconds=0.2))

    async def work() -> None:
        async with PollingBot(api.token, base_url=f"{api.url}/bot", request=FewAtOnce()) as bot:
            drafts = [bot.send_message_draft(100 + place, 7, "so far") for place in range(60)]
            waiting = asyncio.gather(*drafts)
            await asyncio.sleep(0.05)
            await bot.send_chat_action(100, "typing")
            await waiting

    asyncio.run(work())
    methods = [call.method for call in api.calls if call.method != "getMe"]
    assert methods.index("sendChatAction") <= 2 * AT_ONCE
    assert methods.count("sendMessageDraft") == 60


def test_what_could_not_be_kept_is_not_acknowledged_and_comes_again(api: BotApi, tmp_path: Path) -> None:
    opened = open_sqlite(used_database(tmp_path / "t.db"))
    database = Database(opened.engine, Turnstile(0.05))
    table = UpdateTable(database, 1)
    Person.joins(api, 42, "Ann").says("hello")

    async def polls() -> list[int]:
        async with PollingBot(api.token, base_url=f"{api.url}/bot", request=FewAtOnce()) as bot:
            bot.keeps_in(Inbox(table, lambda: datetime.now(UTC)))
            return [update.update_id for update in await bot.get_updates(timeout=0)]

    with database.write(), pytest.raises(NetworkError, match="could not be kept"):
        asyncio.run(polls())
    assert table.open() == []
    assert asyncio.run(polls()) == [one.update_id for one in table.open()] != []
    opened.close()

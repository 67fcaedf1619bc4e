"""How fast messages go out."""

from __future__ import annotations

import asyncio

from runtime.telegram.pacing import PER_CHAT_S, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_three_go_at_once_and_then_one_a_second() -> None:
    async def work() -> list[float]:
        loop = asyncio.get_running_loop()
        pace, started, gone = Pace(loop.time), loop.time(), []
        for _ in range(4):
            await pace.wait(42)
            gone.append(loop.time() - started)
        return gone

    gone = asyncio.run(work())
    assert max(gone[:3]) < 0.5
    assert gone[3] >= 0.9 * PER_CHAT_S


def test_a_flood_closes_one_chat_and_no_other() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.close(42, 137)
    assert not pace.may_preview(42)
    assert pace.may_preview(43)
    clock.now = 136.9
    assert not pace.may_preview(42)
    clock.now = 137.1
    assert pace.may_preview(42)


def test_previews_leave_room_for_the_answer() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert [pace.may_preview(42) for _ in range(3)] == [True, True, False]
    asyncio.run(asyncio.wait_for(pace.wait(42), 0.5))


def test_chats_that_nothing_is_known_of_are_forgotten() -> None:
    clock = Clock()
    pace = Pace(clock)
    for chat in range(10_001):
        clock.now += 10
        pace.may_preview(chat)
    assert len(pace._chats) <= 3

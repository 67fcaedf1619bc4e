"""The bench of many chats at once, with few; more by `python -m evals.bench.telegram`."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.bench.crash import PromiseBroken
from evals.bench.telegram import Crowd, measure, p
from evals.world.bot_api import BotApi


def test_every_chat_is_answered_in_its_order_and_stops(statagent: str, tmp_path: Path) -> None:
    found = measure(5, tmp_path, statagent)
    assert (len(found.first_s), len(found.stop_s)) == (5, 5)
    assert min(found.first_s + found.stop_s) > 0
    assert found.mb_before > 0


@pytest.mark.parametrize("numbers", [(1, 0), (0,), (0, 1, 1), ()])
def test_another_order_a_lost_answer_and_a_second_one_are_seen(api: BotApi, numbers: tuple[int, ...]) -> None:
    crowd = Crowd.of(api, 1)
    [ann] = crowd.people
    for number in numbers:
        api.chats.post(ann.chat, api.chats.bot, text=f"Answer to question {number} of chat {ann.user.user_id}")
    with pytest.raises(PromiseBroken, match="answers to"):
        crowd.check_order(2)


def test_a_quantile_is_one_of_the_seconds() -> None:
    assert [p(share, [3.0, 1.0, 2.0, 4.0]) for share in (0.25, 0.5, 0.95, 1.0)] == [1.0, 2.0, 4.0, 4.0]

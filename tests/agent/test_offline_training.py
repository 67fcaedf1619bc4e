"""Sentences about trainings, beyond the plain one: in the order of time, …"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.offline import OfflineModel
from evals.world.home import build_in, used_home
from evals.world.talk import Talk

SHOP = "weekday,year,price,sales\n" + "".join(
    f"{'Mon Tue Wed'.split()[n % 3]},{2001 + n},{n % 7 + 0.5},{100 - 3 * (n % 7) + n % 5}\n" for n in range(60)
)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    (tmp_path / "shop.csv").write_text(SHOP)
    talk = Talk(build_in(used_home(tmp_path / "home"), model=OfflineModel()))
    talk.say(f'load "{tmp_path / "shop.csv"}"')
    yield talk
    talk.session.program.close()


def test_what_has_no_order_of_time_is_said_with_what_can_have_one(talk: Talk) -> None:
    for words in ("split by time on weekday", "in order of weekday", "trained on the past by weekday"):
        said = talk.say(f"train a ridge to predict sales {words}").text
        assert "time: 'weekday' holds text such as 'Mon': that has no earlier and no later" in said
        assert "no column of 'shop' holds dates; a number that grows with time, such as a year, does" in said
        assert "convert" not in said
    said = talk.say("train a ridge to predict sales split by time").text
    assert "time: no column 'time' in 'shop'" in said
    assert "no column of 'shop' holds dates" in said
    talk.say("train a ridge to predict sales in order of year")
    assert talk.asked().quote.job.training.time == "year"

"""The room that a person has: told before a file comes, seen by /datasets, and made by removing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.world.bot_api import BotApi, Person
from evals.world.bot_process import BotProcess, bot_process

CSV = b"a,b\n" + b"1,2\n" * 100_000


@pytest.fixture
def bot(statagent: str, api: BotApi, tmp_path: Path) -> Iterator[BotProcess]:
    more = {"STATAGENT_TELEGRAM_ALLOWED": "42,43", "STATAGENT_MAX_USER_BYTES": "2000000"}
    with bot_process(statagent, api, tmp_path / "home", **more) as bot:
        yield bot


@pytest.fixture
def ann(api: BotApi) -> Person:
    return Person.joins(api, 42, "Ann")


def test_what_does_not_fit_is_refused_before_it_comes_and_room_is_made(
    bot: BotProcess, ann: Person, api: BotApi
) -> None:
    bob = Person.joins(api, 43, "Bob")
    ann.sends_file("t.csv", CSV)
    ann.waits_for("t: 100000 rows")
    n_fetched = len(api.called("getFile"))
    ann.sends_file("more.csv", b"a,b\n" + b"1,2\n" * 400_000, caption="mean of a")
    ann.waits_for("of the 1.9 MiB that they may (/datasets removes old uploads)")
    assert len(api.called("getFile")) == n_fetched
    assert ann.texts()[-1].startswith("your data take ")
    ann.says("/datasets")
    ann.waits_for("t: 100000 rows, 2 columns, from t.csv")
    ann.waits_for("of 2.0 MB used.")
    bob.says("/datasets remove t")
    bob.waits_for("nothing of yours is called 't'")
    card = ann.reads()[-1]
    ann.presses("Remove t", card, by=bob.user)
    ann.waits_for("That is not there any more.")
    ann.presses("Remove t", card)
    ann.waits_for("It cannot be brought back.")
    ann.presses("Yes, remove it")
    ann.waits_for("t is removed:")
    assert not list((bot.home / "data" / "user_tg_42").glob("uploads/*"))
    ann.sends_file("again.csv", CSV)
    ann.waits_for("again: 100000 rows")
    ann.says("/datasets remove again")
    ann.waits_for("again is removed:")
    ann.says("/datasets")
    ann.waits_for("Nothing is loaded yet.")
    ann.says("/datasets forget again")
    ann.waits_for("'forget again'")

"""What the operator sees of a bot: numbers, while it runs and after; nobody's words, no secret."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.store.conversations import ConversationTable
from adapters.store.database import open_postgres, open_sqlite
from adapters.store.spending import SpendingTable
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_limits import ErrorKind, Writer
from adapters.store.telegram_rows import Arrival
from adapters.store.telegram_status import read_status
from evals.world.bot_api import BotApi, Person
from evals.world.bot_process import bot_process
from evals.world.first_database import used_database

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_each_number_is_of_today_and_of_this_bot(tmp_path: Path, database_url: str | None) -> None:
    database = open_postgres(database_url) if database_url else open_sqlite(used_database(tmp_path / "t.db"))
    table, other = UpdateTable(database, 1), UpdateTable(database, 2)
    log, spending = ConversationTable(database), SpendingTable(database)
    row = log.begin("tg_42", "offline", "", [], NOW)
    yesterday = NOW - timedelta(days=1)
    for bot, update_id, user, at in (
        (table, 1, 42, yesterday),
        (table, 2, 42, NOW),
        (table, 3, 99, NOW),
        (other, 4, 7, NOW),
    ):
        bot.add_all([Arrival(update_id, str(user), {"text": "hush"}, Writer(user, 9, lambda wait: []))], at)
    table.hold("42", 42, row.conversation_id)
    table.begin(2, row, 0)
    table.finish(1, "42", [{"text": "hush"}], yesterday)
    for owner, usd, at in (("tg_42", "1.5", NOW), ("tg_43", "2", NOW), ("tg_42", "4", yesterday), ("tgx42", "8", NOW)):
        spending.reserve(owner, row.conversation_id, Decimal(usd), Decimal(99), at)
    for kind, at in ((ErrorKind.BUG, NOW), (ErrorKind.OUTSIDE, NOW), (ErrorKind.BUG, NOW), (ErrorKind.BUG, yesterday)):
        table.count_error(kind, at)
    found = read_status(database, 1, "tg_", NOW)
    assert (found.users, found.users_today, found.strangers_today) == (1, 1, 1)
    assert (found.messages_today, found.turns_today) == (2, 1)
    assert [found.claude_usd_today, found.jobs_usd_today, found.jobs_usd_held] == [
        Decimal("3.5"),
        Decimal(0),
        Decimal(0),
    ]
    assert found.errors_today == {"bug": 2, "outside": 1}
    assert (found.waiting_updates, found.oldest_waiting, found.last_update) == (2, NOW, NOW)
    assert (found.unsent_messages, found.oldest_unsent) == (1, yesterday)
    assert read_status(database, None, "tg_", NOW).messages_today == 3
    database.close()


@pytest.mark.parametrize("as_json", [True, False])
def test_it_is_told_while_the_bot_runs_and_holds_nobodys_words(
    statagent: str, api: BotApi, tmp_path: Path, as_json: bool
) -> None:
    ann = Person.joins(api, 42, "Annabella")

    def told() -> str:
        line = [statagent, "telegram", "status", *(["--json"] if as_json else [])]
        more = {**os.environ, **bot.environment()}
        return subprocess.run(line, env=more, capture_output=True, text=True, check=True, timeout=60).stdout

    with bot_process(statagent, api, tmp_path / "home", STATAGENT_TELEGRAM_ALLOWED="42") as bot:
        ann.sends_file("secretname.csv", b"a,b\n1,2\n3,4\n", caption="describe a")
        ann.waits_for("over 2 rows")
        running = told()
        bot.stop()
    stopped = told()
    for words in ("Annabella", "secretname", "describe", api.token.partition(":")[2]):
        assert words not in running + stopped
    if as_json:
        found: list[dict[str, Any]] = [json.loads(one) for one in (running, stopped)]
        assert [one["running_here"] for one in found] == [True, False]
        assert {(one["users"], one["turns_today"], one["waiting_updates"]) for one in found} == {(1, 1, 0)}
        assert found[1]["disk_used_bytes"] > 12
    else:
        assert "running here" in running
        assert "users            1, today 1; strangers today 0" in stopped

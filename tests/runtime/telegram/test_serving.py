"""How the bot starts, and why it does not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from evals.world.bot_api import BotApi, Person
from evals.world.bot_process import bot_process


def start(statagent: str, home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if "TELEGRAM" not in name}
    return subprocess.run(
        [statagent, "telegram", *words],
        env={**known, "STATAGENT_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=100,
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "set TELEGRAM_BOT_TOKEN"),
        ({"TELEGRAM_BOT_TOKEN": "1:wrong"}, "Telegram does not know the token"),
        ({"TELEGRAM_API_BASE": "http://example.org"}, "in clear"),
        ({"TELEGRAM_API_BASE": "ftp://example.org"}, "https://"),
        ({"TELEGRAM_API_BASE": "http://127.0.0.1:9"}, "cannot be reached at http://127.0.0.1:9"),
        ({"STATAGENT_TELEGRAM_ALLOWED": "ann"}, "telegram_allowed"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_never_the_token(
    statagent: str, api: BotApi, tmp_path: Path, more: dict[str, str], words: str
) -> None:
    token = {} if not more else {"TELEGRAM_BOT_TOKEN": api.token}
    ended = start(statagent, tmp_path / "home", **{**token, "TELEGRAM_API_BASE": api.url, **more})
    assert ended.returncode == 1
    assert words in ended.stderr
    assert api.token not in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr


def test_a_second_process_says_why_it_ends_and_the_first_goes_on(statagent: str, api: BotApi, tmp_path: Path) -> None:
    ann = Person.joins(api, 42, "Ann")
    with bot_process(statagent, api, tmp_path / "home", STATAGENT_TELEGRAM_ALLOWED="42") as bot:
        second = start(statagent, bot.home, **bot.environment())
        assert (second.returncode, "another process" in second.stderr) == (1, True)
        ann.says("/start")
        ann.waits_for("I am a statistician")
    assert start(statagent, bot.home, "pair").stdout.count("-") >= 1


def test_a_code_that_was_made_beside_the_bot_lets_somebody_in(statagent: str, api: BotApi, tmp_path: Path) -> None:
    eve = Person.joins(api, 99, "Eve")
    with bot_process(statagent, api, tmp_path / "home") as bot:
        code = start(statagent, bot.home, "pair").stdout.split()[0]
        eve.says(f"/start {code}")
        eve.waits_for("I am a statistician")
        eve.says("/datasets")
        eve.waits_for("Nothing is loaded yet")


def test_the_token_is_in_no_log(statagent: str, api: BotApi, tmp_path: Path) -> None:
    ann = Person.joins(api, 42, "Ann")
    with bot_process(statagent, api, tmp_path / "home", STATAGENT_TELEGRAM_ALLOWED="42") as bot:
        ann.sends_file("t.csv", b"a,b\n1,2\n3,4\n")
        ann.waits_for("2 rows")
        bot.stop()
        kept = [path for path in bot.home.rglob("*") if path.is_file()]
    secret = api.token.partition(":")[2].encode()
    assert kept
    assert not [path for path in kept if secret in path.read_bytes()]

"""Updates that Telegram brings: taken with the secret alone, and on disk before they are acknowledged."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from evals.world.bot_api import BotApi, Person
from evals.world.bot_process import bot_process
from runtime.telegram.serving import Secret


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


def post(url: str, secret: str | None) -> int:
    headers = {"Content-Type": "application/json"}
    headers |= {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    asked = urllib.request.Request(url, json.dumps({"update_id": 1}).encode(), headers)
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_a_webhook_answers_and_takes_no_update_without_its_secret(statagent: str, api: BotApi, tmp_path: Path) -> None:
    ann = Person.joins(api, 42, "Ann")
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook"
    more = {
        "STATAGENT_TELEGRAM_ALLOWED": "42",
        "STATAGENT_TELEGRAM_WEBHOOK_URL": url,
        "STATAGENT_TELEGRAM_WEBHOOK_PORT": str(port),
        "STATAGENT_TELEGRAM_WEBHOOK_SECRET": "s3cret",
    }
    with bot_process(statagent, api, tmp_path / "home", **more):
        assert api.methods.webhook == {"url": url, "secret": "s3cret"}
        assert [post(url, wrong) for wrong in (None, "", "s3cre", "s3cretx")] == [403] * 4
        ann.says("/start")
        ann.waits_for("I am a statistician")
        assert api.updates.waiting == []


@pytest.mark.parametrize("other", ["s3cre", "s3cret!", "", None, 3])
def test_a_secret_is_equal_to_itself_alone(other: object) -> None:
    secret = Secret("s3cret")
    assert secret == "s3cret"  # the other one's own comparison is not asked
    assert other != secret


def test_without_a_secret_no_webhook_is_set(statagent: str, api: BotApi, tmp_path: Path) -> None:
    more = {"STATAGENT_TELEGRAM_WEBHOOK_URL": "http://127.0.0.1:1/hook", "STATAGENT_HOME": str(tmp_path / "home")}
    environment = {"PATH": "/usr/bin:/bin", "TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_BASE": api.url, **more}
    ended = subprocess.run([statagent, "telegram"], env=environment, capture_output=True, text=True, timeout=100)
    assert (ended.returncode, api.called("setWebhook")) == (1, [])
    assert "STATAGENT_TELEGRAM_WEBHOOK_SECRET" in ended.stderr

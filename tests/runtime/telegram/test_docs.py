"""docs/telegram.md: what a newcomer types works as it stands there, and what it names is there."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from evals.world.bot_api import BotApi, Person
from evals.world.home import ROOT
from runtime.command_words import IN_CHATS
from runtime.settings import Settings
from runtime.telegram.serving import GRACE_S
from tools import TOOLS

PAGE = (ROOT / "docs" / "telegram.md").read_text(encoding="utf-8")
FLUSH_S = 7.0
"""Seconds that the end takes beside its grace."""


def blocks(language: str) -> list[str]:
    """The blocks of that language, as they are typed."""
    found = re.findall(rf"(?ms)^( *)```{language}\n(.*?)^ *```", PAGE)
    return [re.sub(rf"(?m)^{indent}", "", text) for indent, text in found]


def test_what_a_newcomer_types_starts_a_bot_that_answers(statagent: str, api: BotApi, tmp_path: Path) -> None:
    [typed] = blocks("sh")
    ann = Person.joins(api, 42, "Ann")
    for given, ours in (
        ("12345678", "42"),
        ("7000000001:AA…", api.token),
        ("ANTHROPIC_API_KEY=sk-ant-…", "ANTHROPIC_API_KEY="),
        (".venv/bin/statagent", f"exec {shlex.quote(statagent)}"),
    ):
        assert given in typed
        typed = typed.replace(given, ours)
    environment = {**os.environ, "STATAGENT_HOME": str(tmp_path / "home"), "TELEGRAM_API_BASE": api.url}
    bot = subprocess.Popen(["bash", "-c", typed], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        ann.says("/start")
        ann.waits_for("I am a statistician", timeout_s=60)
    finally:
        bot.send_signal(signal.SIGTERM)
        bot.communicate(timeout=60)
    assert bot.returncode == 0


def test_the_unit_starts_the_bot_and_gives_it_time_to_end() -> None:
    unit = configparser.ConfigParser()
    unit.read_string(blocks("ini")[0])
    service = unit["Service"]
    assert service["ExecStart"].endswith("/.venv/bin/statagent telegram")
    assert float(service["TimeoutStopSec"]) > GRACE_S + FLUSH_S
    assert service["User"] != "root"


def test_the_compose_file_is_one_and_its_server_is_reached_as_the_page_says() -> None:
    found: dict[str, Any] = yaml.safe_load(blocks("yaml")[0])
    [server] = found["services"].values()
    assert server["environment"]["TELEGRAM_LOCAL"] == "1"
    port = server["ports"][0].rpartition(":")[0]
    assert f"TELEGRAM_API_BASE=http://{port}" in PAGE
    [volume] = server["volumes"]
    assert f"STATAGENT_TELEGRAM_FILES={volume.partition(':')[0]}" in PAGE


@pytest.mark.parametrize("name", sorted(set(re.findall(r"(?:STATAGENT|TELEGRAM)_[A-Z_]+", PAGE))))
def test_each_setting_that_it_names_is_one(name: str) -> None:
    fields = Settings.model_fields
    known = {str(field.validation_alias or f"STATAGENT_{one.upper()}") for one, field in fields.items()}
    # What the Bot API server itself takes, in the compose file.
    assert name in known or name in {"TELEGRAM_API_ID", "TELEGRAM_API_HASH"}


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`/(\w+)", PAGE)) - {"newbot"}))
def test_each_command_that_it_names_is_one(name: str) -> None:
    assert name in IN_CHATS or name in {tool.name for tool in TOOLS}

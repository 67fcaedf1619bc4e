"""Keys never stay in a log or a conversation."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from adapters.model.scripted import ScriptedModel, say
from evals.world.home import build_in
from evals.world.talk import Talk
from runtime.secret_words import MaskingFormatter, mask

SECRETS = [
    "sk-ant-api03-abcdefgh12345",
    "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1",
    "AKIAABCDEFGHIJKLMNOP",
    "rpa_ABCDEFGHIJKLMNOPQRSTUVWX",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_key_is_taken_out(secret: str) -> None:
    assert mask(f"my key is {secret}, ok?") == "my key is [secret removed], ok?"


def test_a_password_in_an_address_is_taken_out() -> None:
    assert mask("see https://ann:pw@example.org/x") == "see https://[secret removed]@example.org/x"


def test_ordinary_words_stay() -> None:
    assert mask("r = 0.59, p = 3.8e-34, at 12:30, see a://b") == "r = 0.59, p = 3.8e-34, at 12:30, see a://b"


def test_a_traceback_in_the_log_holds_no_key() -> None:
    try:
        raise ValueError(SECRETS[0])
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "failed", (), (type(error), error, error.__traceback__))
    assert SECRETS[0] not in MaskingFormatter().format(record)


def test_a_key_that_the_user_types_is_neither_kept_nor_sent(tmp_path: Path) -> None:
    model = ScriptedModel([say("Hello.")])
    talk = Talk(build_in(tmp_path / "home", model=model))
    talk.say(f"hi, {SECRETS[0]}")
    assert "Change it soon" in talk.notices()[0]
    assert SECRETS[0] not in str(model.requests)
    assert SECRETS[0].encode() not in (tmp_path / "home" / "statagent.db").read_bytes()
    talk.app.close()

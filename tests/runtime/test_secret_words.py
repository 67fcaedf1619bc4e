"""Keys never stay in a log or a conversation."""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Iterator
from hashlib import md5, sha1, sha256
from pathlib import Path

import pytest

from adapters.model.scripted import ScriptedModel, say
from adapters.secret_words import mask, mask_keys
from agent.events import Event, Notice, TextDelta
from evals.world.home import build_in, used_home
from evals.world.pace import is_within
from evals.world.planted import SECRETS, Secret
from evals.world.talk import Talk
from runtime.masked_telling import MaskedTelling
from runtime.way_out import ShownFormatter

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
OLD = ["sk-ant-api03-abcdefgh12345", "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1", "AKIAABCDEFGHIJKLMNOP"]


@pytest.mark.parametrize("secret", [*OLD, "rpa_ABCDEFGHIJKLMNOPQRSTUVWX"])
def test_a_key_is_taken_out(secret: str) -> None:
    assert mask(f"my key is {secret}, ok?") == "my key is [secret removed], ok?"


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.kind)
@pytest.mark.parametrize("around", ["{}", "look: {} and load it", "({})", "a\n{}\nb"])
def test_each_kind_is_taken_out_wherever_it_stands(secret: Secret, around: str) -> None:
    said = mask(around.format(secret.words))
    assert not [part for part in secret.parts if part in said]
    assert mask(said) == said


@pytest.mark.parametrize("secret", [secret for secret in SECRETS if secret.is_key], ids=lambda secret: secret.kind)
def test_a_key_by_its_shape_is_taken_out_of_data_too(secret: Secret) -> None:
    assert not [part for part in secret.parts if part in mask_keys(secret.words)]


def test_a_password_in_an_address_is_taken_out() -> None:
    assert mask("see https://ann:pw@example.org/x") == "see https://[secret removed]@example.org/x"


def test_a_signed_address_stays_one_word() -> None:
    signed = "https://h.example/t.csv?X-Amz-Algorithm=A&X-Amz-Signature=0f1e2d&part=2"
    assert mask(signed) == "https://h.example/t.csv?X-Amz-Algorithm=A&X-Amz-Signature=secret_removed&part=2"


@pytest.mark.parametrize(
    "words",
    [
        "r = 0.59, p = 3.8e-34, at 12:30, see a://b",
        "password: 151 missing, token: 5 distinct, pwd: 0.53",
        "columns: password (text), token (text), api_key (text)",
        "password: text, token: number",
        "describe token by=region where token = 'running'",
        "pass: 85%, fail: 15%; compass: north; tokens: 123456789; author=smith2020",
        "the password is missing in 13 rows; the secret is out",
        "risk-adjusted-return-2020-Q1-and-more; sk-learn-based-classification-of-things",
        "https://example.org:8443/@ann/post and postgresql://host/name",
        "https://h.example/x.csv?design=a1b2c3d4&keyword=abcdefgh&monkey=12345678&gid=0",
        "write to ann@example.org, email:ann@example.org or mailto:ann@example.org",
        "the bearer of bad news; bearer responsibilities",
        "ASIA: 12 rows, AKIA: none",
        "1e-300:2, 10:30:00.123456789, 2026-11-26T12:30:00+01:00",
        "s3://bucket/key/part-0001.csv.gz and runpod://volume/x.parquet",
    ],
)
def test_ordinary_words_stay(words: str) -> None:
    assert mask(words) == words


def written() -> Iterator[str]:
    """Every line of every conversation of the evals, of their tables, of the planner's sentences, and of ours."""
    folders = [ROOT / "evals" / "cases", ROOT / "evals" / "data", ROOT / "tests" / "adapters" / "offline"]
    for folder in [*folders, ROOT / "prompts" / "templates", SHARED]:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".yaml", ".csv", ".json", ".jsonl", ".j2", ".md", ".txt", ".tsv"):
                yield from path.read_text(encoding="utf-8", errors="replace").splitlines()


def test_no_line_of_the_evals_is_taken_for_a_secret() -> None:
    """The bound is zero; measured 2026-11-26 on all lines there are."""
    lines = list(written())
    assert len(lines) > 3000
    assert [line for line in lines if mask(line) != line] == []


def names_of_things() -> Iterator[str]:
    """Ids, hashes, times and numbers as tables hold them, from a fixed seed."""
    chance = random.Random(23)
    for n in range(3000):
        raw = chance.randbytes(16)
        yield str(uuid.UUID(bytes=raw))
        yield from (make(raw).hexdigest() for make in (md5, sha1, sha256))
        yield f"job_{raw.hex()[:12]} chat_{raw.hex()[:12]} command_{raw.hex()[:12]} words_{raw.hex()}"
        yield f"{chance.randrange(10**15)} {chance.random()!r} {-chance.random() * 10.0 ** (n % 300)}"
        yield f"2026-{1 + n % 12:02}-{1 + n % 28:02}T{n % 24:02}:{n % 60:02}:{n % 60:02}.{n:06}+00:00"
        yield f"DE{chance.randrange(10**20):020} +49 {chance.randrange(10**9)} 978-3-16-148410-{n % 10}"
        yield f"10.{n % 256}.0.1:{8000 + n} fe80::{n:x} {n}:{n + 1}:{n + 2} v{n}.2.1-rc.{n} GSE{n}_sample-{n}"


def test_no_id_hash_date_or_number_is_taken_for_a_secret() -> None:
    """The bound is zero over 27,000 lines."""
    assert [line for line in names_of_things() if mask(line) != line] == []


@pytest.mark.parametrize(
    "piece",
    ["a", "a-", "sk-", "password:", "//", "//a:", "eyJ", "AKIAIOSFODNN7EXAMPLE ", "?a=b&", "1:", 'token="', "://u:"],
)
def test_a_long_text_takes_a_time_that_grows_with_its_length(piece: str) -> None:
    """A hundred kB; an expression that looks back over all of it would take minutes."""
    started = time.monotonic()
    mask(piece * (100_000 // len(piece)))
    assert is_within(10, since=started)


def test_a_traceback_in_the_log_holds_no_key() -> None:
    try:
        raise ValueError(OLD[0])
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "failed", (), (type(error), error, error.__traceback__))
    assert OLD[0] not in ShownFormatter().format(record)


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.kind)
@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_words_that_stream_in_hold_no_secret_however_they_are_cut(secret: Secret, size: int) -> None:
    told: list[Event] = []
    telling = MaskedTelling(told.append)
    text = f"It is {secret.words} as I said.\nAnd p = 0.03."
    for start in range(0, len(text), size):
        telling(TextDelta(text[start : start + size]))
    telling(Notice("end"))
    said = "".join(event.text for event in told if isinstance(event, TextDelta))
    assert not [part for part in secret.parts if part in said]
    assert said == mask(text)


def test_a_key_that_the_user_types_is_neither_kept_nor_sent(tmp_path: Path) -> None:
    model = ScriptedModel([say("Hello.")])
    talk = Talk(build_in(used_home(tmp_path / "home"), model=model))
    talk.say(f"hi, {OLD[0]}")
    assert "Change it soon" in talk.notices()[0]
    assert OLD[0] not in str(model.requests)
    assert OLD[0].encode() not in (tmp_path / "home" / "statagent.db").read_bytes()
    talk.session.program.close()

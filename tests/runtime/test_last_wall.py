"""What nobody foresaw is one sentence with an error id; what is foreseen never comes to that."""

from __future__ import annotations

import logging
import os
import re
import subprocess
from pathlib import Path

import pytest

from adapters.json_text import MOST_DEEP, parse_json
from adapters.model.scripted import ScriptedModel, say
from evals.world.home import PENGUINS, ROOT, build_in, used_home
from evals.world.talk import Talk
from runtime.export import export
from runtime.log_file import say_bug
from tools.errors import ToolError

SECRET = "sk-ant-api03-Zq7_canary-aaaa1111"


def run(
    statagent: str, home: Path, *words: str | bytes, stdout: int | None = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [statagent, *words],
        env={**os.environ, "STATAGENT_HOME": str(home), "ANTHROPIC_API_KEY": "", **environment},
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
    )  # fmt: skip


def fail() -> None:
    raise ZeroDivisionError(f"with the key {SECRET}")


def test_a_bug_is_a_sentence_and_its_traceback_is_kept_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    try:
        fail()
    except ZeroDivisionError as error:
        say_bug(error)
    told = capsys.readouterr().err
    assert re.fullmatch(r"Sorry, that is a mistake of mine \(error [0-9a-f]{8}\): (.+) says more\. .*\n", told)
    (kept,) = tmp_path.iterdir()
    assert str(kept) in told
    assert kept.stat().st_mode & 0o077 == 0
    assert "ZeroDivisionError" in kept.read_text()
    assert SECRET not in kept.read_text()


@pytest.mark.parametrize(
    "words", [("datasets",), ("--help",), ("version",), ("tool", "show_spending"), ("chat", "-p", "help")]
)
def test_a_full_disk_behind_standard_output_is_said(statagent: str, tmp_path: Path, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = run(statagent, tmp_path / "home", *words, stdout=full.fileno())
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "Standard output takes no more: No space left on device."
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("datasets",), ("--help",)])
def test_a_reader_that_left_is_no_error_to_tell_of(statagent: str, tmp_path: Path, words: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = run(statagent, tmp_path / "home", *words, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_closed_standard_output_is_said(statagent: str, tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"'{statagent}' datasets >&-"],
        env={**os.environ, "STATAGENT_HOME": str(tmp_path / "home")},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "Standard output takes no more: Bad file descriptor.\n")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("chat", "--session", b"x\xff", "-p", "hi"), 2, "Argument 3 holds bytes that are no text in UTF-8."),
        (("tool", "describe", "[" * 5000), 1, "the arguments are not JSON: it nests deeper than 100"),
        (
            ("tool", "describe", '{"a":' * 150 + "1" + "}" * 150),
            1,
            "the arguments are not JSON: it nests deeper than 100",
        ),
        (("tool", "describe", '{"dataset":' + "9" * 5000 + "}"), 1, "it holds a number of more than 4,300 digits"),
        (("tool", "describe", '{"dataset":"\\ud800"}'), 1, "no dataset"),
        (("chat", "--model", "replay:/dev/zero", "-p", "hi"), 1, "there is no file"),
        (("chat", "--model", f"replay:{PENGUINS}", "-p", "hi"), 1, "not a reply"),
        (("tool", "load_dataset", '{"source": "https://xn--a.example.com/x.csv"}'), 1, "that is no web address"),
    ],
)
def test_odd_input_is_one_sentence(
    statagent: str, tmp_path: Path, words: tuple[str | bytes, ...], code: int, sentence: str
) -> None:
    done = run(statagent, tmp_path / "home", *words)
    assert done.returncode == code, done.stderr
    assert sentence in done.stderr
    assert "mistake of mine" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_gone_is_said(statagent: str, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    done = subprocess.run(
        ["/bin/sh", "-c", f"cd '{tmp_path}/gone' && rmdir '{tmp_path}/gone' && '{statagent}' datasets"],
        env={**os.environ, "STATAGENT_HOME": str(tmp_path / "home")},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "The folder that this is run in cannot be used" in done.stderr


def test_another_encoding_gets_codes_for_what_it_lacks(statagent: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n中文,1\nx,2\n")
    home = tmp_path / "home"
    run(statagent, home, "tool", "load_dataset", f'{{"source": "{tmp_path / "t.csv"}"}}')
    done = run(statagent, home, "tool", "query", '{"sql": "SELECT a FROM t"}', PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert "\\u4e2d\\u6587" in done.stdout


@pytest.mark.parametrize("text", ["[" * MOST_DEEP + "]" * MOST_DEEP, '{"a":' * 50 + "[" * 50 + "]" * 50 + "}" * 50])
def test_json_of_some_depth_is_read(text: str) -> None:
    assert parse_json(text) is not None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * (MOST_DEEP + 1) + "]" * (MOST_DEEP + 1), "nests deeper than 100"),
        ("[" * 100_000, "nests deeper than 100"),
        ("1" * 4301, "more than 4,300 digits"),
        ("{", "Expecting"),
        (b"\xff", "codec"),
    ],
)
def test_json_of_any_depth_is_not(text: str | bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_json(text)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("MAX_DOWNLOAD_S", "inf", "max_download_s: Input should be a finite number"),
        ("MAX_TURN_S", "1e400", "max_turn_s: Input should be a finite number"),
        ("MAX_TURN_USD", "NaN", "max_turn_usd: Input should be a finite number"),
        ("MODEL", "x\x1b[31m", "model: it holds a control character"),
        ("S3_ENDPOINT", "https://h\x9b.example", "s3_endpoint: it holds a control character"),
        ("HOME", "/tmp/a\nb", "home: it holds a control character"),
    ],
)
def test_a_setting_that_is_no_number_or_no_text_is_named(
    statagent: str, tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    done = run(statagent, tmp_path / "home", "datasets", stdout=subprocess.PIPE, **{f"STATAGENT_{name}": value})
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert sentence in done.stderr


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [("MAX_DOWNLOAD_BYTES", "the file is too large"), ("MIN_FREE_BYTES", "nothing more fits")],
)
def test_a_pipe_that_brings_too_much_is_refused(statagent: str, tmp_path: Path, setting: str, sentence: str) -> None:
    limit = {"MAX_DOWNLOAD_BYTES": "1000", "MIN_FREE_BYTES": str(10**18)}[setting]
    with PENGUINS.open() as piped:
        done = subprocess.run(
            [statagent, "chat", "--model", "offline"],
            env={**os.environ, "STATAGENT_HOME": str(tmp_path / "home"), f"STATAGENT_{setting}": limit},
            stdin=piped, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "mistake of mine" not in done.stderr


@pytest.mark.parametrize("columns", ["1", "0", "-5", "many"])
def test_a_screen_too_narrow_for_anything_is_taken_for_a_wider_one(
    statagent: str, tmp_path: Path, columns: str
) -> None:
    home = tmp_path / "home"
    run(statagent, home, "tool", "load_dataset", f'{{"source": "{PENGUINS}"}}')
    assert "penguins" in run(statagent, home, "datasets", COLUMNS=columns).stdout


def test_an_export_follows_no_link(tmp_path: Path) -> None:
    talk = Talk(build_in(used_home(tmp_path / "home"), model=ScriptedModel([say("Hello.")])))
    talk.say("hi")
    (tmp_path / "link.html").symlink_to(tmp_path / "target.html")
    with pytest.raises(ToolError, match=r"link\.html' is a link"):
        export(talk.session, talk.conversation.row.conversation_id, "report", tmp_path / "link.html")
    talk.session.program.close()
    assert not (tmp_path / "target.html").exists()


def test_a_turn_whose_reader_left_is_no_mistake_of_ours(statagent: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Path("/dev/full").open("w") as full:
        done = run(
            statagent, home, "chat", "-p", "help", "--model", "offline", "--output", "stream-json", stdout=full.fileno()
        )
    assert (done.returncode, done.stderr) == (1, "Standard output takes no more: No space left on device.\n")
    assert (home / "statagent.log").read_text() == ""

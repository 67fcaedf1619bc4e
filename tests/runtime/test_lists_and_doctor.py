"""What there is as tables and JSON, and what the doctor finds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.world.home import PENGUINS
from evals.world.messages_api import KEY, messages_api
from runtime import doctor, list_command, tool_command


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "RUNPOD_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STATAGENT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STATAGENT_ROOTS", f"{PENGUINS.parent}:{tmp_path}")
    return tmp_path / "home"


def test_what_there_is_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    for what in ("datasets", "models", "jobs"):
        assert list_command.run(what, False) == 0
    assert capsys.readouterr().out == "Nothing is loaded yet.\nThere is no model yet.\nThere is no job yet.\n"
    tool_command.run("load_dataset", json.dumps({"source": str(PENGUINS)}), None, None)
    capsys.readouterr()
    assert list_command.run("datasets", True) == 0
    (dataset,) = json.loads(capsys.readouterr().out)
    assert (dataset["dataset"], dataset["rows"], dataset["columns"]) == ("penguins", 344, 8)
    assert (dataset["warnings"], dataset["warning_codes"]) == (
        ["column 'sex': 11 values 'NA' are read as missing"],
        ["read_as_missing"],
    )
    assert list_command.run("costs", True) == 0
    assert json.loads(capsys.readouterr().out)["total"] == {"model_usd": 0.0, "jobs_usd": 0.0}
    assert list_command.run("datasets", False) == 0
    table = capsys.readouterr().out
    assert "penguins" in table
    assert "warning" not in table


def test_a_setting_that_is_wrong_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STATAGENT_MAX_STEPS", "none")
    assert list_command.run("jobs", False) == 1
    assert "max_steps" in capsys.readouterr().err
    assert findings(capsys, 1) == {"settings": "bad"}


def findings(capsys: pytest.CaptureFixture[str], code: int) -> dict[str, str]:
    assert doctor.run(True) == code
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert all(entry["next_step"] for entry in found if entry["state"] != "ok")
    return {entry["name"]: entry["state"] for entry in found}


def test_a_fresh_home_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    found = findings(capsys, 0)
    assert {name: found[name] for name in ("python", "home", "database", "disk", "files")} == dict.fromkeys(
        ("python", "home", "database", "disk", "files"), "ok"
    )
    assert {found[name] for name in ("claude", "s3", "runpod volume", "terminal", "jobs on runpod")} == {"off"}
    assert doctor.run(False) == 0
    assert "→ set ANTHROPIC_API_KEY" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("key", "model", "state"),
    [(KEY, "claude-opus-5-5", "ok"), ("sk-ant-wrong", "claude-opus-5-5", "bad"), (KEY, "claude-1", "bad")],
)
def test_claude_is_asked_for_the_model(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str, model: str, state: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    monkeypatch.setenv("STATAGENT_MODEL", model)
    with messages_api([]) as api:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        assert findings(capsys, 0 if state == "ok" else 1)["claude"] == state
    # Nobody answers there any more.
    assert doctor.run(False) == 1
    out = capsys.readouterr().out
    assert "cannot be reached" in out
    assert key not in out


@pytest.mark.parametrize(
    ("name", "value", "bad"),
    [
        ("STATAGENT_ROOTS", "/nowhere", "files"),
        ("STATAGENT_RUNPOD_S3_REGION", "EU-RO-1", "runpod volume"),
        ("STATAGENT_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none", "database"),
        ("STATAGENT_HOME", "/proc/none", "home"),
    ],
)
def test_what_is_wrong_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, bad: str
) -> None:
    monkeypatch.setenv(name, value)
    assert findings(capsys, 1)[bad] == "bad"

"""config.yaml: the person's own is trusted, the one beside somebody's data sets what is harmless."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from runtime import doctor, list_command
from runtime.config_files import own_path, read_config_files
from runtime.settings import Settings, SettingsError, read_settings

HARMLESS = {"model", "pictures", "check_numbers"}


@pytest.fixture(autouse=True)
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The config.yaml of the current folder; the person's own folder is empty."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    monkeypatch.setenv("STATAGENT_HOME", str(tmp_path / "home"))
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    own_path().parent.mkdir(parents=True)
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder / "config.yaml"


def notes() -> list[str]:
    heard: list[str] = []
    read_settings(heard.append)
    return heard


@pytest.mark.parametrize("name", [*sorted(set(Settings.model_fields) - HARMLESS), "ANTHROPIC_BASE_URL", "CONFIRM"])
def test_a_folder_of_data_sets_nothing_that_carries_trust(beside: Path, name: str) -> None:
    before = read_settings()
    beside.write_text(f"{name}: paid\n")
    assert read_settings() == before
    (note,) = notes()
    assert name in note


def test_a_folder_of_data_sets_what_is_harmless(beside: Path) -> None:
    beside.write_text("model: claude-haiku-4-5\npictures: path\ncheck_numbers: false\n")
    settings = read_settings()
    assert (settings.model, settings.pictures, settings.check_numbers) == ("claude-haiku-4-5", "path", False)
    assert notes() == []


@pytest.mark.parametrize(
    "text",
    [
        "model: resnet50\n",
        'model: "claude-\\e[31mx"\n',
        "model: {confirm: paid}\n",
        "a: &a {confirm: paid, owner: bob}\n<<: *a\n",
        "pictures: auto\npictures: {confirm: paid}\n",
        "Confirm: paid\n",
        '"confirm ": paid\n',
        "model: !!python/object/apply:os.getcwd []\n",
        "pictures: purple\n",
        "check_numbers: [1]\n",
        "model: [a",
        "- a\n- b\n",
        "when: 2024-13-45\n",
        "[" * 20_000,
        "1: 2\n",
        "x: '" + "y" * 70_000 + "'",
    ],
)
def test_a_file_of_another_program_changes_nothing_and_is_named(beside: Path, text: str) -> None:
    before = read_settings()
    beside.write_text(text)
    assert read_settings() == before
    (note,) = notes()
    assert "config.yaml" in note
    assert "taken" in note
    assert len(note) < 700


def test_another_file_beside_the_data_sets_nothing(beside: Path) -> None:
    before = read_settings()
    (beside.parent / ".env").write_text("STATAGENT_CONFIRM=paid\nANTHROPIC_BASE_URL=http://127.0.0.1:9\nCONFIRM=paid\n")
    for name in ("config.yml", "Config.yaml", ".statagent.yaml"):
        (beside.parent / name).write_text("confirm: paid\nowner: bob\n")
    assert read_settings() == before


def test_a_name_in_that_file_moves_no_cursor(beside: Path) -> None:
    beside.write_text('"\\e[2Jhome": 1\n')
    (note,) = notes()
    assert "\x1b" not in note
    assert "\\x1b[2Jhome" in note


def test_the_own_file_sets_everything_and_goes_first(beside: Path) -> None:
    beside.write_text("model: claude-haiku-4-5\n")
    own_path().write_text("model: claude-opus-5-5\nconfirm: paid\nanthropic_base_url: https://claude.example\n")
    settings = read_settings()
    assert (settings.model, settings.confirm) == ("claude-opus-5-5", "paid")
    assert settings.anthropic_base_url == "https://claude.example"


def test_the_environment_goes_before_the_own_file(monkeypatch: pytest.MonkeyPatch) -> None:
    own_path().write_text("confirm: paid\n")
    monkeypatch.setenv("STATAGENT_CONFIRM", "always")
    assert read_settings().confirm == "always"


@pytest.mark.parametrize("text", ["modl: x\n", "model: [a", "- a\n", "anthropic_base_url: http://claude.example\n"])
def test_a_mistake_in_the_own_file_stops_the_program(text: str) -> None:
    own_path().write_text(text)
    with pytest.raises(SettingsError, match=r"modl|cannot be read|ANTHROPIC_BASE_URL"):
        read_settings()


def test_the_own_folder_may_be_the_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    own_path().write_text("confirm: paid\n")
    monkeypatch.chdir(own_path().parent)
    assert read_settings().confirm == "paid"
    assert read_config_files().beside is None


def test_a_command_says_what_was_not_taken(beside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    beside.write_text("confirm: paid\n")
    assert list_command.run("jobs", False) == 0
    assert "config.yaml in this folder sets confirm: not taken" in capsys.readouterr().err


def test_the_doctor_says_which_file_was_read(beside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own_path().write_text("confirm: paid\n")
    beside.write_text("home: /tmp/elsewhere\n")
    assert doctor.run(True) == 0
    out = capsys.readouterr().out
    assert str(own_path()) in out
    assert "sets home: not taken" in out


def test_a_matplotlibrc_beside_the_data_draws_nothing(statagent: str, beside: Path) -> None:
    (beside.parent / "t.csv").write_text("x\n1\n2\n4\n")
    (beside.parent / "matplotlibrc").write_text("text.usetex: True\naxes.titlesize: 90\n")
    histogram = {"dataset": "t", "kind": "histogram", "x": "x"}
    for name, arguments in (("load_dataset", {"source": "t.csv"}), ("plot", histogram)):
        command = [statagent, "tool", name, json.dumps(arguments)]
        env = {**os.environ, "STATAGENT_ROOTS": str(beside.parent)}
        ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 0, ended.stderr

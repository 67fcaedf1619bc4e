"""Settings: from the environment, with a clear word for a wrong one and no secret shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from runtime.settings import Settings, SettingsError, read_settings


def test_the_environment_sets_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STATAGENT_HOME", str(tmp_path))
    assert read_settings().home == tmp_path


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATAGENT_MAX_STEPS", "none")
    with pytest.raises(SettingsError, match="max_steps: Input should be a valid integer"):
        read_settings()


def test_a_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary")
    assert "canary" not in repr(read_settings())


def test_no_key_or_password_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "RUNPOD_S3_ACCESS_KEY", "RUNPOD_S3_SECRET_KEY"):
        monkeypatch.setenv(f"STATAGENT_{name}", "canary")
    settings = read_settings()
    assert "canary" not in repr(settings)
    assert "canary" not in repr(settings.remote_rules())
    assert settings.remote_rules().runpod_secret_key == "canary"


def test_the_examples_name_settings_that_there_are() -> None:
    root = Path(__file__).parents[2]
    entries = yaml.safe_load((root / "config.example.yaml").read_text())
    assert set(entries) <= set(Settings.model_fields)
    names = re.findall(r"STATAGENT_([A-Z0-9_]+)=", (root / ".env.example").read_text())
    assert {name.lower() for name in names} <= set(Settings.model_fields)


@pytest.mark.parametrize("written", ["/tmp:/var", '["/tmp", "/var"]'])
def test_folders_are_a_list_or_joined_like_a_path(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("STATAGENT_ROOTS", written)
    assert read_settings().roots == (Path("/tmp"), Path("/var"))


def test_what_cannot_be_parsed_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATAGENT_ROOTS", '["/tmp"')
    with pytest.raises(SettingsError, match="wrong setting: roots"):
        read_settings()


@pytest.mark.parametrize(
    "address",
    ["http://claude.example", "http://127.0.0.1.claude.example", "ftp://127.0.0.1", "claude.example", "http://[::1"],
)
def test_the_key_goes_nowhere_in_clear(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", address)
    with pytest.raises(SettingsError, match="ANTHROPIC_BASE_URL"):
        read_settings()


@pytest.mark.parametrize(
    "address", ["https://claude.example", "http://127.0.0.1:8000", "http://[::1]:8000", "http://localhost"]
)
def test_a_private_address_or_this_machine_may_get_the_key(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", address)
    assert read_settings().anthropic_base_url == address

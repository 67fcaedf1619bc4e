"""Settings: from the environment, with a clear word for a wrong one and no secret shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.settings import SettingsError, read_settings


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

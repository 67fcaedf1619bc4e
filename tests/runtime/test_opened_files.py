"""The other files that a person brings: config.yaml and plans. Opened as datasets are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from runtime import plan_command
from runtime.config_files import read_config_files
from runtime.export.plan import VERSION
from runtime.plan_file import PlanError, read_plan

PLAN = json.dumps({"plan": VERSION, "steps": []})


def test_a_config_in_the_current_folder_that_is_a_link_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "theirs.yaml").write_text("secret_name: 1\n")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "config.yaml").symlink_to("../theirs.yaml")
    monkeypatch.chdir(tmp_path / "here")
    files = read_config_files()
    assert "'config.yaml' in" in files.note
    assert "is a link or no folder now" in files.note
    assert "secret_name" not in files.note


def test_a_persons_own_config_may_be_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dotfiles.yaml").write_text("max_steps: 7\n")
    (tmp_path / "config" / "statagent").mkdir(parents=True)
    (tmp_path / "config" / "statagent" / "config.yaml").symlink_to(tmp_path / "dotfiles.yaml")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert read_config_files().values["max_steps"] == 7


def test_a_plan_is_a_regular_file_of_bounded_size(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(PlanError, match=r"is no plan: 'pipe.json' is no regular file"):
        read_plan(tmp_path / "pipe.json")
    (tmp_path / "large.json").touch()
    os.truncate(tmp_path / "large.json", 10**12)
    with pytest.raises(PlanError, match=r"is larger than"):
        read_plan(tmp_path / "large.json")
    (tmp_path / "plan.json").write_text(PLAN)
    (tmp_path / "link.json").symlink_to("plan.json")
    assert read_plan(tmp_path / "link.json") == []
    assert plan_command.run(tmp_path / "none.json", []) == 2

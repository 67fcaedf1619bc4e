"""Shared by all tests: the six packages are ours, not somebody else's of the same name."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_sessionstart() -> None:
    for name in ("agent", "tools", "prompts", "adapters", "runtime", "evals"):
        found = Path(importlib.import_module(name).__file__ or "")
        if not found.is_relative_to(ROOT):
            pytest.exit(f"the package {name!r} is {found}, not ours: use an environment of statagent's own")

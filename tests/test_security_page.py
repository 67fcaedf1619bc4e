"""The security page names files and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/security.md").read_text()


def test_every_file_and_test_that_it_names_is_there() -> None:
    named = re.findall(r"`((?:adapters|agent|evals|prompts|runtime|tests|tools)/[^`]+)`", PAGE)
    assert len(named) > 100
    missing = [name for name in named if not _is_there(*name.partition("::")[::2])]
    assert not missing


def _is_there(file: str, test: str) -> bool:
    path = ROOT / file
    return path.exists() and (not test or f"\ndef {test}(" in path.read_text())

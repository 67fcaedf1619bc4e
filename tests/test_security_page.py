"""The security page names files and tests that exist, and every threat of the table once."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/security.md").read_text()
THREATS = range(1, 82)


def test_every_file_and_test_that_it_names_is_there() -> None:
    named = re.findall(r"`((?:adapters|agent|evals|prompts|runtime|tests|tools)/[^`]+)`", PAGE)
    assert len(named) > 100
    missing = [name for name in named if not _is_there(*name.partition("::")[::2])]
    assert not missing


def _is_there(file: str, test: str) -> bool:
    path = ROOT / file
    return path.exists() and (not test or f"\ndef {test}(" in path.read_text())


def test_every_threat_stands_in_it_once() -> None:
    rows = re.findall(r"^\| ([\d, ]+) \|", PAGE, re.MULTILINE)
    absent = PAGE.partition("## Not there yet")[2]
    counted = Counter(int(number) for text in (*rows, absent) for number in re.findall(r"\d+", text))
    assert counted == Counter(THREATS)

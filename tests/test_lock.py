"""What is installed is what was locked: exact versions, by hash."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_package_has_its_hash_and_setup_asks_for_it() -> None:
    packages = re.split(r"\n(?=[a-zA-Z])", (ROOT / "requirements.lock").read_text().strip())
    assert len(packages) > 50
    assert not [
        text for text in packages if not re.match(r"[\w.\[\]-]+==\S+.*--hash=sha256:[0-9a-f]{64}", text, re.DOTALL)
    ]
    (command,) = re.findall(r"pip install .*requirements\.lock", (ROOT / "Makefile").read_text())
    assert "--require-hashes" in command

"""The command line, as a shell sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STATAGENT = Path(sys.executable).with_name("statagent")


def test_help_names_the_commands() -> None:
    done = subprocess.run([STATAGENT, "--help"], capture_output=True, text=True, timeout=30, check=True)
    assert "A statistician that you can talk to." in done.stdout
    assert "version" in done.stdout

"""Pictures in the terminal itself, where it can: kitty's protocol, iTerm2's, sixel; elsewhere their paths."""

from __future__ import annotations

import base64
import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from rich.console import Console

How = Literal["kitty", "iterm2", "sixel", "path"]
ITERM2 = ("iTerm.app", "WezTerm", "mintty")
MAX_WIDTH = 72
"""Characters: a picture of 1200 pixels is sharp at that size on every screen."""


def find_how(setting: str, environment: Mapping[str, str] = os.environ) -> How:
    """How this terminal shows pictures.

    Parameters
    ----------
    setting : str
        The setting: kitty, iterm2, sixel, path, or auto to find out. Multiplexers swallow pictures, and are taken for
        terminals that show none; a terminal that names itself is believed, another is asked whether it speaks sixel.
    """
    if setting in ("kitty", "iterm2", "sixel", "path"):
        return setting  # type: ignore[return-value]  # just checked
    if not sys.stdout.isatty() or "TMUX" in environment or environment.get("TERM", "").startswith(("screen", "dumb")):
        return "path"
    if "KITTY_WINDOW_ID" in environment or environment.get("TERM") in ("xterm-kitty", "xterm-ghostty"):
        return "kitty"
    if environment.get("TERM_PROGRAM") in ITERM2 or environment.get("LC_TERMINAL") == "iTerm2":
        return "iterm2"
    # Loading it asks the terminal; only done when there is a picture to show.
    speaks = importlib.import_module("textual_image.renderable.sixel").query_terminal_support()
    return "sixel" if speaks else "path"


def show_picture(path: Path, console: Console, how: How) -> bool:
    """Draw the picture where the cursor is; False when only its path can be told."""
    width = min(MAX_WIDTH, console.width)
    if how == "path" or not path.is_file():
        return False
    if how == "iterm2":
        content = base64.b64encode(path.read_bytes()).decode()
        name = base64.b64encode(path.name.encode()).decode()
        console.file.write(f"\x1b]1337;File=inline=1;name={name};width={width}:{content}\a\n")
        console.file.flush()
        return True
    module = "tgp" if how == "kitty" else "sixel"
    image = importlib.import_module(f"textual_image.renderable.{module}").Image(str(path), width=width, height="auto")
    # A picture is made of codes: they go past the terminal that shows codes as text.
    bare = Console(file=console.file, width=console.width, height=console.height, force_terminal=True)
    bare.print(image)
    return True

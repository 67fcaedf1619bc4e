"""How a terminal shows pictures: by its own protocol, or by the path alone."""

from __future__ import annotations

import base64
import io
import re
import sys
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from runtime.pictures import find_how, show_picture


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.new("RGB", (120, 90), "orange").save(path)
    return path


@pytest.mark.parametrize(
    ("wish", "environment", "how"),
    [
        ("kitty", {}, "kitty"),
        ("path", {"KITTY_WINDOW_ID": "1"}, "path"),
        ("auto", {"KITTY_WINDOW_ID": "1"}, "kitty"),
        ("auto", {"TERM": "xterm-ghostty"}, "kitty"),
        ("auto", {"TERM_PROGRAM": "iTerm.app"}, "iterm2"),
        ("auto", {"LC_TERMINAL": "iTerm2"}, "iterm2"),
        ("auto", {"TERM_PROGRAM": "iTerm.app", "TMUX": "/tmp/tmux"}, "path"),
        ("auto", {"TERM": "dumb"}, "path"),
    ],
)
def test_the_terminal_is_believed(
    monkeypatch: pytest.MonkeyPatch, wish: str, environment: dict[str, str], how: str
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert find_how(wish, environment) == how


def test_a_pipe_shows_paths_only() -> None:
    assert find_how("auto", {"KITTY_WINDOW_ID": "1"}) == "path"


def test_iterm2_gets_the_very_file(picture: Path) -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    assert show_picture(picture, console, "iterm2")
    assert isinstance(console.file, io.StringIO)
    found = re.fullmatch(r"\x1b\]1337;File=inline=1;name=\w+=*;width=72:([\w+/=]+)\x07\n", console.file.getvalue())
    assert found is not None
    assert base64.b64decode(found[1]) == picture.read_bytes()


def test_sixel_draws_it(picture: Path) -> None:
    console = Console(file=io.StringIO(), width=40, force_terminal=True)
    assert show_picture(picture, console, "sixel")
    assert isinstance(console.file, io.StringIO)
    drawn = console.file.getvalue()
    assert "\x1bP" in drawn
    assert "\x1b\\" in drawn


def test_a_picture_that_is_gone_and_a_terminal_without_pictures(picture: Path) -> None:
    console = Console(file=io.StringIO())
    assert not show_picture(picture, console, "path")
    assert not show_picture(picture.with_name("gone.png"), console, "iterm2")
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == ""

"""The commands of all front ends, in the words in which each is told: `/name`, and what it does."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from runtime.export import FORMATS
from runtime.exported_model import HOW
from tools import TOOLS

SHARED: Mapping[str, str] = {
    "help": "what I can do; /help describe: what a tool takes",
    "datasets": "what is loaded",
    "models": "what was trained",
    "jobs": "what runs and ran",
    "cost": "dollars of this conversation, of today, in all",
    "new": "begin a new conversation",
    "export": f"/export {'|'.join(FORMATS)}: this conversation as a file; {HOW}",
}
"""What there is everywhere."""
AT_THE_PROMPT: Mapping[str, str] = {
    **SHARED,
    "export": f"/export {'|'.join(FORMATS)} [FILE]: this conversation as a file; {HOW}",
    "sessions": "conversations so far",
    "resume": "go on with the last one, or /resume ID",
    "model": "who answers; /model offline|claude|replay:FILE begins anew with another",
    "quit": "leave (or Ctrl-D)",
}
IN_CHATS: Mapping[str, str] = {
    "start": "what I can do, with examples to tap",
    **SHARED,
    "datasets": "what is kept and how large it is; /datasets remove NAME",
    "settings": "tables, previews and when I ask, as you like it",
    "stop": "stop what is running",
}
HOW_TOOLS = "Every tool, as in /describe price by=region; /describe ? says what it takes:"


def unknown_command(name: str, known: Iterable[str]) -> str:
    """The sentence for a command that there is not, with the nearest one or two that there are."""
    names = [*known, *(tool.name for tool in TOOLS)]
    near = difflib.get_close_matches(name.casefold(), names, n=2, cutoff=0.5)
    meant = f" Did you mean {' or '.join(f'/{one}' for one in near)}?" if near else ""
    return f"There is no command /{name[:40]}.{meant} /help lists all."

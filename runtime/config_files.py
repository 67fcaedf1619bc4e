"""The two places of config.yaml: the person's own configuration folder, and the current folder.

The current folder is often somebody else's data. What carries trust (servers, keys, roots, the home, the owner,
confirmation, limits) is taken from the environment or from the person's own folder only; a file beside the data may
set what is harmless, and whatever else stands in it is named and not taken.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import yaml

from adapters.opening import OpenError, read_plain
from prompts.visible import one_line

NAME = "config.yaml"
MOST_BYTES = 65_536
MOST_NAMED = 8

_HARMLESS: Mapping[str, Callable[[object], bool]] = {
    "model": lambda value: isinstance(value, str) and re.fullmatch(r"claude-[a-z0-9.-]{1,60}", value) is not None,
    "pictures": lambda value: value in ("auto", "kitty", "iterm2", "sixel", "path"),
    "check_numbers": lambda value: isinstance(value, bool),
}
"""What a file in the current folder may set, and whether a value of it is one."""


class ConfigError(Exception):
    """The person's own config.yaml cannot be read; one sentence."""


@dataclass(frozen=True)
class ConfigFiles:
    """What the files say.

    Attributes
    ----------
    own, beside : Path or None
        The file of the person's own folder and that of the current one; None where there is none.
    values : dict of str to object
        What is taken; the person's own word goes before that of the current folder.
    note : str
        What of the current folder's file is not taken, in one sentence; empty if all is.
    """

    own: Path | None
    beside: Path | None
    values: dict[str, object]
    note: str


def own_path() -> Path:
    """Where the person's own file is, if there is one."""
    return platformdirs.user_config_path("statagent") / NAME


def read_config_files() -> ConfigFiles:
    """Read both files; a file that is missing says nothing.

    Raises
    ------
    ConfigError
        If the person's own file cannot be read or is no list of settings.
    """
    own, beside = own_path(), Path.cwd() / NAME
    has_own, has_beside = own.is_file(), beside.is_file()
    if has_own and has_beside and own.samefile(beside):
        has_beside = False
    values: dict[str, object] = {}
    note = ""
    if has_beside:
        try:
            values, left_out = _harmless(_entries(_without_link(beside)))
        except ConfigError as error:
            note = f"{error}; nothing of it is taken"
        else:
            note = _note(left_out)
    if has_own:
        values |= _entries(Path(os.path.realpath(own)))
    return ConfigFiles(own if has_own else None, beside if has_beside else None, values, note)


def _without_link(path: Path) -> Path:
    """The file by its folder's real path: a link in the place of the file itself is refused when it is opened."""
    return Path(os.path.realpath(path.parent)) / path.name


def _entries(path: Path) -> dict[str, object]:
    try:
        entries = yaml.safe_load(read_plain(path, MOST_BYTES))
    # Deep nesting ends in a RecursionError, an impossible date in a ValueError.
    except (OSError, OpenError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} cannot be read: {one_line(error, 200)}") from error
    if entries is None:
        return {}
    if not isinstance(entries, dict) or not all(isinstance(name, str) for name in entries):
        raise ConfigError(f"{path} cannot be read: it is no list of settings, one `name: value` a line")
    return entries


def _harmless(entries: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """What may be taken, and the names of the rest."""
    taken = {name: value for name, value in entries.items() if name in _HARMLESS and _HARMLESS[name](value)}
    return taken, [name for name in entries if name not in taken]


def _note(left_out: list[str]) -> str:
    if not left_out:
        return ""
    named = ", ".join(one_line(name, 40) for name in left_out[:MOST_NAMED])
    more = f" and {len(left_out) - MOST_NAMED} more" if len(left_out) > MOST_NAMED else ""
    return (
        f"{NAME} in this folder sets {named}{more}: not taken. Only {', '.join(_HARMLESS)} are taken from the current "
        f"folder, with a value that fits; the rest belongs into {own_path()} or the environment"
    )

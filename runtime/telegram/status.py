"""`statagent telegram status`: how the bot stands, for its operator; while it runs, and while it does not."""

from __future__ import annotations

import fcntl
import shutil
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.data.disk_room import used_bytes
from adapters.store.telegram_status import read_status
from prompts.dollars import dollars
from runtime.program import Program
from runtime.telegram.people import PREFIX


def status(program: Program) -> dict[str, Any]:
    """The numbers, as JSON takes them; of the bot whose token is set, else of all bots on the database."""
    settings, token = program.settings, program.settings.telegram_bot_token
    number = "" if token is None else token.get_secret_value().partition(":")[0]
    bot_id = int(number) if number.isdecimal() else None
    found = read_status(program.database, bot_id, PREFIX, program.clock())
    folders = [
        path for part in ("data", "models", "artifacts") for path in settings.home.glob(f"{part}/user_{PREFIX}*")
    ]
    values = {name: _plain(value) for name, value in asdict(found).items()}
    return {
        "bot": bot_id,
        "running_here": bot_id is not None and _is_held(settings.home / "telegram" / f"{bot_id}.lock"),
        **values,
        "disk_used_bytes": sum(used_bytes(path) for path in folders if path.is_dir() and not path.is_symlink()),
        "disk_free_bytes": shutil.disk_usage(settings.home).free,
    }


def as_text(found: dict[str, Any]) -> str:
    """The same for people."""
    errors = ", ".join(f"{n} {kind}" for kind, n in sorted(found["errors_today"].items())) or "none"
    rows = [
        ("bot", f"{found['bot'] or 'all'}, {'running here' if found['running_here'] else 'not running on this home'}"),
        ("users", f"{found['users']}, today {found['users_today']}; strangers today {found['strangers_today']}"),
        ("today", f"{found['messages_today']} messages, {found['turns_today']} turns"),
        (
            "dollars today",
            f"Claude {dollars(found['claude_usd_today'])}, jobs {dollars(found['jobs_usd_today'])}, "
            f"held for jobs {dollars(found['jobs_usd_held'])}",
        ),
        ("errors today", f"{errors}; messages that Telegram refused: {found['refused_messages']}"),
        ("waiting updates", _since(found["waiting_updates"], found["oldest_waiting"])),
        ("unsent messages", _since(found["unsent_messages"], found["oldest_unsent"])),
        ("last update", found["last_update"] or "none yet"),
        ("disk", f"{found['disk_used_bytes'] / 1e6:,.1f} MB used, {found['disk_free_bytes'] / 1e6:,.0f} MB free"),
    ]
    return "\n".join(f"{name:<16} {value}" for name, value in rows)


def _since(n: int, oldest: str | None) -> str:
    return f"{n}, the oldest of {oldest}" if oldest else str(n)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return float(value) if isinstance(value, Decimal) else value


def _is_held(lock: Path) -> bool:
    """Whether a process of this machine holds the bot's place."""
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False

"""Keys and passwords are taken out of what is kept: the log file and the words of a conversation."""

from __future__ import annotations

import logging
import re

SECRET = re.compile(
    r"""
    sk-ant-[\w-]{8,}                    # Anthropic
    | \b\d{6,}:[\w-]{35}\b              # a Telegram bot
    | \bAKIA[0-9A-Z]{16}\b              # AWS
    | \brp[as]_[A-Za-z0-9]{20,}\b       # RunPod
    | (?<=://)[^/\s:@]+:[^/\s@]+(?=@)   # name and password in an address
    """,
    re.VERBOSE,
)
MASK = "[secret removed]"


def mask(text: str) -> str:
    """The text with everything that looks like a key or a password replaced."""
    return SECRET.sub(MASK, text)


class MaskingFormatter(logging.Formatter):
    """Writes log lines, tracebacks too, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it may be kept."""
        return mask(super().format(record))

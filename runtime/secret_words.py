"""Keys and passwords are taken out of the log file."""

from __future__ import annotations

import logging

from adapters.secret_words import mask


class MaskingFormatter(logging.Formatter):
    """Writes log lines, tracebacks too, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it may be kept."""
        return mask(super().format(record))

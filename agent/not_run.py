"""Why a call was not run where nothing was wrong with it; the log holds these words, and they are compared whole."""

from __future__ import annotations

from enum import StrEnum


class NotRun(StrEnum):
    """The result of such a call."""

    SAID_NO = "not run: the user said no"
    WROTE_INSTEAD = "not run: the user wrote instead of answering"
    STOPPED = "not run: stopped by the user"
    KEY_TAKEN_OUT = (
        "not run: a key or a password was taken out of what it was given, and is not kept; an address is to be typed "
        "again by the user, and a condition must do without it"
    )

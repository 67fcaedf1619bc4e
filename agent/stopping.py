"""What stops a turn: for good, or until it is taken up again where it stands."""

from __future__ import annotations

import threading


class Stop(threading.Event):
    """Set to stop a turn.

    Attributes
    ----------
    is_for_later : bool
        The program ends, and takes the turn up when it runs again: what was half said is not kept, and what a call
        has not given yet is computed then.
    """

    is_for_later = False

    def set_for_later(self) -> None:
        """Stop it so."""
        self.is_for_later = True
        self.set()


class LeftOpenError(Exception):
    """The turn is left where it stands."""


def is_for_later(cancel: threading.Event) -> bool:
    """Whether what was stopped is taken up again."""
    return isinstance(cancel, Stop) and cancel.is_for_later

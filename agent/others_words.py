"""What somebody else has written and a person has passed on: marked as that, and no instruction of theirs."""

from __future__ import annotations

FORWARDED = "(forwarded, written by somebody else:)"
"""Stands on a line before words that were forwarded."""
IN_REPLY = "(in reply to "
"""Begins the line that says what a message answers to."""


def own_words(text: str) -> str:
    """The words without what was forwarded, and without what they answer to."""
    own = text.partition("\n")[2] if text.startswith(IN_REPLY) else text
    return own.partition(FORWARDED)[0]

"""What a reply says that it used, as far as it can be true: a purse is filled by no number that a server made up."""

from __future__ import annotations

from collections.abc import Mapping

COUNTED = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
NEEDED = frozenset(["input_tokens", "output_tokens"])
MOST_TOKENS = 10_000_000
"""Of one kind in one request: ten times the largest context that there is."""


class UsageError(ValueError):
    """The counts cannot be true; the message names the first that cannot."""


def counted_tokens(usage: Mapping[str, object]) -> dict[str, int]:
    """The counts of the Messages API; what it may leave out is left out.

    Raises
    ------
    UsageError
        If a count is no whole number, negative or beyond MOST_TOKENS, or one that each reply has is missing.
    """
    counts: dict[str, int] = {}
    for name in COUNTED:
        value = usage.get(name)
        if value is None and name not in NEEDED:
            continue
        if value is None:
            raise UsageError(f"{name} is missing")
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_TOKENS:
            raise UsageError(f"{name} is {str(value)[:32]}")
        counts[name] = value
    return counts

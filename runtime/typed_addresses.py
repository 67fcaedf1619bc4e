"""Signed addresses of this run: what is kept of them has no signature, and they can be fetched all the same."""

from __future__ import annotations

from adapters.records import JsonValue
from adapters.secret_words import ADDRESS, mask

ENDS = ".,;:!?)]}»”"
"""What ends a sentence and no address."""


class TypedAddresses:
    """In memory alone: they are gone with the program."""

    def __init__(self) -> None:
        self._whole: dict[str, str] = {}

    def remember(self, words: str) -> None:
        """The addresses among the words of which something is not kept."""
        for address in (found.rstrip(ENDS) for found in ADDRESS.findall(words)):
            if mask(address) != address:
                self._whole[mask(address)] = address

    def reveal(self, arguments: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """The arguments of a call, where one is such an address with the whole of it."""
        return {
            name: self._whole.get(value, value) if isinstance(value, str) else value
            for name, value in arguments.items()
        }

"""The order of words: numbers by their size, where all of them are numbers, else by letters."""

from __future__ import annotations

from collections.abc import Iterable


def in_order(words: Iterable[str]) -> list[str]:
    """2 before 10; a missing value, which is no number, makes letters of none: it comes last."""
    listed = sorted(words)
    numbers = dict[str, float]()
    for word in listed:
        try:
            numbers[word] = float(word)
        except ValueError:
            if not word.startswith("("):
                return listed
    return sorted(listed, key=lambda word: (word not in numbers, numbers.get(word, 0.0), word))

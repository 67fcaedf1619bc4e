"""The words of a file, and the words of a person that mean them: "No" is the file's no, and so is false."""

from __future__ import annotations

import math
from collections.abc import Sequence

TRUE_WORDS = ("true", "t", "yes", "y", "1", "on", "ja", "oui", "si", "sí")
FALSE_WORDS = ("false", "f", "no", "n", "0", "off", "nein", "non")


def match_word(given: str, found: Sequence[str]) -> str | None:
    """The value among `found` that `given` means; None where there is none, or more than one.

    The same word first; then the same but for case and spaces at its ends; then the same number; then, in a column of
    nothing but words for true and false, the one of the same meaning.
    """
    if given in found:
        return given
    same = [value for value in found if _folded(value) == _folded(given)]
    same = same or [value for value in found if _is_same_number(value, given)]
    meant = truth(given)
    if not same and meant is not None and all(truth(value) is not None for value in found):
        same = [value for value in found if truth(value) is meant]
    return same[0] if len(same) == 1 else None


def match_words(given: Sequence[str], found: Sequence[str]) -> dict[str, str]:
    """Each of the words that means a value of `found`, with that value; no value is meant twice, and exact ones win."""
    matched = {word: word for word in given if word in found}
    for word in given:
        free = [value for value in found if value not in matched.values()]
        value = None if word in matched else match_word(word, free)
        if value is not None:
            matched[word] = value
    return matched


def truth(word: str) -> bool | None:
    """What a word such as yes, off or 0 says, or None where it is no such word."""
    folded = _folded(word)
    return True if folded in TRUE_WORDS else False if folded in FALSE_WORDS else None


def _folded(word: str) -> str:
    return word.strip().casefold()


def _is_same_number(one: str, other: str) -> bool:
    try:
        return float(one) == float(other) and math.isfinite(float(one))
    except ValueError:
        return False

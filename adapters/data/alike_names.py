"""Names that a person would take for one another: a letter of another script or width, another case, a sign unseen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from adapters.data.load_warns import LoadWarns, Whys
from adapters.records.warned import Warned

MOST_SAID = 5
LOOKS_LIKE = str.maketrans(
    # Cyrillic and Greek letters that are drawn as Latin ones (Unicode TR39, confusables.txt), capitals before small.
    "АВЕЅІЈКМНОРСТХУΑΒΕΖΗΙΚΜΝΟΡΤΥΧаеѕіјорсхуһԁԛԝοανρυιı",
    "ABESIJKMHOPCTXYABEZHIKMNOPTYXaesijopcxyhdqwoavpuii",
)


def outline(name: str) -> str:
    """What the name looks like: the same for all names that look alike."""
    plain = unicodedata.normalize("NFKC", name)
    shown = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    return shown.translate(LOOKS_LIKE).casefold().translate(LOOKS_LIKE)


def say_alike_columns(names: Sequence[str]) -> list[Warned]:
    """A sentence for each pair of columns that look alike; of many the first and how many there are."""
    first: dict[str, str] = {}
    said = []
    for name in names:
        other = first.setdefault(outline(name), name)
        if other != name:
            said.append(LoadWarns.ALIKE_COLUMNS(one=other[:64], other=name[:64], why=_difference(other, name)))
    left = len(said) - MOST_SAID
    return [*said[:MOST_SAID], LoadWarns.MORE_ALIKE_COLUMNS(n_more=left)] if left > 0 else said


def say_alike_dataset(name: str, others: Iterable[str]) -> list[Warned]:
    """A sentence where another dataset's name looks like this one."""
    like = next((other for other in others if other != name and outline(other) == outline(name)), None)
    if like is None:
        return []
    return [LoadWarns.ALIKE_DATASETS(one=like[:64], other=name[:64], why=_difference(like, name))]


def _difference(one: str, other: str) -> str:
    """The first letters that differ, by their names in Unicode; nothing where letters are beside one another."""
    pair = next(((a, b) for a, b in zip(one, other, strict=False) if a != b), None)
    if pair is None or len(one) != len(other):
        return Whys.UNSEEN_SIGN().words
    names = [unicodedata.name(letter, f"U+{ord(letter):04X}") for letter in pair]
    return Whys.OTHER_LETTER(one=names[0], other=names[1]).words

"""Words that go with a number: 1 row has, 2 rows have."""

from __future__ import annotations

import re

FORMS = re.compile(r"\[([^][|]*)\|([^][|]*)\]")
"""`[one|more]` in a sentence of ours."""


def counted(n: int, one: str, many: str | None = None) -> str:
    """The number with the word for one or for any other number, which by default has an s."""
    return f"{n} {one if n == 1 else many or f'{one}s'}"


def agreeing(words: str, n: object) -> str:
    """The words in the form that goes with n: of each `[row has|rows have]` one."""
    return FORMS.sub(lambda found: found[1 if n == 1 else 2], words)

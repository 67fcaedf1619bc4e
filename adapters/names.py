"""An unknown name is answered with the names that there are: the nearest, or the first few."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MAX_SHOWN = 20


def name_choices(name: str, names: Iterable[str]) -> str:
    """The nearest names, case aside, as "nearest: 'a', 'b'"; else all (at most 20) as "there are 'a', 'b', …"."""
    by_folded = {known.casefold(): known for known in names}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=3, cutoff=0.5)
    shown = ", ".join(repr(by_folded[key][:64]) for key in near or list(by_folded)[:MAX_SHOWN])
    more = ", …" if not near and len(by_folded) > MAX_SHOWN else ""
    return f"nearest: {shown}" if near else f"there are {shown or 'none'}{more}"

"""How a p is shown: never 0, a bound as a bound, and how it was got where that is not the usual way."""

from __future__ import annotations

import re

from adapters.records import JsonValue
from tools import stats

USUAL = frozenset(["t", "F", "chi-square", "normal", "normal, continuity corrected"])
P_NAME = re.compile(r"p|p_.+|.+_p")
"""The keys of p-values: p, p_adjusted, f_p, p_huynh_feldt, …"""


def p_words(p: float, method: str | None = None, is_bound: bool = False) -> str:
    """What follows the letter p in a sentence: `= 0.03`, `< 1e-47`, `= 0.029, exact`."""
    is_bound = is_bound or p < stats.LEAST
    shown = f"< {stats.bound_above(p):.0e}" if is_bound else f"= {p:.2g}"
    return shown if method is None or method in USUAL else f"{shown}, {method}"


def with_bounds(fields: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The fields with no p that is 0: what is smaller than can be told is a bound, and `…_is_bound` says so."""
    found: dict[str, JsonValue] = {}
    for key, value in fields.items():
        if key.endswith("_is_bound") and value is not True:
            continue
        found[key] = value
        if isinstance(value, float) and P_NAME.fullmatch(key):
            is_bound = value < stats.LEAST or (key == "p_adjusted" and fields.get("p_is_bound") is True)
            if is_bound:
                found[key] = stats.bound_above(value)
                found[f"{key}_is_bound"] = True
    return found

"""The size of an effect in words, for the sentences of the tests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.stats.found import Effect, EffectName

NAMES = ("negligible", "small", "medium", "large")
BOUNDS = {
    "r": (0.1, 0.3, 0.5),
    "hedges_g": (0.2, 0.5, 0.8),
    "hedges_g_z": (0.2, 0.5, 0.8),
    "rank_biserial": (0.1, 0.3, 0.5),
    "eta_squared": (0.01, 0.06, 0.14),
    "partial_eta_squared": (0.01, 0.06, 0.14),
    "epsilon_squared": (0.01, 0.06, 0.14),
    "kendalls_w": (0.1, 0.3, 0.5),
    "cohens_h": (0.2, 0.5, 0.8),
    "ks_distance": (0.1, 0.3, 0.5),
    "variance_ratio": (1.5, 2.0, 4.0),
    "cramers_v": (0.1, 0.3, 0.5),
    "cohens_w": (0.1, 0.3, 0.5),
    "odds_ratio": (1.68, 3.47, 6.71),
}
"""From where on an effect is small, medium, large: Cohen (1988); odds ratios: Chen, Cohen, Chen (2010).

Of variances there is no convention: a standard deviation 1.2, 1.4 or 2 times as large.
"""

SHOWN: dict[EffectName, str] = {
    "hedges_g": "Hedges' g",
    "hedges_g_z": "Hedges' g of the differences",
    "rank_biserial": "rank-biserial r",
    "eta_squared": "η²",
    "partial_eta_squared": "partial η²",
    "epsilon_squared": "ε²",
    "kendalls_w": "Kendall's W",
    "cohens_h": "Cohen's h",
    "ks_distance": "D",
    "cramers_v": "Cramér's V",
    "cohens_w": "Cohen's w",
}


def strength_of(r: float) -> str:
    """How strong a correlation is, in Cohen's bounds and the words that people have for r."""
    return ("negligible", "weak", "moderate", "strong")[_step("r", abs(r))]


def effect_words(effect: Effect) -> dict[str, str | None]:
    """What a sentence's template needs of an effect: size, effect_name, effect, and interval where there is one."""
    distance = abs(effect.value)
    if effect.name in ("odds_ratio", "variance_ratio"):
        distance = max(effect.value, 1 / effect.value) if effect.value > 0 else math.inf
    low, high = effect.ci_low, effect.ci_high
    return {
        "size": NAMES[_step(effect.name, distance)],
        "effect_name": SHOWN.get(effect.name, effect.name.replace("_", " ")),
        "effect": f"{effect.value:.2f}",
        "interval": None if low is None or high is None else f"{low:.2f} to {high:.2f}",
    }


def _step(name: str, distance: float) -> int:
    """How many of the bounds of that effect the distance has reached."""
    return sum(distance >= bound for bound in BOUNDS[name])

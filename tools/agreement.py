"""A p and the interval of the effect beside it come from different methods: where they differ, that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.effect_words import SHOWN
from tools.warned import Warned, Warns

if TYPE_CHECKING:
    from tools.stats.found import Effect, EffectName

LEVEL = 0.05
NO_EFFECT: dict[EffectName, float] = {"odds_ratio": 1.0, "variance_ratio": 1.0}
"""The value that stands for no effect, where it is not 0."""
NEVER_BELOW_0 = frozenset(
    "eta_squared partial_eta_squared epsilon_squared cramers_v cohens_w kendalls_w ks_distance".split()
)


class DisagreementWarns(Warns):
    """Its warning."""

    BORDERLINE = "borderline: p is {said} 0.05, and the interval of {name} {side} {nothing:g} all the same ({why})"


def disagreement(test: str, p: float, effect: Effect) -> list[Warned]:
    """A warning where only one of a two-sided p and the 95 % interval shows an effect at the 5 % level."""
    low, high = effect.ci_low, effect.ci_high
    if low is None or high is None:
        return []
    nothing = NO_EFFECT.get(effect.name, 0.0)
    holds_nothing = low <= nothing <= high
    if holds_nothing != (p < LEVEL):
        return []
    name, side = SHOWN.get(effect.name, effect.name.replace("_", " ")), "holds" if holds_nothing else "leaves out"
    said, why = "below" if p < LEVEL else "not below", _why(test, effect.name)
    return [DisagreementWarns.BORDERLINE(said=said, name=name, side=side, nothing=nothing, why=why)]


def _why(test: str, effect: EffectName) -> str:
    if effect in NEVER_BELOW_0:
        return "its lower end is a bound at 2.5 %, where the test is at 5 %"
    if test == "welch_t":
        return "p is Welch's, and the interval is of the pooled spread"
    return "they come from different methods"

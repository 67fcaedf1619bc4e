"""What a test finds, as plain data: it loads no NumPy, so that a tool's result can be made of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

GroupTest = Literal[
    "t",
    "welch_t",
    "student_t",
    "paired_t",
    "mann_whitney",
    "wilcoxon",
    "anova",
    "welch_anova",
    "kruskal",
    "repeated_anova",
    "friedman",
    "two_way_anova",
    "binomial",
    "proportions_z",
    "proportions_chi_square",
    "fisher",
    "chi_square_corrected",
    "ks",
    "levene",
    "brown_forsythe",
    "bartlett",
    "fligner",
]
NormalityName = Literal["shapiro", "anderson_darling", "dagostino", "jarque_bera", "ks", "lilliefors"]
CountTest = Literal["chi_square", "chi_square_corrected", "fisher", "mcnemar", "goodness_of_fit"]
EffectName = Literal[
    "hedges_g",
    "hedges_g_z",
    "cohens_d",
    "cohens_d_z",
    "rank_biserial",
    "cliffs_delta",
    "probability_of_superiority",
    "eta_squared",
    "eta_squared_h",
    "partial_eta_squared",
    "omega_squared",
    "epsilon_squared",
    "kendalls_w",
    "cohens_h",
    "cohens_w",
    "cramers_v",
    "ks_distance",
    "odds_ratio",
    "risk_ratio",
    "variance_ratio",
]


@dataclass(frozen=True)
class Effect:
    """An effect's size and its 95 % interval; the bounds are None where none is known."""

    name: EffectName
    value: float
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class Difference:
    """What was estimated: a difference of means or a median difference, with its 95 % interval where one is known.

    Where the test has a direction the interval has one end, and the other is None.
    """

    name: str
    value: float
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class OtherTest:
    """What a test that was not chosen says."""

    test: GroupTest
    p: float
    p_method: str
    p_is_bound: bool = False


@dataclass(frozen=True)
class CountP:
    """What one test of a table says."""

    test: CountTest
    statistic: float | None
    df: float | None
    p: float
    p_method: str
    p_is_bound: bool = False


@dataclass(frozen=True)
class FactorLine:
    """One line of the table: what the term explains, against the residual; the effect is partial eta squared."""

    term: str
    ss: float | None
    df: float | int
    ms: float | None
    f: float
    p: float
    p_method: str
    effect: Effect
    p_is_bound: bool = False


@dataclass(frozen=True)
class Sphericity:
    """How far the differences between times spread alike: epsilons in [1 / (k - 1), 1], and the p they lead to."""

    greenhouse_geisser: float
    huynh_feldt: float
    p_greenhouse_geisser: float
    p_huynh_feldt: float
    p_method: str = "F, degrees of freedom times epsilon"
    p_greenhouse_geisser_is_bound: bool = False
    p_huynh_feldt_is_bound: bool = False


class PairMethod(StrEnum):
    """How the p of a pair of groups was got, and by what it was corrected for the number of pairs.

    `BONFERRONI` stands in results of earlier versions, for pairs of which the others' method gave a bound.
    """

    TUKEY = "studentized range, Tukey-Kramer"
    GAMES_HOWELL = "studentized range, Games-Howell"
    BONFERRONI = "t, Bonferroni"
    T = "t, Holm"
    NORMAL = "normal, Holm"
    CONTINUITY_CORRECTED = "normal, continuity corrected, Holm"
    EXACT = "exact, Holm"
    NONE = "no value differs"

    @property
    def corrected_by(self) -> str | None:
        """The correction's name; None where there is no p to correct."""
        named = {
            PairMethod.TUKEY: "Tukey-Kramer",
            PairMethod.GAMES_HOWELL: "Games-Howell",
            PairMethod.BONFERRONI: "Bonferroni",
            PairMethod.NONE: None,
        }
        return named.get(self, "Holm")


@dataclass(frozen=True)
class Power:
    """At the 5 % level: the share of such studies that find an effect of this size, and the sizes for 80 %.

    `detectable` is the smallest effect found in 80 % of studies with these n; `n_needed` the values in each group (of
    pairs and single samples: in all) that find `effect` in 80 %, None where the effect is 0 or no n serves.
    """

    measure: Literal["d", "f", "h", "r"]
    effect: float
    power: float
    detectable: float | None
    n_needed: int | None

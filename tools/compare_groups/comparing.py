"""Run one comparison: which test fits the samples, its result, the checks behind it, what the others say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from tools import stats
from tools.compare_groups.result import CompareWarns, Pair, Residual
from tools.compare_groups.samples import MAX_LABEL, Samples
from tools.errors import ToolError
from tools.stats.found import FactorLine, GroupTest, OtherTest, Power, Sphericity
from tools.warned import Warned

if TYPE_CHECKING:
    from tools.stats import Check, Floats, TestResult, TwoWay

Alternative = Literal["two-sided", "less", "greater"]
TestName = Literal[
    "auto",
    "t",
    "student",
    "student_t",
    "welch",
    "welch_t",
    "paired",
    "paired_t",
    "mann_whitney",
    "wilcoxon",
    "anova",
    "welch_anova",
    "kruskal",
    "repeated_anova",
    "friedman",
    "two_way_anova",
    "proportions",
    "ks",
    "levene",
    "brown_forsythe",
    "bartlett",
    "fligner",
]
SPREADS = ("levene", "brown_forsythe", "bartlett", "fligner")
FITTING: dict[str, tuple[str, ...]] = {
    "one": ("t", "wilcoxon"),
    "paired": ("t", "paired_t", "wilcoxon"),
    "two": ("t", "welch_t", "student_t", "mann_whitney", "ks", "anova", "welch_anova", "kruskal", *SPREADS),
    "many": ("anova", "welch_anova", "kruskal", *SPREADS),
    "repeated": ("repeated_anova", "friedman"),
    "share": ("proportions",),
    "shares": ("proportions",),
    "factors": ("two_way_anova",),
}
"""Which tests there are for which samples, beside auto."""
WITHIN = ("paired_t", "wilcoxon", "repeated_anova", "friedman")
BY_RANKS = ("mann_whitney", "wilcoxon", "kruskal", "friedman")
WORDS = {
    "one": "one mean is compared with mu",
    "paired": "pairs are compared",
    "two": "two groups are compared",
    "many": "three or more groups are compared",
    "repeated": "the same subjects are compared three times or more",
    "share": "one share is compared with mu",
    "shares": "shares are compared",
    "factors": "two factors are compared",
}


@dataclass(frozen=True)
class Compared:
    """A result with the checks of its assumptions, why this test, and what only some tests have."""

    result: TestResult
    why: str
    checks: Sequence[Check] = ()
    others: Sequence[OtherTest] = ()
    warnings: Sequence[Warned] = ()
    post_hoc: tuple[Pair, ...] = ()
    sphericity: Sphericity | None = None
    terms: tuple[FactorLine, ...] = ()
    residual: Residual | None = None


def compare(
    samples: Samples,
    test: str,
    alternative: Alternative,
    mu: float | None,
    sums: Literal[1, 2, 3],
    step: Callable[[str], None],
) -> Compared:
    """Test the samples by the test of that name, or by the one that fits (auto).

    Parameters
    ----------
    step : callable
        Told what comes next; may end it all.

    Raises
    ------
    ToolError
        If the test does not fit the samples.
    tools.stats.TooFewValues, ValueError
        If the samples are too small or do not vary, or the test has no direction.
    """
    asked = {"student": "student_t", "welch": "welch_t", "paired": "paired_t"}.get(test, test)
    fitting = FITTING[samples.kind]
    if asked in WITHIN and samples.kind in ("two", "many"):
        raise ToolError(f"test: {test} compares the same subjects again: give subject, or value2 or repeated for group")
    if asked not in ("auto", *fitting):
        raise ToolError(f"test: {WORDS[samples.kind]}; for that there are auto, {', '.join(fitting)}, not {test}")
    if samples.kind == "factors":
        return _factors(samples, alternative, sums)
    if samples.kind in ("share", "shares"):
        return _shares(samples, alternative, mu)
    if samples.kind == "repeated":
        return _repeated(samples, asked, alternative)
    if mu is not None:
        moved = stats.distances(samples.arrays[0], mu - samples.origin, None)
        return _means([moved], samples, asked, alternative, mu - samples.origin, step)
    if samples.kind == "paired":
        return _means([samples.arrays[0] - samples.arrays[1]], samples, asked, alternative, None, step)
    return _means(samples.arrays, samples, asked, alternative, None, step)


def _means(
    tested: Sequence[Floats],
    samples: Samples,
    asked: str,
    alternative: Alternative,
    mu: float | None,
    step: Callable[[str], None],
) -> Compared:
    """One, two or many means or ranks; `tested` is what the assumptions are about."""
    is_paired = samples.kind in ("one", "paired")
    labels: list[str | None] = [None] if is_paired else [name[:MAX_LABEL] for name in samples.names]
    step("checking what the tests assume")
    checks = stats.check_assumptions(tested, labels)
    choice = stats.choose(tested, is_paired, checks)
    test, why = (choice.test, choice.why) if asked == "auto" else (asked, "asked for")
    if test == "t":
        test = "paired_t" if is_paired else "welch_t"
    if mu is not None:
        if asked == "auto":
            why = f"one sample against a number; {choice.reason}"
        found = (
            stats.wilcoxon(samples.arrays[0], mu, alternative)
            if test == "wilcoxon"
            else stats.one_sample_t(samples.arrays[0], mu, alternative)
        )
        return Compared(found, why, checks, _other_of_one(samples, test, mu, alternative))
    step(f"running {test}")
    found = stats.run_test(test, samples.arrays, alternative)
    others = []
    step("running the other tests")
    for line in stats.others(test, samples.arrays, alternative):
        others.append(line)
        step("running the other tests")
    if samples.kind != "many" or test in SPREADS:
        return Compared(found, why, checks, others)
    step("comparing the pairs")
    made = stats.dunn(samples.arrays) if test == "kruskal" else stats.tukey(samples.arrays, test == "anova")
    pairs = pairs_of(made, samples.names, 0 if test == "kruskal" else samples.exponent)
    return Compared(found, why, checks, others, post_hoc=pairs)


def _other_of_one(samples: Samples, test: str, mu: float, alternative: Alternative) -> list[OtherTest]:
    x = samples.arrays[0]
    try:
        if test == "wilcoxon":
            return [_other("t", stats.one_sample_t(x, mu, alternative))]
        return [_other("wilcoxon", stats.wilcoxon(x, mu, alternative))]
    except stats.TooFewValues:
        return []


def _other(name: GroupTest, found: TestResult) -> OtherTest:
    return OtherTest(name, found.p, found.p_method)


def _repeated(samples: Samples, asked: str, alternative: Alternative) -> Compared:
    _has_no_direction(alternative, "repeated measures")
    rest = stats.residuals_within(samples.arrays)
    checks = stats.check_assumptions([rest], [None])
    n, is_normal = samples.n, bool(checks[0].holds)
    test = asked
    if asked == "auto":
        test = "repeated_anova" if is_normal or n >= stats.LARGE else "friedman"
    seen = "look normal (Shapiro-Wilk, p ≥ 0.05)" if is_normal else "are not normal (Shapiro-Wilk, p < 0.05)"
    why = (
        f"{len(samples.arrays)} measurements of {n} subjects; the residuals {seen}" if asked == "auto" else "asked for"
    )
    by_ranks = stats.friedman(samples.arrays)
    pairs = pairs_of(stats.paired_differences(samples.arrays, test == "friedman"), samples.names, samples.exponent)
    try:
        by_means, sphericity = stats.repeated_anova(samples.arrays)
    except stats.TooFewValues:
        if test != "friedman":
            raise
        return Compared(by_ranks, why, checks, post_hoc=pairs)
    if test == "friedman":
        return Compared(by_ranks, why, checks, [_other("repeated_anova", by_means)], post_hoc=pairs)
    epsilon, p = sphericity.greenhouse_geisser, sphericity.p_greenhouse_geisser
    warnings = [CompareWarns.NOT_SPHERICAL(epsilon=epsilon, p=p)] if epsilon < 0.75 else []
    return Compared(by_means, why, checks, [_other("friedman", by_ranks)], warnings, pairs, sphericity)


def _shares(samples: Samples, alternative: Alternative, mu: float | None) -> Compared:
    yes = [int(array.sum()) for array in samples.arrays]
    n = [len(array) for array in samples.arrays]
    if mu is not None:
        return Compared(stats.one_proportion(yes[0], n[0], mu, alternative), "one share against a number")
    pairs: tuple[Pair, ...] = ()
    if len(n) > 2:
        _has_no_direction(alternative, "a comparison of more than two shares")
        pairs = pairs_of(stats.pairs_of_proportions(yes, n), samples.names)
    found = stats.compare_proportions(yes, n, alternative)
    least = min(min(share, 1 - share) * m for share in [sum(yes) / sum(n)] for m in n)
    others = stats.other_tests_of_shares(yes, n, alternative) if len(n) == 2 else []
    why, warnings = f"shares of {len(n)} groups", []
    if found.test == "fisher":
        why += f"; an expected count is {least:.2g}, below 5, so that they are tested exactly"
    elif least < stats.LEAST_EXPECTED:
        warnings.append(CompareWarns.FEW_EXPECTED(least=least))
    return Compared(found, why, others=others, warnings=warnings, post_hoc=pairs)


def _factors(samples: Samples, alternative: Alternative, sums: Literal[1, 2, 3]) -> Compared:
    _has_no_direction(alternative, "two_way_anova")
    first, second = samples.levels
    width = len(second)
    cells = [samples.arrays[place * width : (place + 1) * width] for place in range(len(first))]
    found = stats.two_way_anova(cells, samples.factors, sums)
    if not found.lines:
        raise stats.TooFewValues("each value of one factor goes with one value of the other: they cannot be told apart")
    rest = [cell - cell.mean() for cell in samples.arrays if len(cell) > 1]
    checks = stats.check_assumptions([stats.joined(rest)], [None]) if rest else []
    varied = [cell for cell in samples.arrays if len(cell) > 1]
    if len(varied) > 1:
        checks += stats.check_spread(varied)
    top = found.lines[0]
    result = stats.TestResult(
        "two_way_anova", top.f, top.df, found.residual_df, top.p, top.effect, None, p_method=top.p_method
    )
    twice = 2 * samples.exponent
    return Compared(
        result,
        "two factors; statistic, p and effect are the first one's",
        checks,
        warnings=list(_warnings_of_factors(found)),
        terms=tuple(
            replace(line, ss=stats.times(line.ss, twice), ms=stats.times(line.ms, twice)) for line in found.lines
        ),
        residual=Residual(ss=stats.times(found.residual_ss, twice), df=found.residual_df),
    )


def _warnings_of_factors(found: TwoWay) -> Iterator[Warned]:
    both = found.lines[2] if len(found.lines) > 2 else None
    if both is None:
        yield CompareWarns.NO_INTERACTION()
    elif both.p < 0.05:
        yield CompareWarns.FACTORS_INTERACT()
    if found.n_empty_cells:
        yield CompareWarns.EMPTY_CELLS(n=found.n_empty_cells)


def pairs_of(made: Sequence[stats.PairComparison], names: Sequence[str], exponent: int = 0) -> tuple[Pair, ...]:
    """Each pair with the groups' names; differences and intervals, in values over 2^`exponent`, in their own unit."""
    return tuple(
        Pair(
            a=names[pair.a][:MAX_LABEL],
            b=names[pair.b][:MAX_LABEL],
            difference=stats.times(pair.difference, exponent),
            p=pair.p,
            ci_low=stats.times(pair.ci_low, exponent),
            ci_high=stats.times(pair.ci_high, exponent),
            p_method=pair.p_method,
            p_is_bound=pair.p_is_bound,
        )
        for pair in made
    )


def power_of(samples: Samples, result: TestResult, alternative: Alternative) -> Power | None:
    """The power of the test with these sizes (of two factors: of the first one's); None where none is known."""
    n = [len(array) for array in samples.arrays]
    one_sided = alternative != "two-sided"
    if samples.kind in ("share", "shares") and len(n) <= 2:
        return stats.power_of_h(result.effect.value, n, one_sided)
    if result.effect.name in ("hedges_g", "hedges_g_z"):
        return stats.power_of_t(result.effect.value, n[:1] if samples.kind == "paired" else n, one_sided)
    if result.test in ("mann_whitney", "wilcoxon"):
        return stats.power_of_ranks(result.effect.value, n if result.test == "mann_whitney" else n[:1], one_sided)
    if result.test not in ("anova", "welch_anova", "two_way_anova", "repeated_anova"):
        return None
    share = result.effect.value
    if share >= 1:
        raise stats.TooFewValues("power: the groups leave nothing unexplained, so that every such study finds it")
    f = math.sqrt(share / (1 - share))
    if result.test == "two_way_anova" and result.df is not None:
        return stats.power_of_term(f, result.df, sum(size > 0 for size in n), sum(n))
    return stats.power_of_repeated(f, len(n), samples.n) if result.test == "repeated_anova" else stats.power_of_f(f, n)


def _has_no_direction(alternative: str, what: str) -> None:
    if alternative != "two-sided":
        raise ToolError(f"{what} has no direction: leave alternative out")

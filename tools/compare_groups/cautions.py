"""What to tell of a comparison before anybody believes it."""

from __future__ import annotations

from collections.abc import Iterator

from tools import stats
from tools.agreement import disagreement
from tools.compare_groups.comparing import BY_RANKS, SPREADS, Alternative, Compared
from tools.compare_groups.result import CompareWarns
from tools.compare_groups.samples import MAX_LABEL, Samples
from tools.p_values import p_words
from tools.warned import Warned

FEW = 10


def cautions(samples: Samples, found: Compared, alternative: Alternative) -> list[Warned]:
    """The warnings of one comparison."""
    result = found.result
    warnings = [*found.warnings, *_of_assumptions(samples, found), *_of_other_tests(found), *_of_rows(samples)]
    if alternative == "two-sided":
        warnings += disagreement(result.test, result.p, result.effect)
    return warnings


def _of_assumptions(samples: Samples, found: Compared) -> Iterator[Warned]:
    warns, test = CompareWarns, found.result.test
    fewest = min(map(len, samples.arrays))
    violated = {check.assumption for check in found.checks if check.holds is False}
    if fewest < FEW and samples.kind not in ("factors", "share", "shares"):
        yield warns.FEW_VALUES(n=fewest)
    if test not in BY_RANKS and "normality" in violated and fewest < stats.LARGE:
        if test == "bartlett":
            yield warns.BARTLETT_OF_NOT_NORMAL()
        elif samples.kind == "factors":
            yield warns.RESIDUALS_NOT_NORMAL()
        elif test not in ("ks", *SPREADS):
            yield warns.GROUP_NOT_NORMAL()
    if "equal_variances" in violated:
        if test in ("anova", "student_t"):
            yield warns.VARIANCES_DIFFER()
        if test == "two_way_anova":
            yield warns.VARIANCES_OF_CELLS_DIFFER()


def _of_other_tests(found: Compared) -> Iterator[Warned]:
    result = found.result
    if odd := [other for other in found.others if (other.p < 0.05) != (result.p < 0.05)]:
        named = ", ".join(f"{other.test.replace('_', ' ')}: p {p_words(other.p)}" for other in odd)
        own = f"{result.test.replace('_', ' ')}: p {p_words(result.p)}"
        yield CompareWarns.TESTS_DISAGREE(own=own, others=named)


def _of_rows(samples: Samples) -> Iterator[Warned]:
    """What is to be known of the rows themselves: an event that none has, and those left out."""
    if samples.event is not None and not any(array.any() for array in samples.arrays):
        yield CompareWarns.EVENT_ABSENT(event=samples.event[:MAX_LABEL])
    if samples.missing:
        yield CompareWarns.MISSING_VALUES(n=samples.missing)

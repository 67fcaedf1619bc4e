"""What to tell of a least-squares fit before anybody believes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from adapters.records import JsonValue
from tools.p_values import p_words

if TYPE_CHECKING:
    from tools.stats import LinearFit

HIGH_CONDITION = 30.0
HIGH_VIF = 10.0
NEEDED = 10
"""Rows (of a logit: events) for each term, below which a fit is unstable."""
AUTOCORRELATED = 0.05
"""The p of Durbin and Watson below which it is told."""
NEGLIGIBLE = 0.04
"""So near 2 it is not told: a correlation of neighbours below 0.02 changes standard errors by less than 2 %."""


def warnings_of(fit: LinearFit, names: Sequence[str], is_robust: bool) -> list[JsonValue]:
    """Sentences for the person; `names` are those of the terms."""
    return [*_of_terms(fit, names), *_of_residuals(fit, is_robust), *_of_rows(fit, names, is_robust)]


def _of_terms(fit: LinearFit, names: Sequence[str]) -> Iterator[str]:
    if fit.condition_number > HIGH_CONDITION:
        yield f"the terms are nearly collinear (condition number {fit.condition_number:.0f}): estimates are unstable"
    crowded = [term for term, vif in zip(names, fit.vif, strict=True) if vif > HIGH_VIF]
    if crowded:
        yield f"variance inflation factor (VIF) above {HIGH_VIF:.0f}: {', '.join(crowded[:5])}"


def _of_residuals(fit: LinearFit, is_robust: bool) -> Iterator[str]:
    if fit.is_exact:
        yield "the fit is exact: the residuals are rounding error only, so there are no standard errors and no p"
        return
    pagan_p, watson = fit.breusch_pagan[1], fit.durbin_watson
    if pagan_p < 0.05 and not is_robust:
        yield f"the residuals have non-constant variance (Breusch-Pagan p = {pagan_p:.2g}): use robust standard errors"
    if watson is not None and watson.p < AUTOCORRELATED and abs(watson.statistic - 2) >= NEGLIGIBLE:
        sign, size = ("positive", "small") if watson.is_positive else ("negative", "large")
        p = p_words(watson.p, is_bound=watson.p_is_bound)
        yield (
            f"{sign} autocorrelation of the residuals in the order of the rows (Durbin-Watson {watson.statistic:.2f}, "
            f"p {p}): if the rows are in time, standard errors and p are usually too {size}"
        )
    blank = [c.term for c in fit.coefficients if c.p is None and not (is_robust and c.term in fit.rests_on_them)]
    if blank:
        yield f"no p for {', '.join(blank[:5])}: the residuals behind it are rounding error only"


def _of_rows(fit: LinearFit, names: Sequence[str], is_robust: bool) -> Iterator[str]:
    cook = fit.most_influential[1]
    if fit.n_alone:
        rows = ", ".join(map(str, fit.alone)) + (", …" if fit.n_alone > len(fit.alone) else "")
        terms = ", ".join(fit.rests_on_them[:5])
        label = "row" if fit.n_alone == 1 else "rows"
        yield (
            f"{label} {rows} (_row) of leverage 1: the fit goes through the target there, "
            f"whatever it is, and {terms} cannot be estimated without: check it first"
        )
        if is_robust and fit.rests_on_them:
            yield f"no robust errors (HC3) for {terms}: HC3 divides by 1 - leverage, which is 0 there"
    if cook > 1:
        yield f"an influential row (Cook's distance {cook:.1f}): check it"
    if fit.df < NEEDED * len(names):
        yield "fewer than ten rows for each term: the model may be overfitted"

"""What to tell of a fit before anybody believes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tools.p_values import p_words
from tools.regress.model_rows import Model
from tools.regress.warns import RegressWarns
from tools.warned import Warned

if TYPE_CHECKING:
    from tools.stats import LikelihoodFit, LinearFit

HIGH_CONDITION = 30.0
HIGH_VIF = 10.0
OVERDISPERSED = 1.5
"""Variance over that of Poisson, above which it is told."""
NEEDED = 10
"""Rows (of a logit: events) for each term, below which a fit is unstable."""
AUTOCORRELATED = 0.05
"""The p of Durbin and Watson below which it is told."""
NEGLIGIBLE = 0.04
"""So near 2 it is not told: a correlation of neighbours below 0.02 changes standard errors by less than 2 %."""


def warnings_of(fit: LinearFit, names: Sequence[str], is_robust: bool) -> list[Warned]:
    """Of least squares; `names` are those of the terms."""
    return [*_of_terms(fit, names), *_of_residuals(fit, is_robust), *_of_rows(fit, names, is_robust)]


def warnings_of_likelihood(fit: LikelihoodFit, names: Sequence[str], model: Model) -> Iterator[Warned]:
    """Of a logit, or of Poisson regression."""
    if fit.endless:
        yield RegressWarns.COMPLETE_SEPARATION(n=fit.n_apart, names=", ".join(fit.endless[:5]))
    if model.kind == "poisson" and fit.dispersion > OVERDISPERSED and not model.robust:
        yield RegressWarns.OVERDISPERSED(dispersion=fit.dispersion)
    if model.is_logit and fit.n * min(fit.mean, 1 - fit.mean) < NEEDED * len(names):
        yield RegressWarns.FEW_EVENTS()


def _of_terms(fit: LinearFit, names: Sequence[str]) -> Iterator[Warned]:
    if fit.condition_number > HIGH_CONDITION:
        yield RegressWarns.NEARLY_COLLINEAR(condition=fit.condition_number)
    crowded = [term for term, vif in zip(names, fit.vif, strict=True) if vif > HIGH_VIF]
    if crowded:
        yield RegressWarns.HIGH_VIF(bound=HIGH_VIF, names=", ".join(crowded[:5]))


def _of_residuals(fit: LinearFit, is_robust: bool) -> Iterator[Warned]:
    if fit.is_exact:
        yield RegressWarns.EXACT_FIT()
        return
    pagan_p, watson = fit.breusch_pagan[1], fit.durbin_watson
    if pagan_p < 0.05 and not is_robust:
        yield RegressWarns.NON_CONSTANT_VARIANCE(p=pagan_p)
    if watson is not None and watson.p < AUTOCORRELATED and abs(watson.statistic - 2) >= NEGLIGIBLE:
        sign, size = ("positive", "small") if watson.is_positive else ("negative", "large")
        p = p_words(watson.p, is_bound=watson.p_is_bound)
        yield RegressWarns.AUTOCORRELATION(sign=sign, statistic=watson.statistic, p=p, size=size)
    blank = [c.term for c in fit.coefficients if c.p is None and not (is_robust and c.term in fit.rests_on_them)]
    if blank:
        yield RegressWarns.NO_P(names=", ".join(blank[:5]))


def _of_rows(fit: LinearFit, names: Sequence[str], is_robust: bool) -> Iterator[Warned]:
    if fit.n_alone:
        rows = ", ".join(map(str, fit.alone)) + (", …" if fit.n_alone > len(fit.alone) else "")
        label, terms = "row" if fit.n_alone == 1 else "rows", ", ".join(fit.rests_on_them[:5])
        yield RegressWarns.FULL_LEVERAGE(label=label, rows=rows, names=terms)
        if is_robust and fit.rests_on_them:
            yield RegressWarns.NO_ROBUST_ERRORS(names=terms)
    cook = fit.most_influential[1]
    if cook > 1:
        yield RegressWarns.INFLUENTIAL_ROW(cook=cook)
    if fit.df < NEEDED * len(names):
        yield RegressWarns.FEW_ROWS()

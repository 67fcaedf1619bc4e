"""The sentence about a regression: which terms are associated with the target, and how."""

from __future__ import annotations

from collections.abc import Sequence

from prompts import render
from prompts.visible import one_line
from tools.p_values import p_words
from tools.regress.model_rows import Model
from tools.regress.result import TermLine

INTERCEPT = "(intercept)"
LEVEL = 0.05
RATIOS = {"logit": "odds ratio", "poisson": "rate ratio"}


def sentence(
    model: Model, event: str | None, coefficients: Sequence[TermLine], endless: Sequence[str], n: int, share: float
) -> str:
    """What the coefficients say; `endless` are the terms without a finite estimate, `share` is R²."""
    lines = sorted((line for line in coefficients if line.term != INTERCEPT), key=_p_of)
    clear = [line for line in lines if _p_of(line) < LEVEL]
    return render(
        "regress",
        target=one_line(model.target.name),
        event=None if event is None else one_line(event),
        kind=model.kind,
        share=f"{share:.0%}",
        n=n,
        clear=[_told(model, line) for line in clear[:3]],
        n_clear=len(clear),
        n_terms=len(lines),
        has_p=any(line.p is not None for line in lines),
        first=one_line(lines[0].term) if lines else None,
        exposure=one_line(model.weights.name) if model.weights and model.measure == "exposure" else None,
        endless=[one_line(name) for name in endless if name != INTERCEPT][:3],
    )


def _p_of(line: TermLine) -> float:
    """Of a coefficient; 1 where it has none."""
    return 1.0 if line.p is None else line.p


def _told(model: Model, line: TermLine) -> dict[str, str]:
    change = f"{line.estimate:+.3g}" if line.ratio is None else f"{RATIOS[model.kind]} {line.ratio:.3g}"
    return {"term": one_line(line.term), "change": change, "p": p_words(_p_of(line))}

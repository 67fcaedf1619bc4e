"""rater_agreement in an exported script: pandas' table and statsmodels' kappa."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tools.rater_agreement.result import Agreement
from tools.results import MadeCall
from tools.scripting import Script


def script(writer: Script, number: int, call: MadeCall[Agreement]) -> None:
    """The lines that give kappa again."""
    result = call.result
    writer.need(kappa_of)
    given = f"{result.first!r}, {result.second!r}, {list(result.levels)!r}, {result.weights!r}"
    writer.lines.append(f"show({number}, 'rater_agreement', kappa_of({writer.rows(call.arguments)}, {given}))")


def kappa_of(frame: pd.DataFrame, first: str, second: str, levels: list[str], weights: str) -> dict[str, Any]:
    """Cohen's kappa with its interval."""
    from statsmodels.stats.inter_rater import cohens_kappa

    both = frame[[first, second]].dropna().astype(str)
    table = pd.crosstab(both[first], both[second]).reindex(index=levels, columns=levels, fill_value=0)
    found = cohens_kappa(table.to_numpy(dtype="float64"), wt=None if weights == "none" else weights)
    half = 1.959963984540054 * found.std_kappa
    return {
        "kappa": float(found.kappa),
        "se": float(found.std_kappa),
        "ci_low": float(max(-1.0, found.kappa - half)),
        "ci_high": float(min(1.0, found.kappa + half)),
        "n": len(both),
    }

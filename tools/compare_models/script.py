"""compare_models in an exported script: the models that the script has fitted, on the rows that none was fitted to."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from tools.compare_models.result import ComparedModels
from tools.results import MadeCall
from tools.scripting import Script


def script(writer: Script, number: int, call: MadeCall[ComparedModels]) -> None:
    """The lines that compare again: scores, and the tests of errors or of which model is right."""
    result = call.result
    names = [one.model for one in result.models]
    if not all(map(writer.fits, names)):
        writer.lines.append("# (not all of these models were trained in this conversation)")
        return
    writer.imports |= {"import numpy as np"}
    writer.need(compare_two)
    target, task = result.target, result.task
    rows = f"rows = {writer.rows(call.arguments)}" if result.rows == "dataset" else f"rows = data[{result.dataset!r}]"
    writer.lines.append(f"{rows}.dropna(subset=[{target!r}])")
    if result.rows == "common_test_rows":
        writer.lines.append(f"rows = rows.loc[sorted(set.intersection(*(set(held_out[name]) for name in {names!r})))]")
    y = f"rows[{target!r}].to_numpy(dtype='float64')"
    writer.lines += [
        f"y = {y if task == 'regression' else f'np.asarray(to_words(rows[{target!r}]), dtype=str)'}",
        f"said = {{name: models[name].predict(rows) for name in {names!r}}}",
        f"pairs = {[(one.first, one.second) for one in result.differences if one.measure in ('mse', 'accuracy')]!r}",
        f"found = [compare_two(y, said, first, second, {task!r}) for first, second in pairs]",
        f"show({number}, 'compare_models', {{'n': len(rows), 'tests': found}})",
    ]


def compare_two(y: Any, said: dict[str, Any], first: str, second: str, task: str) -> dict[str, Any]:
    """McNemar's exact test of which is right, or the paired t test of squared errors."""
    one, other = said[first], said[second]
    if task == "classification":
        gained, lost = int(np.sum((one == y) & (other != y))), int(np.sum((one != y) & (other == y)))
        p = float(stats.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
        return {"first": first, "second": second, "difference": (gained - lost) / len(y), "p": p}
    tested = stats.ttest_rel((one - y) ** 2, (other - y) ** 2)
    difference = float(np.mean((one - y) ** 2) - np.mean((other - y) ** 2))
    return {"first": first, "second": second, "difference": difference, "p": float(tested.pvalue)}

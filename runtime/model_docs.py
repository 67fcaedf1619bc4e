"""docs/models.md: the table of model types, made of the table itself."""

from __future__ import annotations

from tools.ml import AUTO_SECONDS, AUTO_TRIALS, MODEL_TYPES, TRIALS, ModelType
from tools.ml.parameter import Parameter

HEAD = """# The models

What `estimate_cost` takes as `model`, made of the one table of types (`make docs`, `tools/ml/model_types.py`).
Parameters have scikit-learn's names and, where nothing is said, its defaults; a linear model's `alpha` or `C` is
chosen by cross-validation. Columns are prepared inside the pipeline, so that nothing of the test rows reaches the
fit: `missing`, `scale`, `encode` and `scale_target` of the job say how ([estimate_cost](tools.md#estimate_cost)).
"""

AUTO = f"""## auto

The best of several types and settings, by cross-validation on the training rows, fitted again to all of them:
{{types}}.
At most {AUTO_TRIALS} settings in {AUTO_SECONDS} s, or what `tune` says. A type that takes fewer rows is left out, and
that is said. `tune` searches in the same way among the settings of one type, {TRIALS} of them where it says no other
number; what it tries of a parameter stands in the last column.
"""


def page() -> str:
    """The whole page."""
    compared = ", ".join(model.name for model in MODEL_TYPES if model.starts)
    return "\n".join([HEAD, AUTO.format(types=compared), *map(_section, MODEL_TYPES)])


def _section(model: ModelType) -> str:
    parts = [f"for {' and '.join(model.estimators)}"]
    parts += ["numbers are scaled"] if model.needs_scaling else []
    parts += ["a regression's target is scaled"] if model.scales_target and "regression" in model.estimators else []
    parts += [f"fitted to {model.max_rows:,} rows at most, drawn at random"] if model.max_rows is not None else []
    lines = [f"| `{one.name}` | {one.range}{_only(one, model)} | {_tried(one)} |" for one in model.parameters]
    table = ["| parameter | can be | a search tries |", "|---|---|---|", *lines, ""] if lines else []
    return "\n".join([f"## {model.name}\n", f"{'; '.join(parts).capitalize()}.\n", *table])


def _tried(parameter: Parameter) -> str:
    tried = parameter.tried
    if tried is None:
        return ""
    if tried.values:
        return ", ".join(repr(value) for value in tried.values)
    return f"{tried.low:g} to {tried.high:g}{', by the logarithm' if tried.is_log else ''}"


def _only(parameter: Parameter, model: ModelType) -> str:
    return f" ({parameter.task})" if parameter.task is not None and len(model.estimators) > 1 else ""

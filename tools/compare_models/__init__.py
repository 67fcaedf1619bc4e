"""compare_models: which of a person's models is better, on rows that none of them has seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from adapters.records import Model
from tools.compare_models.result import ComparedModels, CompareModelsWarns, Difference, Scored
from tools.compare_models.sentences import SENTENCES
from tools.compare_models.told import told
from tools.context import ToolContext
from tools.errors import ToolError
from tools.model_lines import metadata_of
from tools.results import ToolOutput, if_any
from tools.scripting import later
from tools.spec import Arguments, tool
from tools.warned import Warned, said

if TYPE_CHECKING:
    from tools.compare_models.differences import Asked, Found
    from tools.compare_models.rows import Rows

FEW = 30
FEW_DISCORDANT = 6
"""McNemar's exact p of five rows is 0.0625 at least."""
MOST = 6


class CompareModels(Arguments):
    """The models, and the rows they are compared on."""

    models: list[str] | None = Field(
        default=None,
        description="Models by name or type. None: the newest of each type for the newest target and table that two "
        "types were trained for.",
        min_length=2,
        max_length=MOST,
    )
    target: str | None = Field(default=None, description="Without models: compare those for this target.")
    dataset: str | None = Field(
        default=None,
        description="Dataset with the target, of rows that no model was trained on. None: their common test rows.",
    )
    where: str | None = Field(
        default=None,
        description="Of the dataset only rows for which this SQL expression is true, e.g. year > 2007.",
    )
    confidence: float = Field(default=0.95, description="Of the intervals.", ge=0.5, le=0.999)


@tool(
    effect="read",
    gives="which of two or more models is better on rows that none was trained on, with intervals and p",
    example={"models": ["ridge", "random_forest"]},
    sentences=SENTENCES,
    told=told,
    script=later("tools.compare_models.script"),
)
def compare_models(arguments: CompareModels, context: ToolContext) -> ToolOutput[ComparedModels]:
    """Compare two to six models of one target on the same rows, which none of them was trained on: by default their
    common test rows (same table, so train them with one seed, test_size, groups and time), or a dataset that has the
    target.

    Gives each model's scores and for each pair the difference first minus second with its interval. Numbers: mse and
    mae (paired t), rmse and r2 (paired bootstrap). Classes: accuracy (McNemar's exact test, Tango's interval), balanced
    accuracy and f1 (paired bootstrap), roc_auc of two classes (DeLong), log_loss (paired t). Of more than two models p
    is corrected by Holm, intervals by Bonferroni. `favors` is null where the rows do not tell the two apart: say so.
    The intervals are about other rows, not other training; the best of many models looks better than it is.
    Refused: models of other targets or tasks, rows that a model was trained on. It only reads.
    """
    models = _chosen(arguments, context)
    if arguments.where is not None and arguments.dataset is None:
        raise ToolError("where goes with dataset: without one the common test rows are taken, all of them")
    # Loaded when they are first used: the prompt waits for no scikit-learn.
    from tools.compare_models.differences import ask, differences
    from tools.compare_models.rows import common_test_rows, rows_of_dataset
    from tools.compare_models.saying import sentence

    if arguments.dataset is None:
        rows = common_test_rows(models, context)
    else:
        rows = rows_of_dataset(models, arguments.dataset, arguments.where, context)
    asked = [ask(one, rows) for one in rows.models]
    task = rows.models[0].metadata.spec.task
    found = differences(task, rows.y_true, asked, arguments.confidence)
    if not found:
        raise ToolError(f"{len(rows.y_true)} rows are too few to compare on")
    best = _in_order(found, asked)
    adjustment = f"Holm over {len(asked) * (len(asked) - 1) // 2}; intervals Bonferroni" if len(asked) > 2 else None
    return ToolOutput(
        ComparedModels(
            target=rows.models[0].metadata.spec.target,
            task=task,
            rows=rows.kind,
            dataset=rows.dataset,
            n=len(rows.y_true),
            confidence=arguments.confidence,
            **if_any(adjustment=adjustment),
            models=tuple(
                Scored(model=asked[at].model_id, type=models[at].type, metrics=asked[at].metrics) for at in best
            ),
            differences=tuple(_line(one, asked) for one in found),
            **said([*rows.warnings, *_warnings(rows, asked)]),
            interpretation=sentence(rows, asked, found, best),
        )
    )


def _chosen(arguments: CompareModels, context: ToolContext) -> list[Model]:
    """The models that were named, else those that go with the newest one; of one target and task."""
    if arguments.models is None:
        return _newest_of_each_type(context.models.all(), arguments.target)
    if arguments.target is not None:
        raise ToolError("models and target: give one of them")
    models = [context.models.get(name) for name in arguments.models]
    specs = [metadata_of(model).spec for model in models]
    for model, spec, name in zip(models[1:], specs[1:], arguments.models[1:], strict=True):
        if (spec.target, spec.task) != (specs[0].target, specs[0].task):
            raise ToolError(
                f"{models[0].model_id} predicts {specs[0].target!r} ({specs[0].task}) and {model.model_id} "
                f"{spec.target!r} ({spec.task}): only models of one target can be compared"
            )
        if sum(other.model_id == model.model_id for other in models) > 1:
            raise ToolError(f"{name!r} is {model.model_id}, which stands there twice: name two models")
    return models


def _newest_of_each_type(models: Sequence[Model], target: str | None) -> list[Model]:
    """Of the models, newest first, those of the newest target and table that two types were trained for."""
    models = [model for model in models if target in (None, model.target)]
    groups: dict[tuple[str, str, str], dict[str, Model]] = {}
    for model in models:
        told = metadata_of(model)
        group = groups.setdefault((told.spec.target, told.spec.task, told.data_sha256), {})
        if len(group) < MOST:
            group.setdefault(model.type, model)
    found = next((list(group.values()) for group in groups.values() if len(group) > 1), None)
    if found is None:
        of = "one target" if target is None else repr(target[:64])
        raise ToolError(
            f"there are no two types of model for {of} and one table yet: train another one, or name the models"
        )
    return found


def _in_order(found: Sequence[Found], asked: Sequence[Asked]) -> list[int]:
    """The models' places, the best by the first measure first."""
    from tools.compare_models.differences import LOWER_IS_BETTER

    measure = found[0].measure
    sign = 1 if measure in LOWER_IS_BETTER else -1
    return sorted(range(len(asked)), key=lambda at: sign * (asked[at].metrics[measure] or 0.0))


def _line(one: Found, asked: Sequence[Asked]) -> Difference:
    names = [single.model_id for single in asked]
    return Difference(
        measure=one.measure,
        first=names[one.first],
        second=names[one.second],
        difference=one.difference,
        ci_low=one.ci_low,
        ci_high=one.ci_high,
        interval_method=one.interval_method,
        **if_any(p=one.p, p_method=one.p_method, p_adjusted=one.p_adjusted),
        favors=None if one.favors is None else names[one.favors],
    )


def _warnings(rows: Rows, asked: Sequence[Asked]) -> list[Warned]:
    warns, warnings = CompareModelsWarns, list[Warned]()
    spec = rows.models[0].metadata.spec
    if len(rows.y_true) < FEW:
        warnings.append(warns.FEW_ROWS(n=len(rows.y_true)))
    for groups in sorted({one.metadata.spec.groups or "" for one in rows.models} - {""}):
        warnings.append(warns.DEPENDENT_ROWS(groups=groups))
    for loaded in rows.models:
        if (weights := loaded.metadata.spec.weights) is not None:
            warnings.append(warns.NOT_WEIGHTED(model=loaded.model.model_id, weights=weights))
    if spec.task == "regression":
        return warnings
    for place, one in enumerate(asked):
        classes = {str(name) for name in rows.models[place].pipeline.classes_}
        if n := sum(name not in classes for name in rows.y_true.tolist()):
            warnings.append(warns.UNKNOWN_CLASS(n=n, target=spec.target, model=one.model_id))
        for other in asked[place + 1 :]:
            n = int(((one.predicted == rows.y_true) != (other.predicted == rows.y_true)).sum())
            if n < FEW_DISCORDANT:
                warnings.append(warns.FEW_DISAGREEMENTS(first=one.model_id, second=other.model_id, n=n))
    return warnings

"""What a table is for: its likely target, the task, and which columns can say something about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.ml.column_kinds import FEW_NUMBERS, ID_NAMES, ColumnFacts, ColumnKind, tell_kind
from tools.ml.spec import Feature, FeatureKind, Task
from tools.ml.target_ranking import WEIGHTS, share_by_column

Problem = Literal["regression", "binary", "multiclass"]

MAX_CATEGORIES_SHARE = 0.5
MAX_CLASSES = 50
SURE = 0.7
"""A target that is less likely than this is asked for."""
# `python -m evals.bench.schema_fit`, 2026-11-27; with one more right and one more wrong.
TASK_OF_FEW_NUMBERS, TASK_OF_OTHERS = 0.60, 0.99


@dataclass(frozen=True)
class Schema:
    """The plan for a model; `candidates` are other targets worth asking about, likeliest first.

    `confidence` is how likely it is that the target is the one that is meant; 1 when the user named it. `features` are
    as a model would read them, `kinds` what each column of the table is, the target too, with how likely that is.
    """

    target: str
    task: Task
    problem: Problem
    confidence: float
    task_confidence: float
    candidates: tuple[tuple[str, float], ...]
    features: tuple[Feature, ...]
    dropped: tuple[tuple[str, str], ...]
    kinds: dict[str, tuple[ColumnKind, float]]


def detect(columns: Sequence[ColumnFacts], n_rows: int, target: str | None = None) -> Schema:
    """Target, task and features of a table, from names, types and counts alone.

    Raises
    ------
    ValueError
        If no column can be a target, or the named one cannot.
    """
    ranked = rank_targets(columns, n_rows)
    if target is None and not ranked:
        raise ValueError("no column can be predicted: each is constant, an identifier, free text or a date")
    chosen, confidence = (target, 1.0) if target is not None else ranked[0]
    facts = next(column for column in columns if column.name == chosen)
    task = find_task(facts, n_rows)
    reasons = {column.name: why_useless(column, n_rows) for column in columns if column.name != chosen}
    return Schema(
        target=chosen,
        task=task,
        problem="regression" if task == "regression" else "binary" if facts.distinct == 2 else "multiclass",
        confidence=confidence,
        task_confidence=trust_task(facts),
        candidates=tuple((name, share) for name, share in ranked if name != chosen)[:2],
        features=tuple(
            Feature(name=column.name, kind=usual_kind(column.type))
            for column in columns
            if column.name in reasons and reasons[column.name] is None
        ),
        dropped=tuple((name, reason) for name, reason in reasons.items() if reason is not None),
        kinds={column.name: tell_kind(column, n_rows) for column in columns},
    )


def rank_targets(
    columns: Sequence[ColumnFacts], n_rows: int, weights: Mapping[str, float] = WEIGHTS
) -> list[tuple[str, float]]:
    """Columns that may be the target with how likely each of them is, likeliest first."""
    fitting = [column for column in columns if can_be_target(column, n_rows)]
    if not fitting:
        return []
    named = zip((column.name for column in fitting), share_by_column(fitting, weights), strict=True)
    return sorted(named, key=lambda one: one[1], reverse=True)


def can_be_target(column: ColumnFacts, n_rows: int) -> bool:
    """Whether a model could predict the column at all."""
    if why_useless(column, n_rows) is not None or column.type in ("date", "datetime"):
        return False
    return column.type != "text" or column.distinct <= MAX_CLASSES


def find_task(column: ColumnFacts, n_rows: int) -> Task:
    """Numbers with more than two values: regression. Words, booleans and two-valued numbers: classification.

    Raises
    ------
    ValueError
        If the column cannot be predicted.
    """
    if column.distinct < 2:
        raise ValueError(f"{column.name!r} has {column.distinct} values: there is nothing to predict")
    if column.type in ("date", "datetime", "time"):
        raise ValueError(f"{column.name!r} holds {column.type}: numbers, words or booleans can be predicted")
    if column.type in ("integer", "number") and column.distinct > 2:
        return "regression"
    if column.distinct > min(MAX_CLASSES, n_rows // 2):
        raise ValueError(f"{column.name!r} has {column.distinct} different words: too many classes to tell apart")
    return "classification"


def trust_task(column: ColumnFacts) -> float:
    """How often `find_task` was right on the tuning part of R's tables: a few numbers may be codes or grades."""
    few = column.type in ("integer", "number") and 2 < column.distinct <= FEW_NUMBERS
    return TASK_OF_FEW_NUMBERS if few else TASK_OF_OTHERS


def check_task(column: ColumnFacts, n_rows: int, task: Task) -> None:
    """ValueError where a column that can be predicted cannot be by this task."""
    if task == "regression" and column.type not in ("integer", "number"):
        raise ValueError(f"{column.name!r} holds {column.type}: a regression predicts numbers")
    if task == "classification" and column.distinct > min(MAX_CLASSES, n_rows // 2):
        raise ValueError(f"{column.name!r} has {column.distinct} different values: too many classes to tell apart")


def why_useless(column: ColumnFacts, n_rows: int) -> str | None:
    """Why the column cannot help a model, or None."""
    n = n_rows - column.missing
    if column.distinct == 0:
        return "all values are missing"
    if column.distinct == 1:
        return "constant"
    is_unique = column.distinct == n
    if ID_NAMES.fullmatch(column.name) and is_unique:
        return "an identifier: its name says so and every value is different"
    if column.type == "text" and column.distinct > max(20, MAX_CATEGORIES_SHARE * n):
        return f"free text or an identifier: {column.distinct} different values in {n} rows"
    if column.type == "text" and is_unique and n > 2:
        return "free text or an identifier: every value is different"
    if column.type == "time":
        return "times of day are not used yet"
    return None


def usual_kind(column_type: str) -> FeatureKind:
    """What a column of that type is as a feature, in training as in regress, unless the person says otherwise.

    Numbers are numbers, whole ones with few values too: only the person knows that 1, 2, 3 are codes.
    """
    if column_type in ("integer", "number"):
        return "number"
    if column_type == "text":
        return "category"
    return "boolean" if column_type == "boolean" else "date"


def may_be_codes(column: ColumnFacts, n_rows: int) -> bool:
    """Whether whole numbers have so few values that they are likelier to be codes (0.68) than to be measured."""
    return column.type == "integer" and 2 < column.distinct <= min(10, n_rows // 10)

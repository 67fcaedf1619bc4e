"""A training in an exported script: its rows parted again, and how its rows count, for what is asked of its model."""

from __future__ import annotations

from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from tools.ml import kept_together
from tools.ml.metadata import Metadata
from tools.ml.model_types import find_model_type
from tools.ml.spec import TrainingSpec
from tools.scripting import Script


def parted_lines(writer: Script, dataset: str, metadata: Metadata) -> list[str]:
    """The lines that part a model's rows into `train` and `test`, with `y_train` and `y_test`, as training did."""
    spec = metadata.spec
    # A model of an earlier version does not say so; most of them were.
    is_stratified = spec.task == "classification" if metadata.stratified is None else metadata.stratified
    y = f"rows[{spec.target!r}].to_numpy(dtype='float64')"
    if spec.task == "classification":
        y = f"np.asarray(to_words(rows[{spec.target!r}]), dtype=str)"
    return [
        f"rows = data[{dataset!r}]",
        f"rows = rows.dropna(subset={_needed(spec)!r})",
        f"y = {y}",
        *_parts(writer, spec, is_stratified),
        *sample_lines(spec),
    ]


def _needed(spec: TrainingSpec) -> list[str]:
    """Columns of which a row must have a value."""
    parted = [name for name in (spec.groups, spec.time) if name not in (None, kept_together.ROW)]
    return [spec.target, *(spec.kinds if spec.preparation.missing == "drop" else ()), *parted]


def _parts(writer: Script, spec: TrainingSpec, is_stratified: bool) -> list[str]:
    """The lines that part the rows."""
    if spec.test_size == 0:
        return ["train, y_train = rows, y"]
    if spec.groups is None and spec.time is None:
        return [
            "train, test, y_train, y_test = train_test_split(",
            f"    rows, y, test_size={spec.test_size}, random_state={spec.seed}, shuffle={spec.shuffle}, "
            f"stratify={'y' if is_stratified else None}",
            ")",
        ]
    if spec.groups is not None:
        writer.imports.add("from sklearn.model_selection import GroupShuffleSplit")
        drawn = f"GroupShuffleSplit(1, test_size={spec.test_size}, random_state={spec.seed})"
        sides = f"next({drawn}.split(rows, groups=rows[{spec.groups!r}].to_numpy()))"
    else:
        writer.imports |= {"import math", "from numpy.typing import NDArray"}
        writer.helpers["places"] = "Places = NDArray[np.intp]\nSides = tuple[Places, Places]\n"
        writer.need(kept_together.part_by_time)
        sides = f"part_by_time({ranks_in(spec)}, {spec.test_size})"
    return [
        f"inner, outer = {sides}",
        "train, test, y_train, y_test = rows.iloc[inner], rows.iloc[outer], y[inner], y[outer]",
    ]


def sample_lines(spec: TrainingSpec) -> list[str]:
    """The lines that leave as many training rows as the type of model takes."""
    most = find_model_type(spec.model, spec.task).max_rows
    if most is None:
        return []
    is_drawn = spec.shuffle and spec.groups is None and spec.time is None
    rows = "np.arange(len(train))" if is_drawn else f"np.random.default_rng({spec.seed}).permutation(len(train))"
    return [f"rows_taken = {rows}[:{most}]", "train, y_train = train.iloc[rows_taken], y_train[rows_taken]"]


def ranks_in(spec: TrainingSpec, rows: str = "rows") -> str:
    """The expression of the place of each row's time among the different times."""
    times = f"{rows}.index" if spec.time == kept_together.ROW else f"{rows}[{spec.time!r}]"
    return f"pd.factorize({times}, sort=True)[0]"


def counted(spec: TrainingSpec, rows: str) -> str:
    """The argument that says how much each row counts in the scores."""
    return "" if spec.weights is None else f", {rows}[{spec.weights!r}].to_numpy(dtype='float64')"


def weighed(spec: TrainingSpec, estimator: BaseEstimator, rows: str) -> str:
    """The argument that says how much each row counts in the fit."""
    last = "model__" + (f"{estimator.steps[-1][0]}__" if isinstance(estimator, Pipeline) else "")
    weights = counted(spec, rows).removeprefix(", ")
    return f", {last}sample_weight={weights}" if weights else ""

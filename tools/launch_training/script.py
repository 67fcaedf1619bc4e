"""launch_training in an exported script: the same pipeline of scikit-learn, fitted and scored on the same rows."""

from __future__ import annotations

import inspect
import sys

from sklearn.base import BaseEstimator

from tools.launch_training.result import Launched
from tools.ml import kept_together, preprocessing, validation, word_order
from tools.ml.estimators import make_estimator
from tools.ml.fitting import choices_of
from tools.ml.folds import fold_order
from tools.ml.known_scores import MAIN
from tools.ml.metadata import Metadata
from tools.ml.model_types import find_model_type
from tools.ml.spec import TrainingSpec
from tools.model_lines import metadata_of
from tools.results import MadeCall
from tools.scripting import Script
from tools.scripts.trained import counted, parted_lines, ranks_in, weighed

NO_TYPES = "  # type: ignore[misc]  # scikit-learn has no types"
IMPORTS = {
    "from collections.abc import Mapping, Sequence",
    "import numpy as np",
    "from sklearn.base import BaseEstimator",
    "from sklearn.compose import ColumnTransformer",
    "from sklearn.impute import SimpleImputer",
    "from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, mean_squared_error",
    "from sklearn.metrics import median_absolute_error, precision_recall_fscore_support, precision_score",
    "from sklearn.metrics import r2_score, recall_score",
    "from sklearn.metrics import root_mean_squared_error",
    "from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score, train_test_split",
    "from sklearn.pipeline import Pipeline, make_pipeline",
    "from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, OrdinalEncoder",
    "from sklearn.preprocessing import RobustScaler, StandardScaler",
}

MADE_OF = {
    "tools.ml.xgboost_trees": ["import xgboost"],
    "tools.ml.mixed_naive_bayes": [
        "from scipy.special import logsumexp",
        "from sklearn.naive_bayes import GaussianNB",
    ],
}


def script(writer: Script, number: int, call: MadeCall[Launched]) -> None:
    """The lines that fit and score the model again."""
    trained = writer.trained(call.result.job_id)
    if trained is None:
        writer.lines.append("# (no model came of this job, or not yet)")
        return
    job, model = trained
    metadata = metadata_of(model)
    spec, kind = metadata.spec, find_model_type(metadata.spec.model, metadata.spec.task)
    settled = {} if metadata.penalty is None else {metadata.penalty.parameter: metadata.penalty.value}
    estimator = make_estimator(kind, spec, spec.values | settled)
    parts = [part for part in estimator.get_params().values() if isinstance(part, BaseEstimator)]
    theirs = [one for one in (estimator, *parts) if not type(one).__module__.startswith("tools.")]
    writer.imports |= {*map(_import_of, theirs), *IMPORTS}
    writer.helpers["types"] = "Task = str\nVector = Any\nMatrix = Any\nheld_out: dict[str, pd.Index] = {}\n"
    for one in {type(estimator), *map(type, parts)} - {*map(type, theirs)}:
        _bring(writer, one)
    writer.need(
        preprocessing.split_columns,
        preprocessing.to_words,
        preprocessing._date_part,
        preprocessing.columns_step,
        preprocessing.column_names,
        preprocessing.take_columns,
        preprocessing.build_pipeline,
        validation._if_finite,
        validation._averages,
        validation.score,
    )
    ordered = ", order=order" if _is_ordinal(spec) else ""
    # Where no row was held out, the folds are the scores.
    metrics = "" if spec.test_size == 0 else ", 'metrics': metrics"
    shown = "" if metadata.cross_validated is None else ", 'folds': folds"
    writer.lines += [
        *parted_lines(writer, job.spec.dataset, metadata),
        *_chosen(metadata),
        *_ordered(writer, spec),
        f"model = build_pipeline({spec.kinds!r}, {estimator!r}, **{choices_of(spec)}{ordered})",
        f"model.fit(train, y_train{weighed(spec, estimator, 'train')})",
        f"models[{model.model_id!r}] = model",
        *([] if spec.test_size == 0 else _scored(model.model_id, spec)),
        *_folds(writer, spec, metadata, estimator),
        f"show({number}, 'launch_training', {{'model': {model.model_id!r}{metrics}{shown}}})",
    ]


def _is_ordinal(spec: TrainingSpec) -> bool:
    return spec.preparation.encode == "ordinal" and "category" in spec.kinds.values()


def _ordered(writer: Script, spec: TrainingSpec) -> list[str]:
    """The lines that order the codes of categories; numbers among them by their size."""
    if not _is_ordinal(spec):
        return []
    writer.imports.add("from collections.abc import Iterable")
    writer.need(word_order.in_order)
    names = [name for name, kind in spec.kinds.items() if kind == "category"]
    return [f"order = [in_order(to_words(train[name]).unique()) for name in {names!r}]"]


def _scored(model_id: str, spec: TrainingSpec) -> list[str]:
    """The lines that score the model on the rows that were held out."""
    return [
        f"held_out[{model_id!r}] = test.index",
        f"metrics = score({spec.task!r}, y_test, model.predict(test){counted(spec, 'test')})",
    ]


def _chosen(metadata: Metadata) -> list[str]:
    """That the search is not done again: its winner is fitted."""
    found = metadata.searched
    if found is None:
        return []
    n, mean = len(found.trials), found.trials[0].mean
    worth = "" if mean is None else f", {found.score} {mean:.4g}"
    return [
        f"# statagent chose {metadata.spec.model} with these parameters of {n} settings, on the training rows{worth}"
    ]


def _folds(writer: Script, spec: TrainingSpec, metadata: Metadata, estimator: BaseEstimator) -> list[str]:
    """The lines that cross-validate, with the main score of each fold."""
    found = metadata.cross_validated
    if found is None:
        return []
    kind, penalty = "StratifiedKFold" if found.stratified else "KFold", metadata.penalty
    order = ", ".join(f"{name}={value}" for name, value in fold_order(spec).items())
    folds = f"folds = {kind}({found.n_folds}, {order})"
    if spec.groups is not None:
        writer.imports.add("from sklearn.model_selection import GroupKFold")
        groups = f"rows[{spec.groups!r}].to_numpy()"
        folds = f"folds = list(GroupKFold({found.n_folds}, {order}).split(rows, groups={groups}))"
    if spec.time is not None:
        writer.imports |= {"from sklearn.model_selection import TimeSeriesSplit"}
        writer.need(kept_together.fold_by_time)
        folds = f"folds = fold_by_time({ranks_in(spec)}, {found.n_folds})"
    is_chosen = penalty is not None and penalty.chosen_by == "cross_validation"
    anew = ["the penalty"] if is_chosen else []
    anew += [] if metadata.searched is None else ["all that it searches for"]
    scored = [f"folds = cross_val_score(model, rows, y, cv=folds, scoring={MAIN[spec.task]!r}).tolist()"]
    if spec.weights is not None:
        writer.imports.add("from sklearn.base import clone")
        is_list = spec.groups is not None or spec.time is not None
        scored = [
            f"sides, folds = {'folds' if is_list else 'list(folds.split(rows, y))'}, []",
            "for inner, outer in sides:",
            "    known, new = rows.iloc[inner], rows.iloc[outer]",
            f"    part = clone(model).fit(known, y[inner]{weighed(spec, estimator, 'known')})",
            f"    scores = score({spec.task!r}, y[outer], part.predict(new){counted(spec, 'new')})",
            f"    folds.append(scores[{MAIN[spec.task]!r}])",
        ]
    return [
        *(
            [f"# statagent chose {' and '.join(anew)} anew in each fold: here it is that of the training rows"]
            if anew
            else ()
        ),
        folds,
        *scored,
    ]


def _bring(writer: Script, ours: type) -> None:
    """Copy an estimator of ours into the script, with what it is made of."""
    module = sys.modules[ours.__module__]
    writer.imports |= {
        "from numpy.typing import NDArray",
        "from sklearn.base import ClassifierMixin, RegressorMixin",
        "from sklearn.utils.validation import check_is_fitted",
        *MADE_OF[ours.__module__],
    }
    if hasattr(module, "LEFT_OUT"):
        writer.helpers["LEFT_OUT"] = f"LEFT_OUT = {module.LEFT_OUT!r}"
    for one in reversed(ours.__mro__):
        if one.__module__ == ours.__module__:
            writer.helpers[one.__name__] = inspect.getsource(one).replace(NO_TYPES, "")
    for name, made in vars(module).items():
        if inspect.isfunction(made) and made.__module__ == ours.__module__:
            writer.helpers[name] = inspect.getsource(made)


def _import_of(estimator: BaseEstimator) -> str:
    """The line that imports it from where scikit-learn shows it."""
    module = ".".join(part for part in type(estimator).__module__.split(".") if not part.startswith("_"))
    return f"from {module} import {type(estimator).__name__}"

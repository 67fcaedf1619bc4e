"""launch_training in an exported script: the same pipeline of scikit-learn, fitted and scored on the same rows."""

from __future__ import annotations

from sklearn.base import BaseEstimator

from tools.launch_training.result import Launched
from tools.ml import preprocessing, validation
from tools.ml.estimators import make_estimator
from tools.ml.fitting import choices_of
from tools.ml.model_types import find_model_type
from tools.ml.spec import TrainingSpec
from tools.model_lines import metadata_of
from tools.results import MadeCall
from tools.scripting import Script

IMPORTS = {
    "from collections.abc import Mapping",
    "import numpy as np",
    "from sklearn.base import BaseEstimator",
    "from sklearn.compose import ColumnTransformer",
    "from sklearn.impute import SimpleImputer",
    "from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, mean_squared_error",
    "from sklearn.metrics import precision_score, r2_score, root_mean_squared_error",
    "from sklearn.model_selection import train_test_split",
    "from sklearn.pipeline import Pipeline, make_pipeline",
    "from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, OrdinalEncoder",
    "from sklearn.preprocessing import RobustScaler, StandardScaler",
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
    writer.imports |= {*map(_import_of, [estimator, *parts]), *IMPORTS}
    writer.helpers["types"] = "Task = str\nVector = Any\n"
    writer.need(
        preprocessing.split_columns,
        preprocessing.to_words,
        preprocessing._date_part,
        preprocessing.columns_step,
        preprocessing.build_pipeline,
        validation._if_finite,
        validation.score,
    )
    # A model of an earlier version does not say so; most of them were.
    is_stratified = spec.task == "classification" if metadata.stratified is None else metadata.stratified
    y = f"rows[{spec.target!r}].to_numpy(dtype='float64')"
    if spec.task == "classification":
        y = f"np.asarray(to_words(rows[{spec.target!r}]), dtype=str)"
    writer.lines += [
        f"rows = data[{job.spec.dataset!r}]",
        f"rows = rows.dropna(subset={_needed(spec)!r})",
        f"y = {y}",
        "train, test, y_train, y_test = train_test_split(",
        f"    rows, y, test_size={spec.test_size}, random_state={spec.seed}, stratify={'y' if is_stratified else None}",
        ")",
        f"model = build_pipeline({spec.kinds!r}, {estimator!r}, **{choices_of(spec)})",
        "model.fit(train, y_train)",
        f"models[{model.model_id!r}] = model",
        f"metrics = score({spec.task!r}, y_test, model.predict(test))",
        f"show({number}, 'launch_training', {{'model': {model.model_id!r}, 'metrics': metrics}})",
    ]


def _needed(spec: TrainingSpec) -> list[str]:
    """Columns of which a row must have a value."""
    return [spec.target, *(spec.kinds if spec.preparation.missing == "drop" else ())]


def _import_of(estimator: BaseEstimator) -> str:
    """The line that imports it from where scikit-learn shows it."""
    module = ".".join(part for part in type(estimator).__module__.split(".") if not part.startswith("_"))
    return f"from {module} import {type(estimator).__name__}"

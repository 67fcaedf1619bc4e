"""The one table of model types: what each is called, can be told, and takes. A new type is one row.

Plain data, which the prompt can read at once: what computes is named by its place, and imported when it is first used.
"""

from __future__ import annotations

from tools.ml.fit_times import (
    Settings,
    Size,
    boosting_s,
    copied_s,
    forest_s,
    lasso_s,
    linear_s,
    logistic_s,
    n_terms,
    network_s,
    polynomial_s,
    ridge_s,
    svm_s,
    tree_s,
)
from tools.ml.model_type import ModelType, Penalty
from tools.ml.parameter import Parameter
from tools.ml.spec import Setting, Task, TrainingSpec

MAX_TERMS = 2_000
MAX_SHOWN = 40
MAX_ITER = 10_000
"""Steps after which a linear model's fit ends, settled or not."""

ALPHA = Parameter("alpha", 0.0, 1e6)
ABOVE_0 = Parameter("alpha", 1e-9, 1e6)
INVERSE = Parameter("C", 1e-9, 1e9)
WEIGHTS = Parameter("class_weight", words=("balanced",), task="classification")
OF_A_TREE = (
    Parameter("max_depth", 1, 100, is_whole=True),
    Parameter("min_samples_leaf", 1, 10_000, is_whole=True),
)
OF_TREES = (
    *OF_A_TREE,
    Parameter("min_samples_split", 2, 10_000, is_whole=True),
    Parameter("max_leaf_nodes", 2, 100_000, is_whole=True),
    Parameter("max_features", 1e-6, 1.0, words=("sqrt", "log2")),
    Parameter("ccp_alpha", 0.0, 1e9),
    Parameter("criterion", words=("gini", "entropy", "log_loss"), task="classification"),
    Parameter("criterion", words=("squared_error", "absolute_error", "poisson"), task="regression"),
    WEIGHTS,
)
OF_A_NETWORK = (
    Parameter("hidden_layer_sizes", 1, 1_000, is_whole=True, most=5),
    Parameter("activation", words=("relu", "tanh", "logistic", "identity")),
    Parameter("solver", words=("adam", "lbfgs", "sgd")),
    ALPHA,
    Parameter("learning_rate_init", 1e-6, 1.0),
    Parameter("batch_size", 1, 100_000, is_whole=True),
    Parameter("max_iter", 1, 10_000, is_whole=True),
    Parameter("early_stopping", is_flag=True),
)

MODEL_TYPES: tuple[ModelType, ...] = (
    ModelType(
        name="linear_regression",
        phrase="linear (regression|regressions|model)",
        estimators={"regression": "tools.ml.estimators.make_least_squares"},
        seconds=linear_s,
    ),
    ModelType(
        name="ridge",
        phrase="ridge [regression]",
        estimators={"regression": "tools.ml.estimators.make_ridge"},
        seconds=ridge_s,
        parameters=(ALPHA,),
        penalty=Penalty("alpha", "tools.ml.penalty.choose_ridge", usual=1.0),
    ),
    ModelType(
        name="lasso",
        phrase="lasso [regression]",
        estimators={"regression": "sklearn.linear_model.Lasso"},
        seconds=lasso_s,
        parameters=(ABOVE_0,),
        fixed={"max_iter": MAX_ITER, "tol": 1e-7},
        penalty=Penalty("alpha", "tools.ml.penalty.choose_lasso", usual=1.0),
    ),
    ModelType(
        name="elastic_net",
        phrase="(elastic net|elasticnet) [regression]",
        estimators={"regression": "sklearn.linear_model.ElasticNet"},
        seconds=lasso_s,
        parameters=(ABOVE_0, Parameter("l1_ratio", 0.01, 1.0)),
        fixed={"max_iter": MAX_ITER, "tol": 1e-7},
        penalty=Penalty("alpha", "tools.ml.penalty.choose_elastic_net", usual=1.0),
    ),
    ModelType(
        name="polynomial_regression",
        phrase="polynomial (regression|model)",
        estimators={"regression": "tools.ml.estimators.make_polynomial"},
        seconds=polynomial_s,
        parameters=(
            Parameter("degree", 2, 6, is_whole=True),
            Parameter("interaction_only", is_flag=True),
        ),
        terms=n_terms,
    ),
    ModelType(
        name="logistic_regression",
        phrase="logistic (regression|model)",
        estimators={"classification": "sklearn.linear_model.LogisticRegression"},
        seconds=logistic_s,
        parameters=(INVERSE, WEIGHTS),
        fixed={"max_iter": MAX_ITER, "tol": 1e-6},
        penalty=Penalty("C", "tools.ml.penalty.choose_logistic", usual=1.0),
    ),
    ModelType(
        name="decision_tree",
        phrase="[decision] (tree|trees)",
        estimators={
            "regression": "sklearn.tree.DecisionTreeRegressor",
            "classification": "sklearn.tree.DecisionTreeClassifier",
        },
        seconds=tree_s,
        parameters=OF_TREES,
        scales_target=True,
    ),
    ModelType(
        name="random_forest",
        phrase="[random] (forest|forests)",
        estimators={
            "regression": "sklearn.ensemble.RandomForestRegressor",
            "classification": "sklearn.ensemble.RandomForestClassifier",
        },
        seconds=forest_s,
        parameters=(
            Parameter("n_estimators", 1, 5_000, is_whole=True),
            *OF_TREES,
            Parameter("bootstrap", is_flag=True),
        ),
        fixed={"n_jobs": -1},
        scales_target=True,
    ),
    ModelType(
        name="gradient_boosting",
        phrase="[gradient] boosting [model]",
        estimators={
            "regression": "sklearn.ensemble.HistGradientBoostingRegressor",
            "classification": "sklearn.ensemble.HistGradientBoostingClassifier",
        },
        seconds=boosting_s,
        parameters=(
            Parameter("learning_rate", 1e-4, 1.0),
            Parameter("max_iter", 1, 5_000, is_whole=True),
            *OF_A_TREE,
            Parameter("max_leaf_nodes", 2, 100_000, is_whole=True),
            Parameter("l2_regularization", 0.0, 1e6),
            WEIGHTS,
        ),
        needs_scaling=False,
    ),
    ModelType(
        name="svm",
        phrase="(svm|[support] vector (machine|machines|classifier|regression|regressor))",
        estimators={"regression": "sklearn.svm.SVR", "classification": "sklearn.svm.SVC"},
        seconds=svm_s,
        parameters=(
            INVERSE,
            Parameter("kernel", words=("rbf", "linear", "poly", "sigmoid")),
            Parameter("gamma", 1e-9, 1e6, words=("scale", "auto")),
            Parameter("degree", 1, 10, is_whole=True),
            Parameter("epsilon", 0.0, 1e6, task="regression"),
            WEIGHTS,
        ),
        scales_target=True,
        max_rows=20_000,
    ),
    ModelType(
        name="naive_bayes",
        phrase="[gaussian] naive bayes",
        estimators={"classification": "sklearn.naive_bayes.GaussianNB"},
        seconds=copied_s,
        parameters=(Parameter("var_smoothing", 0.0, 1.0),),
    ),
    ModelType(
        name="k_nearest_neighbors",
        phrase="(knn|k nn|[k] nearest neighbors|[k] nearest neighbours)",
        estimators={
            "regression": "sklearn.neighbors.KNeighborsRegressor",
            "classification": "sklearn.neighbors.KNeighborsClassifier",
        },
        seconds=copied_s,
        parameters=(
            Parameter("n_neighbors", 1, 1_000, is_whole=True),
            Parameter("weights", words=("uniform", "distance")),
            Parameter("p", 1.0, 10.0),
        ),
        fixed={"algorithm": "brute", "n_jobs": -1},
        max_rows=50_000,
    ),
    ModelType(
        name="mlp_regressor",
        phrase="(mlp|neural network|neural net|multilayer perceptron) (regressor|regression)",
        estimators={"regression": "sklearn.neural_network.MLPRegressor"},
        seconds=network_s,
        parameters=OF_A_NETWORK,
        scales_target=True,
    ),
    ModelType(
        name="mlp_classifier",
        phrase="(mlp|neural network|neural net|multilayer perceptron) (classifier|classification)",
        estimators={"classification": "sklearn.neural_network.MLPClassifier"},
        seconds=network_s,
        parameters=OF_A_NETWORK,
    ),
)


def find_model_type(name: str, task: Task) -> ModelType:
    """The model type of that name.

    Raises
    ------
    ValueError
        If there is none, or it cannot do the task; names those that can.
    """
    fitting = [model for model in MODEL_TYPES if task in model.estimators]
    for model in fitting:
        if model.name == name:
            return model
    raise ValueError(f"no model {name!r} for {task}; there are {', '.join(model.name for model in fitting)}")


def expected_seconds(spec: TrainingSpec, n_rows: int) -> float:
    """What a training takes: the fit, and for the shuffles of each feature a twentieth of it."""
    model, n_features = find_model_type(spec.model, spec.task), len(spec.features)
    rows = min(n_rows, model.max_rows or n_rows)
    return model.seconds(Size(rows, n_features, spec.task), spec.values) * (1 + 0.05 * n_features)


def check_parameters(model: ModelType, task: Task, settings: Settings) -> None:
    """ValueError for a parameter that the model does not have, or one that cannot be what it is set to."""
    known = {parameter.name: parameter for parameter in model.parameters_of(task)}
    for name, value in settings.items():
        if name not in known:
            raise ValueError(f"{model.name} has no parameter {name!r}; it has {', '.join(known) or 'none'}")
        if not known[name].accepts(value):
            raise ValueError(f"{name} must be {known[name].range}, got {_shown(value)}")


def check_terms(model: ModelType, n_columns: int, settings: Settings) -> None:
    """ValueError where the model would make more terms of so many columns than can be fitted."""
    n = model.terms(n_columns, settings)
    if n > MAX_TERMS and n != n_columns:
        raise ValueError(
            f"{model.name} makes {n} terms of {n_columns} columns; it can fit {MAX_TERMS}: name fewer features, or a "
            "lower degree"
        )


def _shown(value: Setting) -> str:
    shown = f"{value:g}" if isinstance(value, float) else repr(value)
    return shown if len(shown) <= MAX_SHOWN else shown[: MAX_SHOWN - 1] + "…"

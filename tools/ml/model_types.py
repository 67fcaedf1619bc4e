"""The one table of model types: what each is called, can be told, and takes. A new type is one row.

Plain data, which the prompt can read at once: what computes is named by its place, and imported when it is first used.
"""

from __future__ import annotations

from tools.ml.fit_memory import forest_b, polynomial_b, svd_b, svm_b
from tools.ml.fit_times import (
    Size,
    boosting_s,
    copied_s,
    exact_boosting_s,
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
    xgboost_s,
)
from tools.ml.model_type import ModelType, Penalty
from tools.ml.parameter import Parameter, logs, some
from tools.ml.parameters import (
    ABOVE_0,
    ALPHA,
    BOOSTED,
    DEPTH,
    INTERCEPT,
    INVERSE,
    MAX_COUNT,
    OF_A_DESCENT,
    OF_A_NETWORK,
    OF_FREE_TREES,
    OF_TREES,
    POSITIVE,
    ROUNDS,
    SEED,
    STEPS,
    TOLERANCE,
    WEIGHTS,
)
from tools.ml.spec import Task, TrainingSpec

MAX_ITER = 10_000
"""Steps after which a linear model's fit ends, settled or not."""

MODEL_TYPES: tuple[ModelType, ...] = (
    ModelType(
        name="linear_regression",
        phrase="linear (regression|regressions|model)",
        estimators={"regression": "tools.ml.estimators.make_least_squares"},
        plain={"regression": "sklearn.linear_model.LinearRegression"},
        seconds=linear_s,
        parameters=(INTERCEPT, POSITIVE, TOLERANCE),
    ),
    ModelType(
        name="ridge",
        phrase="ridge [regression]",
        estimators={"regression": "tools.ml.estimators.make_ridge"},
        plain={"regression": "sklearn.linear_model.Ridge"},
        seconds=ridge_s,
        memory_bytes=svd_b,
        parameters=(
            ALPHA,
            Parameter("solver", words=("svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga", "auto")),
            INTERCEPT,
            POSITIVE,
            STEPS,
            TOLERANCE,
            SEED,
        ),
        penalty=Penalty("alpha", "tools.ml.penalty.choose_ridge", usual=1.0),
        starts=({},),
    ),
    ModelType(
        name="lasso",
        phrase="lasso [regression]",
        estimators={"regression": "sklearn.linear_model.Lasso"},
        seconds=lasso_s,
        parameters=(ABOVE_0, *OF_A_DESCENT),
        usual={"max_iter": MAX_ITER, "tol": 1e-7},
        penalty=Penalty("alpha", "tools.ml.penalty.choose_lasso", usual=1.0),
        starts=({},),
    ),
    ModelType(
        name="elastic_net",
        phrase="(elastic net|elasticnet) [regression]",
        estimators={"regression": "sklearn.linear_model.ElasticNet"},
        seconds=lasso_s,
        parameters=(
            ABOVE_0,
            Parameter("l1_ratio", 0.01, 1.0, tried=some(0.1, 0.3, 0.5, 0.7, 0.9, 0.97)),
            *OF_A_DESCENT,
        ),
        usual={"max_iter": MAX_ITER, "tol": 1e-7},
        penalty=Penalty("alpha", "tools.ml.penalty.choose_elastic_net", usual=1.0),
    ),
    ModelType(
        name="polynomial_regression",
        phrase="polynomial (regression|model)",
        estimators={"regression": "tools.ml.estimators.make_polynomial"},
        plain={"regression": "tools.ml.estimators.make_plain_polynomial"},
        seconds=polynomial_s,
        memory_bytes=polynomial_b,
        parameters=(
            Parameter("degree", 2, 6, is_whole=True, tried=some(2, 3)),
            Parameter("interaction_only", is_flag=True, tried=some(False, True)),
            INTERCEPT,
        ),
        terms=n_terms,
        starts=({},),
    ),
    ModelType(
        name="logistic_regression",
        phrase="logistic (regression|model)",
        estimators={"classification": "sklearn.linear_model.LogisticRegression"},
        seconds=logistic_s,
        parameters=(
            INVERSE,
            WEIGHTS,
            Parameter("solver", words=("lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga")),
            Parameter("l1_ratio", 0.0, 1.0),
            INTERCEPT,
            STEPS,
            TOLERANCE,
            SEED,
        ),
        usual={"max_iter": MAX_ITER, "tol": 1e-6},
        penalty=Penalty("C", "tools.ml.penalty.choose_logistic", usual=1.0),
        starts=({},),
    ),
    ModelType(
        name="decision_tree",
        phrase="[decision] (tree|trees)",
        estimators={
            "regression": "sklearn.tree.DecisionTreeRegressor",
            "classification": "sklearn.tree.DecisionTreeClassifier",
        },
        seconds=tree_s,
        parameters=(*OF_FREE_TREES, Parameter("splitter", words=("best", "random"))),
        scales_target=True,
        takes_missing=True,
    ),
    ModelType(
        name="random_forest",
        phrase="[random] (forest|forests)",
        estimators={
            "regression": "sklearn.ensemble.RandomForestRegressor",
            "classification": "sklearn.ensemble.RandomForestClassifier",
        },
        seconds=forest_s,
        memory_bytes=forest_b,
        parameters=(
            ROUNDS,
            *OF_FREE_TREES,
            Parameter("bootstrap", is_flag=True),
            Parameter("max_samples", 0.2, 1.0, counts=MAX_COUNT),
        ),
        fixed={"n_jobs": -1},
        spreads=True,
        scales_target=True,
        takes_missing=True,
        starts=({"min_samples_leaf": 3, "max_features": 0.33}, {}),
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
            Parameter("learning_rate", 1e-4, 1.0, tried=logs(0.02, 0.3)),
            Parameter("max_iter", 1, 5_000, is_whole=True, tried=logs(40, 600)),
            DEPTH,
            Parameter("min_samples_leaf", 1, 10_000, is_whole=True, tried=logs(2, 100)),
            Parameter("max_leaf_nodes", 2, 100_000, is_whole=True, tried=logs(4, 128)),
            Parameter("l2_regularization", 0.0, 1e6, tried=logs(1e-3, 100.0)),
            Parameter("max_features", 1e-6, 1.0, tried=some(0.3, 0.5, 0.75, 1.0)),
            Parameter("max_bins", 2, 255, is_whole=True),
            Parameter("loss", words=("squared_error", "absolute_error", "gamma", "poisson"), task="regression"),
            Parameter("early_stopping", is_flag=True, words=("auto",)),
            Parameter("n_iter_no_change", 1, 10_000, is_whole=True),
            WEIGHTS,
            SEED,
        ),
        needs_scaling=False,
        takes_missing=True,
        starts=({"learning_rate": 0.05, "max_iter": 200, "max_leaf_nodes": 8}, {}),
    ),
    ModelType(
        name="exact_gradient_boosting",
        phrase="exact [gradient] boosting",
        estimators={
            "regression": "sklearn.ensemble.GradientBoostingRegressor",
            "classification": "sklearn.ensemble.GradientBoostingClassifier",
        },
        seconds=exact_boosting_s,
        parameters=(
            BOOSTED,
            Parameter("learning_rate", 1e-4, 10.0, tried=logs(0.02, 0.3)),
            Parameter("subsample", 1e-6, 1.0, tried=some(0.5, 0.75, 1.0)),
            *OF_TREES,
            Parameter("loss", words=("log_loss", "exponential"), task="classification"),
            Parameter("loss", words=("squared_error", "absolute_error", "huber"), task="regression"),
            Parameter("n_iter_no_change", 1, 10_000, is_whole=True),
        ),
        needs_scaling=False,
        max_rows=50_000,
        starts=({}, {"learning_rate": 0.05, "n_estimators": 300, "subsample": 0.5, "min_samples_leaf": 5}),
    ),
    ModelType(
        name="xgboost",
        phrase="(xgboost|xgb|xg boost)",
        estimators={
            "regression": "tools.ml.xgboost_trees.XGBoostRegressor",
            "classification": "tools.ml.xgboost_trees.XGBoostClassifier",
        },
        libraries=("xgboost-cpu",),
        gpu="xgboost",
        seconds=xgboost_s,
        parameters=(
            BOOSTED,
            Parameter("learning_rate", 1e-4, 1.0, tried=logs(0.02, 0.3)),
            Parameter("max_depth", 1, 50, is_whole=True, tried=logs(2, 12)),
            Parameter("min_child_weight", 0.0, 1e6, tried=logs(0.5, 50.0)),
            Parameter("subsample", 1e-6, 1.0, tried=some(0.5, 0.75, 1.0)),
            Parameter("colsample_bytree", 1e-6, 1.0, tried=some(0.5, 0.75, 1.0)),
            Parameter("reg_lambda", 0.0, 1e6, tried=logs(0.1, 100.0)),
            Parameter("reg_alpha", 0.0, 1e6),
            Parameter("gamma", 0.0, 1e6),
            SEED,
        ),
        needs_scaling=False,
        takes_missing=True,
        starts=(
            {"learning_rate": 0.05, "max_depth": 3, "n_estimators": 150, "subsample": 0.5, "min_child_weight": 10.0},
            {"learning_rate": 0.05, "max_depth": 6, "n_estimators": 200, "subsample": 0.75},
        ),
    ),
    ModelType(
        name="svm",
        phrase="(svm|[support] vector (machine|machines|classifier|regression|regressor))",
        estimators={"regression": "sklearn.svm.SVR", "classification": "sklearn.svm.SVC"},
        seconds=svm_s,
        memory_bytes=svm_b,
        parameters=(
            INVERSE,
            Parameter("kernel", words=("rbf", "linear", "poly", "sigmoid")),
            Parameter("gamma", 1e-9, 1e6, words=("scale", "auto"), tried=logs(1e-4, 1.0)),
            Parameter("degree", 1, 10, is_whole=True),
            Parameter("coef0", -1e6, 1e6),
            Parameter("epsilon", 0.0, 1e6, task="regression", tried=logs(0.01, 0.5)),
            STEPS,
            TOLERANCE,
            Parameter("decision_function_shape", words=("ovr", "ovo"), task="classification"),
            WEIGHTS,
            Parameter("random_state", 0, 2**32 - 1, is_whole=True, task="classification"),
        ),
        scales_target=True,
        max_rows=20_000,
        starts=({}, {"C": 10.0, "gamma": 0.01}),
    ),
    ModelType(
        name="naive_bayes",
        phrase="[gaussian] naive bayes",
        estimators={"classification": "tools.ml.mixed_naive_bayes.MixedNaiveBayes"},
        plain={"classification": "sklearn.naive_bayes.GaussianNB"},
        seconds=copied_s,
        parameters=(Parameter("var_smoothing", 0.0, 1.0, tried=logs(1e-12, 0.1)),),
        starts=({},),
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
            Parameter("n_neighbors", 1, 1_000, is_whole=True, tried=logs(1, 50)),
            Parameter("weights", words=("uniform", "distance"), tried=some("uniform", "distance")),
            Parameter("p", 1.0, 10.0, tried=some(1.0, 2.0)),
            Parameter("metric", words=("minkowski", "euclidean", "manhattan", "chebyshev", "cosine")),
            Parameter("algorithm", words=("brute", "auto", "kd_tree", "ball_tree")),
        ),
        fixed={"n_jobs": -1},
        usual={"algorithm": "brute"},
        takes_weights=False,
        max_rows=50_000,
        starts=({"n_neighbors": 15, "weights": "distance"},),
    ),
    ModelType(
        name="mlp_regressor",
        gpu="torch",
        phrase="(mlp|neural network|neural net|multilayer perceptron) (regressor|regression)",
        estimators={"regression": "sklearn.neural_network.MLPRegressor"},
        seconds=network_s,
        parameters=OF_A_NETWORK,
        scales_target=True,
        starts=({"early_stopping": True},),
    ),
    ModelType(
        name="mlp_classifier",
        gpu="torch",
        phrase="(mlp|neural network|neural net|multilayer perceptron) (classifier|classification)",
        estimators={"classification": "sklearn.neural_network.MLPClassifier"},
        seconds=network_s,
        parameters=OF_A_NETWORK,
        starts=({"early_stopping": True},),
    ),
)

AUTO = ModelType(
    name="auto",
    phrase="(auto|automatic|automl|best|best possible)",
    estimators=dict.fromkeys(("regression", "classification"), ""),
    seconds=lambda size, settings: 0.0,
    takes_missing=True,
)
"""No type of its own: it is the best of some others, found by `search.py`."""
JOB_MODELS = (*MODEL_TYPES, AUTO)
"""What a job can name."""


def types_of(task: Task) -> tuple[ModelType, ...]:
    """Those that can do the task."""
    return tuple(model for model in MODEL_TYPES if task in model.estimators)


def find_model_type(name: str, task: Task) -> ModelType:
    """The model type of that name.

    Raises
    ------
    ValueError
        If there is none, or it cannot do the task; names those that can.
    """
    fitting = [model for model in JOB_MODELS if task in model.estimators]
    for model in fitting:
        if model.name == name:
            return model
    raise ValueError(f"no model {name!r} for {task}; there are {', '.join(model.name for model in fitting)}")


def expected_seconds(spec: TrainingSpec, n_rows: int) -> float:
    """What a training takes: the fit, and for the shuffles of each feature a twentieth of it."""
    model, n_features = find_model_type(spec.model, spec.task), len(spec.features)
    rows = min(n_rows, model.max_rows or n_rows)
    return model.seconds(Size(rows, n_features, spec.task), spec.values) * (1 + 0.05 * n_features)

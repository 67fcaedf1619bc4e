"""The parameters that several types of model have, by scikit-learn's names."""

from __future__ import annotations

from tools.ml.parameter import Parameter, logs, some

MAX_COUNT = 10_000
SEED = Parameter("random_state", 0, 2**32 - 1, is_whole=True)
"""The job's seed where it is not named."""
TOLERANCE = Parameter("tol", 1e-16, 1.0)
STEPS = Parameter("max_iter", 1, 1_000_000, is_whole=True)
INTERCEPT = Parameter("fit_intercept", is_flag=True)
POSITIVE = Parameter("positive", is_flag=True)
ALPHA = Parameter("alpha", 0.0, 1e6, tried=logs(1e-4, 1e4))
ABOVE_0 = Parameter("alpha", 1e-9, 1e6)
OF_A_DESCENT = (INTERCEPT, POSITIVE, STEPS, TOLERANCE, Parameter("selection", words=("cyclic", "random")), SEED)
INVERSE = Parameter("C", 1e-9, 1e9, tried=logs(1e-2, 1e3))
WEIGHTS = Parameter("class_weight", words=("balanced",), task="classification")
DEPTH = Parameter("max_depth", 1, 1_000, is_whole=True, tried=logs(2, 20))
LEAVES = Parameter("max_leaf_nodes", 2, 100_000, is_whole=True)
ROUNDS = Parameter("n_estimators", 1, 5_000, is_whole=True)
"""Of trees that are independent of each other: more of them do no harm, and a search tries no others."""
BOOSTED = Parameter("n_estimators", 1, 5_000, is_whole=True, tried=logs(50, 500))
OF_TREES = (
    DEPTH,
    Parameter("min_samples_leaf", 1e-6, 1.0, counts=MAX_COUNT, tried=some(1, 2, 3, 5, 10, 20, 50)),
    Parameter("min_samples_split", 1e-6, 1.0, counts=MAX_COUNT),
    LEAVES,
    Parameter(
        "max_features", 1e-6, 1.0, counts=MAX_COUNT, words=("sqrt", "log2"), tried=some("sqrt", 0.33, 0.5, 0.75, 1.0)
    ),
    Parameter("min_impurity_decrease", 0.0, 1e9),
    Parameter("ccp_alpha", 0.0, 1e9),
    SEED,
)
OF_FREE_TREES = (
    *OF_TREES,
    Parameter("criterion", words=("gini", "entropy", "log_loss"), task="classification"),
    Parameter("criterion", words=("squared_error", "absolute_error", "poisson"), task="regression"),
    WEIGHTS,
)
OF_A_NETWORK = (
    Parameter(
        "hidden_layer_sizes",
        1,
        1_000,
        is_whole=True,
        most=5,
        tried=some((32,), (64,), (100,), (200,), (64, 32), (100, 50)),
    ),
    Parameter("activation", words=("relu", "tanh", "logistic", "identity"), tried=some("relu", "tanh")),
    Parameter("solver", words=("adam", "lbfgs", "sgd")),
    Parameter("alpha", 0.0, 1e6, tried=logs(1e-5, 10.0)),
    Parameter("learning_rate_init", 1e-6, 1.0, tried=logs(3e-4, 1e-2)),
    Parameter("learning_rate", words=("constant", "invscaling", "adaptive")),
    Parameter("momentum", 0.0, 1.0),
    Parameter("batch_size", 1, 100_000, is_whole=True),
    Parameter("max_iter", 1, 10_000, is_whole=True),
    TOLERANCE,
    Parameter("n_iter_no_change", 1, 10_000, is_whole=True),
    Parameter("early_stopping", is_flag=True, tried=some(False, True)),
    Parameter("validation_fraction", 0.01, 0.9),
    SEED,
)

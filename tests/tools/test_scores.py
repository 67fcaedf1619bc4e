"""Scores on test rows and their intervals, beside scikit-learn's and a plain bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from tools.ml.conformal import conformal_margin
from tools.ml.score_intervals import score_intervals
from tools.ml.validation import score, score_classes


def bootstrap(measure: Callable[[Any, Any], float], y_true: Any, y_predicted: Any) -> Any:
    """The percentile bootstrap, one resample after the other."""
    rng = np.random.default_rng(1)
    draws = (rng.integers(0, len(y_true), len(y_true)) for _ in range(2_000))
    return np.quantile([measure(y_true[rows], y_predicted[rows]) for rows in draws], [0.025, 0.975])


def test_intervals_of_a_regression_are_those_of_a_plain_bootstrap() -> None:
    rng = np.random.default_rng(0)
    y_true = rng.normal(50, 10, 120)
    y_predicted = y_true + rng.normal(1, 5, 120)
    found = score_intervals("regression", y_true, y_predicted, 42)
    measures = {
        "r2": metrics.r2_score, "rmse": metrics.root_mean_squared_error, "mae": metrics.mean_absolute_error
    }  # fmt: skip
    for name, measure in measures.items():
        low, high = bootstrap(measure, y_true, y_predicted)
        assert found[name] == pytest.approx((low, high), abs=0.08 * (high - low))
    in_other_units = score_intervals("regression", y_true * 1e200, y_predicted * 1e200, 42)
    assert in_other_units["rmse"] == pytest.approx([bound * 1e200 for bound in found["rmse"]])
    assert in_other_units["r2"] == pytest.approx(found["r2"])


def test_intervals_of_a_classification_are_those_of_a_plain_bootstrap() -> None:
    rng = np.random.default_rng(2)
    y_true = rng.choice(["a", "b", "c"], 150, p=[0.6, 0.3, 0.1])
    y_predicted = np.where(rng.random(150) < 0.75, y_true, rng.choice(["a", "b", "c"], 150))
    found = score_intervals("classification", y_true, y_predicted, 42)
    measures: dict[str, Callable[[Any, Any], float]] = {
        "accuracy": metrics.accuracy_score,
        "balanced_accuracy": metrics.balanced_accuracy_score,
        "f1_macro": lambda true, predicted: float(metrics.f1_score(true, predicted, average="macro")),
    }
    for name, measure in measures.items():
        low, high = bootstrap(measure, y_true, y_predicted)
        assert found[name] == pytest.approx((low, high), abs=0.08 * (high - low))


def test_nine_test_rows_have_no_interval() -> None:
    y = np.arange(10.0)
    assert score_intervals("regression", y[:9], y[:9], 0) == {}
    assert score_intervals("regression", y, y, 0)["rmse"] == (0.0, 0.0)


def test_the_scores_of_a_regression_are_scikit_learns() -> None:
    rng = np.random.default_rng(3)
    y_true = rng.normal(5, 1, 40)
    y_predicted = y_true + rng.normal(size=40)
    found = score("regression", y_true, y_predicted)
    assert found["mse"] == pytest.approx(metrics.mean_squared_error(y_true, y_predicted))
    assert found["mape"] == pytest.approx(metrics.mean_absolute_percentage_error(y_true, y_predicted))
    assert score("regression", np.array([0.0, 1.0]), np.array([1.0, 1.0]))["mape"] is None


def test_the_scores_of_each_class_are_scikit_learns() -> None:
    y_true, y_predicted = np.array(["a", "a", "b", "b", "c"]), np.array(["a", "b", "b", "d", "a"])
    found = {name: line.model_dump() for name, line in score_classes(y_true, y_predicted).items()}
    report = metrics.classification_report(y_true, y_predicted, output_dict=True, zero_division=0)
    assert found == {
        name: {
            "precision": report[name]["precision"], "recall": report[name]["recall"],
            "f1": report[name]["f1-score"], "n": report[name]["support"],
        }
        for name in "abcd"
    }  # fmt: skip
    expected = report["macro avg"]["precision"]
    assert score("classification", y_true, y_predicted)["precision_macro"] == pytest.approx(expected)


@pytest.mark.parametrize(("n", "place"), [(8, None), (9, 9), (10, 10), (19, 18), (99, 90), (100, 91)])
def test_the_margin_is_the_quantile_of_the_theorem(n: int, place: int | None) -> None:
    errors = np.random.default_rng(n).permutation(np.arange(1.0, n + 1))
    assert conformal_margin(errors, np.zeros(n)) == place


def test_the_margin_holds_nine_of_ten_new_values() -> None:
    rng = np.random.default_rng(5)
    covered = []
    for _ in range(2_000):
        errors = rng.standard_t(3, size=30)
        margin = conformal_margin(errors, np.zeros(30))
        assert margin is not None
        covered.append(abs(rng.standard_t(3)) <= margin)
    # ceil(31 * 0.9) = 28 of 31 places: 0.9032; three standard errors of 2,000 trials are 0.02.
    assert np.mean(covered) == pytest.approx(28 / 31, abs=0.02)

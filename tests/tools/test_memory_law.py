"""What a training is said to take of memory, beside peaks that were measured (python -m evals.bench.memory)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.store.approvals import ApprovalTable
from evals.bench.memory import N_VALUES, spec_of
from runtime.session import Session
from tests.tools.conftest import told
from tools import ml

MB = 2**20
MEASURED = [
    ("linear_regression", "regression", 2_000, 313),
    ("linear_regression", "regression", 100_000, 633),
    ("ridge", "regression", 50_000, 633),
    ("ridge", "regression", 100_000, 805),
    ("lasso", "regression", 100_000, 579),
    ("polynomial_regression", "regression", 50_000, 510),
    ("logistic_regression", "classification", 100_000, 571),
    ("decision_tree", "classification", 100_000, 569),
    ("random_forest", "regression", 2_000, 336),
    ("random_forest", "regression", 20_000, 553),
    ("random_forest", "regression", 50_000, 862),
    ("random_forest", "classification", 50_000, 544),
    ("gradient_boosting", "regression", 100_000, 574),
    ("exact_gradient_boosting", "regression", 50_000, 467),
    ("xgboost", "classification", 50_000, 475),
    ("svm", "classification", 2_000, 309),
    ("naive_bayes", "classification", 50_000, 457),
    ("k_nearest_neighbors", "regression", 20_000, 420),
]
"""In MB, of trainings in a process of their own; 2026-11-28."""


def said(spec: ml.TrainingSpec, n: int, n_values: int = N_VALUES) -> int:
    return ml.training_bytes(spec, n, dict.fromkeys(spec.kinds, n_values))


@pytest.mark.parametrize(("model", "task", "n", "measured"), MEASURED)
def test_it_is_near_what_was_measured(model: str, task: str, n: int, measured: int) -> None:
    assert said(spec_of(model, task), n) / MB == pytest.approx(measured, rel=0.3)


def forest(**settings: Any) -> int:
    params = tuple(ml.ParameterValue(name=name, value=value) for name, value in settings.items())
    return said(spec_of("random_forest", "regression").model_copy(update={"params": params}), 1_000_000)


def test_a_forest_takes_what_its_nodes_take() -> None:
    whole = forest()
    assert whole > 10 * 2**30
    assert forest(n_estimators=400) > 3 * whole
    plain = said(spec_of("linear_regression", "regression"), 1_000_000)
    for small in ({"max_depth": 8}, {"max_leaf_nodes": 200}, {"min_samples_leaf": 5_000}, {"min_samples_leaf": 0.01}):
        assert plain <= forest(**small) < plain * 1.02


def test_a_category_takes_a_column_for_each_of_its_values_up_to_the_most() -> None:
    spec = spec_of("linear_regression", "regression")
    few, many, most, more = (said(spec, 100_000, n) for n in (2, 40, 50, 5_000))
    assert many - few == 100_000 * 8 * 3 * 4 * 38
    assert most == more
    codes = spec.model_copy(update={"preparation": ml.Preparation(encode="ordinal")})
    assert said(codes, 100_000, 40) < few


def test_auto_takes_what_the_largest_of_its_types_takes() -> None:
    auto = spec_of("linear_regression", "regression").model_copy(update={"model": "auto"})
    assert said(auto, 50_000) == said(spec_of("random_forest", "regression"), 50_000)


def test_a_quote_is_of_the_values_that_the_table_has(session: Session, tmp_path: Path) -> None:
    """Forty zones are forty columns, where nobody looks ten."""
    (tmp_path / "t.csv").write_text("zone,y\n" + "".join(f"zone {n % 40},{n}.5\n" for n in range(400)))
    told(session, "load_dataset", {"source": str(tmp_path / "t.csv")})
    job = {"kind": "training", "dataset": "t", "target": "y", "model": "ridge"}
    (line,) = told(session, "estimate_cost", {"job": job, "where": "local"})["quotes"]
    quote = ApprovalTable(session.program.database).quote(session.settings.owner, line["quote_id"])
    assert quote is not None
    spec = quote.job.training
    assert quote.job.memory_bytes == said(spec, 400, 40) > said(spec, 400, 10)

"""Naive Bayes of numbers and categories: scikit-learn's own on each kind alone, and their product on both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.naive_bayes import CategoricalNB, GaussianNB
from sklearn.preprocessing import OrdinalEncoder

from evals.world.home import PENGUINS
from tools.ml.mixed_naive_bayes import MixedNaiveBayes
from tools.ml.preprocessing import build_pipeline

TABLE = pd.read_csv(PENGUINS)
WHOLE = TABLE.dropna()
NUMBERS = ["bill_length_mm", "body_mass_g"]


def codes(words: pd.DataFrame) -> Any:
    return OrdinalEncoder().fit_transform(words.fillna("(missing)"))


def test_of_numbers_it_is_gaussian() -> None:
    X, y = WHOLE[NUMBERS].to_numpy(), WHOLE["species"].to_numpy()
    ours, theirs = MixedNaiveBayes(1e-3).fit(X, y), GaussianNB(var_smoothing=1e-3).fit(X, y)
    assert ours.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-12)
    assert (ours.predict(X) == theirs.predict(X)).all()


@pytest.mark.parametrize("weights", [None, np.arange(1.0, len(TABLE) + 1)])
def test_of_categories_it_is_categorical(weights: Any) -> None:
    kinds = {"island": "category", "sex": "category"}
    more = {} if weights is None else {"model__sample_weight": weights}
    ours = build_pipeline(kinds, MixedNaiveBayes()).fit(TABLE, TABLE["species"], **more)
    X = codes(TABLE[["island", "sex"]])
    theirs = CategoricalNB().fit(X, TABLE["species"], weights)
    assert ours.predict_proba(TABLE) == pytest.approx(theirs.predict_proba(X), abs=1e-12)


def test_of_both_it_is_their_product_and_a_column_of_two_values_is_a_category() -> None:
    y = WHOLE["species"].to_numpy()
    is_late = (WHOLE["year"] == 2009).to_numpy(dtype=float) * 3.5 - 1
    X = np.column_stack([WHOLE[NUMBERS], is_late, pd.get_dummies(WHOLE["island"]).to_numpy(dtype=float)])
    bell = GaussianNB().fit(X[:, :2], y)
    shares = CategoricalNB().fit(np.column_stack([is_late > 0, codes(WHOLE[["island"]])]), y)
    logs = [
        np.log(bell.predict_proba(X[:, :2])),
        np.log(shares.predict_proba(np.column_stack([is_late > 0, codes(WHOLE[["island"]])]))),
    ]
    joint = np.exp(logs[0] + logs[1] - np.log(bell.class_prior_))
    expected = joint / joint.sum(axis=1, keepdims=True)
    assert MixedNaiveBayes().fit(X, y).predict_proba(X) == pytest.approx(expected, abs=1e-9)


def test_a_value_that_training_never_saw_says_nothing() -> None:
    X = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    fitted = MixedNaiveBayes().fit(X, np.array(["u", "u", "v", "v"]))
    assert fitted.predict_proba(np.array([[0.0, 0.0]])) == pytest.approx(np.array([[0.5, 0.5]]))


def test_penguins_of_numbers_and_words_are_told_apart() -> None:
    """0.72 by GaussianNB on the one-hot columns."""
    names = [str(name) for name in TABLE if name != "species"]
    kinds = {name: "category" if name in ("island", "sex") else "number" for name in names}
    folds = StratifiedKFold(5, shuffle=True, random_state=1)
    scores = cross_val_score(build_pipeline(kinds, MixedNaiveBayes()), TABLE, TABLE["species"], cv=folds)
    assert scores.mean() > 0.96

"""Models on real data: what is fitted, kept, refused and predicted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from tools import ml
from tools.ml.curves import trace_curves
from tools.ml.estimators import make_estimator
from tools.ml.importance import rank_features
from tools.ml.model_files import LOG, MODEL, SIGNATURE, TRUSTED_TYPES, write_model
from tools.ml.preprocessing import build_pipeline, split_columns, to_words

DATA = Path(__file__).parents[2] / "evals" / "data"
KEY = b"of this installation"
WHOSE = ml.Whose("ann", "the_model", "job_1")
PENGUIN_FEATURES = (
    ml.Feature(name="bill_length_mm", kind="number"),
    ml.Feature(name="flipper_length_mm", kind="number"),
    ml.Feature(name="island", kind="category"),
    ml.Feature(name="sex", kind="category"),
)


@pytest.fixture(scope="module")
def penguins() -> pd.DataFrame:
    return pd.read_csv(DATA / "penguins.csv")


def spec(model: str, target: str = "species", task: ml.Task = "classification", **params: float) -> ml.TrainingSpec:
    values = tuple(ml.ParameterValue(name=name, value=value) for name, value in params.items())
    return ml.TrainingSpec(target=target, task=task, features=PENGUIN_FEATURES, model=model, params=values)


def fit(training: ml.TrainingSpec, frame: pd.DataFrame, folder: Path) -> Any:
    metadata = ml.fit_job(training, frame, "sha", folder, lambda sentence, fraction: None)
    ml.sign_model(folder, WHOSE, KEY)
    return metadata


ALL = [(model.name, task) for model in ml.MODEL_TYPES for task in model.estimators]


@pytest.mark.parametrize(("model", "task"), ALL)
def test_every_model_beats_its_baseline_and_comes_back_whole(
    model: str, task: ml.Task, penguins: pd.DataFrame, tmp_path: Path
) -> None:
    target = "species" if task == "classification" else "body_mass_g"
    metadata = fit(spec(model, target, task), penguins, tmp_path / "m")
    measure = "accuracy" if task == "classification" else "r2"
    assert metadata.metrics[measure] > metadata.baseline[measure] + 0.25
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == sorted([MODEL, SIGNATURE, LOG, "metadata.json"])
    pipeline, kept = ml.load_model(tmp_path / "m", WHOSE, KEY)
    assert kept.as_json() == json.loads(json.dumps(metadata.as_json()))
    told = ml.predict_table(pipeline, kept, penguins).table
    if task == "classification":
        assert list(told["prediction"]) == list(pipeline.predict(penguins))
    else:  # the threads of a forest add its trees up in the order in which they end
        assert told["prediction"].to_numpy() == pytest.approx(pipeline.predict(penguins), rel=1e-12)


@pytest.mark.parametrize("model", ["random_forest", "gradient_boosting"])
def test_the_same_seed_gives_the_same_model(model: str, penguins: pd.DataFrame, tmp_path: Path) -> None:
    first, second = (fit(spec(model), penguins, tmp_path / name) for name in ("a", "b"))
    assert first.metrics == second.metrics
    assert first.importance == second.importance


def test_the_curve_of_each_class_is_fawcetts() -> None:
    """Fawcett (2006), table 1 of An introduction to ROC analysis: twenty instances by their scores, area 0.68."""
    truth = np.array(list("ppnpppnnpnpnpnnnpnpn"))
    scores = [0.9, 0.8, 0.7, 0.6, 0.55, 0.54, 0.53, 0.52, 0.51, 0.505, 0.4, 0.39, 0.38, 0.37, 0.36, 0.35, 0.34, 0.33]
    p = np.array([*scores, 0.3, 0.1])
    others, events = trace_curves(truth, np.column_stack([1 - p, p]), ["n", "p"])
    assert (events.event, events.n_events, events.n) == ("p", 10, 20)
    assert [events.area, others.area] == pytest.approx([0.68, 0.68])
    assert list(zip(events.false, events.found, strict=True))[:4] == [(0, 0), (0, 0.1), (0, 0.2), (0.1, 0.2)]
    assert (events.false[-1], events.found[-1]) == (1, 1)
    # The precisions where an event is found: 1/1, 2/2, 3/4, 4/5, 5/6, 6/9, 7/11, 8/13, 9/17, 10/19.
    precisions = [1, 1, 3 / 4, 4 / 5, 5 / 6, 6 / 9, 7 / 11, 8 / 13, 9 / 17, 10 / 19]
    assert events.average_precision == pytest.approx(np.mean(precisions))


def test_a_class_without_test_rows_has_no_curve_and_a_long_curve_is_thinned() -> None:
    rng = np.random.default_rng(1)
    p = rng.random((5_000, 3))
    curves = trace_curves(rng.choice(["a", "b"], 5_000), p, ["a", "b", "c"])
    assert [curve.event for curve in curves] == ["a", "b"]
    assert {len(curve.found) for curve in curves} == {200}
    assert trace_curves(np.array(["a", "a"]), p[:2], ["a", "b", "c"]) == []


@pytest.mark.parametrize(("problem", "degree"), [("Norris", 1), ("Pontius", 2), ("Longley", 1), ("Filip", 10)])
def test_linear_regression_finds_the_certified_fit(problem: str, degree: int) -> None:
    """The catalogue's linear_regression in our pipeline, fitted on all rows, against NIST's certified R²."""
    frame = pd.read_csv(DATA / "nist" / f"lr_{problem}.csv").astype("float64")
    certified = json.loads((DATA / "nist" / "certified.json").read_text())[f"lr_{problem}"]["certified"]
    for power in range(2, degree + 1):
        frame[f"x{power}"] = frame["x"] ** power
    kinds = {name: "number" for name in frame.columns if name != "y"}
    model = ml.find_model_type("linear_regression", "regression")
    pipeline = build_pipeline(kinds, make_estimator(model, spec("linear_regression", "y", "regression"), {}))
    pipeline.fit(frame, frame["y"])
    assert pipeline.score(frame, frame["y"]) == pytest.approx(float(certified["r2"]), abs=1e-10)


def test_the_importance_of_a_column_is_twice_its_share_of_the_variance() -> None:
    """Of the true linear model the mean drop in r2 is 2 b² Var(x) / Var(y) (Gregorutti, Michel, Saint-Pierre 2017)."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"a": rng.normal(size=2_000), "b": rng.normal(size=2_000), "none": rng.normal(size=2_000)})
    y = (3 * frame["a"] + frame["b"]).to_numpy()
    pipeline = build_pipeline(dict.fromkeys("a b none".split(), "number"), LinearRegression()).fit(frame, y)
    importance = rank_features(pipeline, frame, y, "regression", seed=1)
    assert list(importance) == ["a", "b", "none"]
    assert list(importance.values()) == pytest.approx([2 * 9 / 10, 2 * 1 / 10, 0], abs=0.06)


def test_the_importance_is_what_scikit_learn_gives_by_itself(penguins: pd.DataFrame, tmp_path: Path) -> None:
    """A model of two numbers and no gaps, made anew of scikit-learn's parts alone; the 20 % that the seed 42 draws."""
    frame = penguins.dropna()
    names = ["flipper_length_mm", "bill_length_mm"]
    features = tuple(ml.Feature(name=name, kind="number") for name in names)
    job = ml.TrainingSpec(target="body_mass_g", task="regression", features=features, model="linear_regression")
    train, test = train_test_split(frame, test_size=0.2, random_state=42)
    test = test.iloc[np.random.default_rng(42).permutation(len(test))]
    theirs = make_pipeline(StandardScaler(), LinearRegression()).fit(train[names], train["body_mass_g"])
    found = permutation_importance(theirs, test[names], test["body_mass_g"], random_state=42)
    expected = dict(zip(names, found.importances_mean, strict=True))
    assert fit(job, frame, tmp_path / "m").importance == pytest.approx(expected, abs=1e-10)


def test_one_test_row_cannot_be_shuffled(penguins: pd.DataFrame) -> None:
    frame = penguins.dropna()[["bill_length_mm"]]
    y = frame["bill_length_mm"].to_numpy()
    pipeline = build_pipeline({"bill_length_mm": "number"}, LinearRegression()).fit(frame, y)
    assert rank_features(pipeline, frame.head(1), y[:1], "regression", seed=1) == {"bill_length_mm": 0.0}


def test_a_saved_model_takes_the_table_as_it_is_stored(penguins: pd.DataFrame, tmp_path: Path) -> None:
    metadata = fit(spec("random_forest"), penguins, tmp_path / "m")
    alone = skops.io.load(tmp_path / "m" / MODEL, trusted=TRUSTED_TYPES)
    told = ml.predict_table(alone, metadata, penguins).table
    assert list(alone.predict(penguins)) == list(told["prediction"])
    assert list(alone.predict_proba(penguins).max(axis=1)) == list(told["probability"])


def test_a_model_that_an_earlier_version_saved_still_predicts(penguins: pd.DataFrame, tmp_path: Path) -> None:
    """Until November 2026 a saved model began at "prepare", and the program split the columns before it."""
    metadata = fit(spec("random_forest"), penguins, tmp_path / "new")
    pipeline, _ = ml.load_model(tmp_path / "new", WHOSE, KEY)
    write_model(tmp_path / "old", Pipeline(pipeline.steps[1:]), metadata, [])
    ml.sign_model(tmp_path / "old", WHOSE, KEY)
    earlier, kept = ml.load_model(tmp_path / "old", WHOSE, KEY)
    pd.testing.assert_frame_equal(
        ml.predict_table(earlier, kept, penguins).table, ml.predict_table(pipeline, metadata, penguins).table
    )


def test_a_model_that_was_changed_is_not_loaded(penguins: pd.DataFrame, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    fit(spec("logistic_regression"), penguins, folder)
    (folder / "metadata.json").write_text((folder / "metadata.json").read_text() + " ")
    with pytest.raises(ml.ModelFileError, match="was changed after it was trained"):
        ml.load_model(folder, WHOSE, KEY)
    (folder / MODEL).unlink()
    with pytest.raises(ml.ModelFileError, match="is not whole"):
        ml.load_model(folder, WHOSE, KEY)


def test_a_model_of_another_installation_is_not_loaded(penguins: pd.DataFrame, tmp_path: Path) -> None:
    fit(spec("logistic_regression"), penguins, tmp_path / "m")
    with pytest.raises(ml.ModelFileError, match="was changed"):
        ml.load_model(tmp_path / "m", WHOSE, b"another key")


def test_a_table_that_does_not_fit_the_schema_is_refused(penguins: pd.DataFrame, tmp_path: Path) -> None:
    fit(spec("logistic_regression"), penguins, tmp_path / "m")
    pipeline, metadata = ml.load_model(tmp_path / "m", WHOSE, KEY)
    with pytest.raises(ValueError, match="the table lacks 'sex'"):
        ml.predict_table(pipeline, metadata, penguins.drop(columns="sex"))
    with pytest.raises(ValueError, match="'bill_length_mm' must hold numbers"):
        ml.predict_table(pipeline, metadata, penguins.assign(bill_length_mm="long"))
    with pytest.raises(ValueError, match="no rows"):
        ml.predict_table(pipeline, metadata, penguins.head(0))


def test_what_training_never_saw_is_predicted_with_a_warning(penguins: pd.DataFrame, tmp_path: Path) -> None:
    fit(spec("random_forest"), penguins, tmp_path / "m")
    pipeline, metadata = ml.load_model(tmp_path / "m", WHOSE, KEY)
    rows = penguins.head(3).assign(
        island=pd.Series(["Mars", "Biscoe", None], dtype="object"), bill_length_mm=[500.0, 40.0, 41.0]
    )
    found = ml.predict_table(pipeline, metadata, rows).warnings
    assert [warned.code for warned in found] == ["outside_range", "unseen_values", "missing_values"]
    warnings = [warned.words for warned in found]
    assert "'island': 1 row has a value that training never saw ('Mars')" in warnings
    assert "'island': 1 row has no value; the usual one was put in" in warnings
    assert any("'bill_length_mm': 1 row is outside the range" in warning for warning in warnings)


def test_a_prediction_of_a_number_has_its_bounds(penguins: pd.DataFrame, tmp_path: Path) -> None:
    metadata = fit(spec("ridge", "body_mass_g", "regression"), penguins, tmp_path / "m")
    pipeline, told = ml.load_model(tmp_path / "m", WHOSE, KEY)
    table = ml.predict_table(pipeline, told, penguins).table
    margin = metadata.margin
    assert list(table["prediction_high"] - table["prediction"]) == pytest.approx([margin] * 344)
    labelled = penguins[penguins["body_mass_g"].notna()]
    _, test = train_test_split(labelled, test_size=0.2, random_state=42)
    bounds = table.loc[test.index]
    inside = (bounds["prediction_low"] <= test["body_mass_g"]) & (test["body_mass_g"] <= bounds["prediction_high"])
    assert int(inside.sum()) == 63  # ceil(70 * 0.9) of the 69 rows that the margin is from


def test_each_class_has_its_probability_where_that_is_asked(penguins: pd.DataFrame, tmp_path: Path) -> None:
    fit(spec("logistic_regression"), penguins, tmp_path / "m")
    pipeline, told = ml.load_model(tmp_path / "m", WHOSE, KEY)
    given = penguins.assign(probability_Adelie="mine")
    table = ml.predict_table(pipeline, told, given, each_class=True).table
    names = [f"probability_{name}" for name in ("Adelie", "Chinstrap", "Gentoo")]
    assert list(table.columns[-5:]) == ["prediction", "probability", *names]
    assert table[names].to_numpy() == pytest.approx(pipeline.predict_proba(penguins))
    assert set(table["probability_Adelie_given"]) == {"mine"}
    assert "prediction_low" not in table
    fit(spec("svm"), penguins, tmp_path / "s")
    margins, told = ml.load_model(tmp_path / "s", WHOSE, KEY)
    assert "probability" not in ml.predict_table(margins, told, penguins).table
    with pytest.raises(ValueError, match="gives no probabilities"):
        ml.predict_table(margins, told, penguins, each_class=True)


def test_a_category_is_the_same_word_with_and_without_gaps() -> None:
    whole, with_gap = pd.Series([1, 2]), pd.Series([1, 2, None])
    assert list(to_words(whole)) == ["1", "2"]
    assert list(to_words(with_gap)) == ["1", "2", "(missing)"]
    assert list(to_words(pd.Series([True, None], dtype="object"))) == ["true", "(missing)"]


@pytest.mark.parametrize("dtype", ["int64", "float32", "float64", "Int64", "Float64", "bool", "boolean", "object"])
def test_a_number_is_a_float_however_pandas_holds_it(dtype: str) -> None:
    gaps = [] if dtype in ("int64", "bool") else [None]
    kind: Any = dtype  # the stubs take each name by itself
    frame = pd.DataFrame({"x": pd.Series([1, 0, 1, *gaps], dtype="object").astype(kind)})
    found = split_columns(frame, {"x": "number"})["x"]
    assert found.dtype == np.float64
    assert found.tolist()[:3] == [1.0, 0.0, 1.0]
    assert found.isna().tolist() == [False] * 3 + [True] * len(gaps)


def test_a_date_becomes_six_numbers_and_a_gap_stays_a_gap() -> None:
    frame = pd.DataFrame({"d": pd.Series([pd.Timestamp("2020-01-06 12:00"), pd.NaT])})
    parts = split_columns(frame, {"d": "date"})
    assert list(parts.iloc[0]) == [2020, 1, 6, 0, 12, 18267.5]
    assert bool(parts.iloc[1].isna().all())


@pytest.mark.parametrize(
    ("model", "task", "params", "sentence"),
    [
        ("forest", "regression", {}, "no model 'forest' for regression; there are linear_regression, ridge"),
        ("ridge", "classification", {}, "no model 'ridge' for classification"),
        ("ridge", "regression", {"alfa": 1.0}, "ridge has no parameter 'alfa'; it has alpha"),
        ("ridge", "regression", {"alpha": -1.0}, "alpha must be a number from 0 to 1e\\+06, got -1"),
        ("random_forest", "regression", {"n_estimators": 2.5}, "n_estimators must be a whole number"),
    ],
)
def test_an_unknown_model_or_parameter_is_named(
    model: str, task: ml.Task, params: dict[str, float], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        ml.check_parameters(ml.find_model_type(model, task), task, params)


def test_a_target_that_cannot_be_learned_is_refused(penguins: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="only 5 rows have a value of 'species'"):
        fit(spec("random_forest"), penguins.head(5), tmp_path / "m")
    with pytest.raises(ValueError, match="one value only"):
        fit(spec("random_forest"), penguins.head(50), tmp_path / "m")
    with pytest.raises(ValueError, match="is constant"):
        fit(spec("ridge", "c", "regression"), penguins.assign(c=1.0), tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_rows_without_a_target_are_left_out_and_counted(penguins: pd.DataFrame, tmp_path: Path) -> None:
    metadata = fit(spec("ridge", "body_mass_g", "regression"), penguins, tmp_path / "m")
    assert (metadata.rows.train, metadata.rows.test, metadata.rows.without_target) == (273, 69, 2)
    assert metadata.warnings == ("2 rows without a value of 'body_mass_g' are left out",)
    assert metadata.warning_codes == ("without_target",)


def facts(name: str, kind: str, distinct: int, missing: int = 0) -> ml.ColumnFacts:
    return ml.ColumnFacts(name, kind, missing, distinct)


def test_the_schema_of_a_table_is_found_by_name_type_and_counts() -> None:
    columns = [
        facts("id", "integer", 100),
        facts("species", "text", 3),
        facts("mass", "number", 90),
        facts("comment", "text", 99),
        facts("same", "integer", 1),
        facts("empty", "text", 0, 100),
        facts("when", "date", 50),
        facts("alive", "boolean", 2),
        facts("legs", "integer", 3),
    ]
    schema = ml.detect(columns, 100)
    assert (schema.target, schema.task, schema.problem) == ("species", "classification", "multiclass")
    assert schema.confidence + sum(share for _, share in schema.candidates) < 1
    assert {name for name, _ in schema.dropped} == {"id", "comment", "same", "empty"}
    assert {feature.name: feature.kind for feature in schema.features} == {
        "mass": "number",
        "when": "date",
        "alive": "boolean",
        "legs": "number",
    }
    assert {name: kind for name, (kind, _) in schema.kinds.items()} == {
        "id": "id",
        "species": "category",
        "mass": "number",
        "comment": "text",
        "same": "constant",
        "empty": "constant",
        "when": "date",
        "alive": "category",
        "legs": "number",
    }
    assert len(schema.candidates) == 2


def test_a_named_target_is_certain_and_an_impossible_one_is_refused() -> None:
    columns = [
        facts("mass", "number", 90),
        facts("when", "date", 50),
        facts("one", "integer", 1),
        facts("w", "text", 80),
    ]
    assert (ml.detect(columns, 100, "mass").task, ml.detect(columns, 100, "mass").confidence) == ("regression", 1.0)
    for target, sentence in {"when": "holds date", "one": "has 1 values", "w": "too many classes"}.items():
        with pytest.raises(ValueError, match=sentence):
            ml.detect(columns, 100, target)
    with pytest.raises(ValueError, match="no column can be predicted"):
        ml.detect([facts("one", "integer", 1)], 100)


def test_predictions_are_summed_up() -> None:
    classes, numbers = ml.ClassesSoFar(), ml.NumbersSoFar()
    for words in (["b", "a"], ["b"]):
        classes.add(np.array(words))
    numbers.add(np.array([1.0]))
    assert numbers.told() == ml.NumbersPredicted(1.0, 1.0, 1.0, None)
    numbers.add(np.array([3.0]))
    assert classes.told() == ml.ClassesPredicted({"a": 1, "b": 2})
    assert numbers.told() == ml.NumbersPredicted(2.0, 1.0, 3.0, 2**0.5)


def test_a_sum_in_parts_keeps_its_digits_at_an_offset() -> None:
    """numpy on the whole, of values whose squares would lose twelve digits without a shift."""
    values = 1e9 + np.random.default_rng(3).normal(size=10_001)
    numbers = ml.NumbersSoFar()
    for start in range(0, len(values), 37):
        numbers.add(values[start : start + 37])
    told = numbers.told()
    assert told.mean == pytest.approx(np.mean(values), rel=1e-15)
    assert told.sd == pytest.approx(values.std(ddof=1), rel=1e-9)


@pytest.mark.parametrize("model", ["random_forest", "gradient_boosting", "lasso", "ridge", "linear_regression"])
def test_every_regression_is_the_same_in_any_unit(model: str, tmp_path: Path) -> None:
    """A tree takes a variance below 2.2e-16, and a distance in x below 1e-7, for none; the units are not the tree's."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=400)})
    frame = frame.assign(y=frame["x"] + rng.normal(0, 0.1, 400))
    job = ml.TrainingSpec(target="y", task="regression", features=(ml.Feature(name="x", kind="number"),), model=model)
    one, tiny = (fit(job, frame * unit, tmp_path / str(unit)) for unit in (1.0, 1e-9))
    assert one.metrics["r2"] > 0.95
    assert tiny.metrics["r2"] == pytest.approx(one.metrics["r2"], abs=0.002)
    assert tiny.metrics["rmse"] == pytest.approx(one.metrics["rmse"] * 1e-9, rel=0.02)


def test_values_beyond_the_fifty_most_frequent_are_pooled_and_that_is_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"town": [f"t{place}" for place in range(60)] * 10, "y": rng.normal(size=600)})
    frame = frame.assign(y=frame["y"] + frame["town"].str.len() * 9, few=frame["town"].str[:2])
    features = (ml.Feature(name="town", kind="category"), ml.Feature(name="few", kind="category"))
    job = ml.TrainingSpec(target="y", task="regression", features=features, model="ridge")
    assert fit(job, frame, tmp_path / "m").warnings == ("'town': its 11 rarest values are not told apart",)

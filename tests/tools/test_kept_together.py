"""Splits that keep groups and times together: the rows, the scores and the refusals, beside scikit-learn's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import GroupKFold, GroupShuffleSplit, TimeSeriesSplit, cross_val_score, train_test_split

from agent.events import Ask
from agent.offline import OfflineModel
from evals.world.home import build_in
from evals.world.talk import Talk
from runtime.session import Session
from tests.tools.conftest import told
from tools import ml
from tools.errors import ToolError
from tools.ml.against_baseline import compare_with_baseline
from tools.ml.counting import Counting
from tools.ml.score_intervals import score_intervals

FOLDS = ml.CrossValidation(folds=4)


def visits(n_customers: int = 60, seed: int = 5) -> pd.DataFrame:
    """Several rows of each customer, alike in x and y beyond what x says of y; days in no order, some shared."""
    rng = np.random.default_rng(seed)
    customer = np.repeat(np.arange(n_customers) * 7 + 3, rng.integers(2, 9, n_customers))
    customer = rng.permutation(customer)
    own = rng.normal(size=customer.max() + 1)[customer]
    x = own + 0.1 * rng.normal(size=len(customer))
    y = 2 * x + rng.normal(size=customer.max() + 1)[customer] * 3 + rng.normal(size=len(customer))
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, len(customer)), unit="D")
    return pd.DataFrame({"customer": customer, "day": day, "x": x, "y": y, "kind": np.where(y > 0, "up", "down")})


def spec_of(target: str = "y", model: str = "linear_regression", **more: Any) -> ml.TrainingSpec:
    task: ml.Task = "classification" if target == "kind" else "regression"
    features = (ml.Feature(name="x", kind="number"),)
    given: dict[str, Any] = {"defaults": "scikit_learn", "test_size": 0.25, "seed": 11} | more
    return ml.TrainingSpec(target=target, task=task, features=features, model=model, **given)


def fit(spec: ml.TrainingSpec, frame: pd.DataFrame, folder: Path) -> Any:
    return ml.fit_job(spec, frame, "sha", folder / "m", lambda sentence, fraction: None)


def test_groups_are_parted_and_folded_as_scikit_learn_does_it(tmp_path: Path) -> None:
    frame = visits()
    X, y, groups = frame[["x"]], frame["y"].to_numpy(), frame["customer"].to_numpy()
    train, test = next(GroupShuffleSplit(1, test_size=0.25, random_state=11).split(X, y, groups))
    plain = LinearRegression().fit(X.iloc[train], y[train])
    found = fit(spec_of(groups="customer", cv=FOLDS), frame, tmp_path)
    assert found.metrics["r2"] == pytest.approx(r2_score(y[test], plain.predict(X.iloc[test])), abs=1e-12)
    assert (found.rows.train, found.rows.test) == (len(train), len(test))
    theirs = cross_val_score(LinearRegression(), X, y, groups=groups, cv=GroupKFold(4), scoring="r2")
    assert found.cross_validated.scores["r2"].folds == pytest.approx(theirs, abs=1e-12)
    assert found.cross_validated.parts == "groups"
    shuffled = spec_of(groups="customer", cv=FOLDS.model_copy(update={"shuffle": True}))
    theirs = cross_val_score(
        LinearRegression(), X, y, groups=groups, cv=GroupKFold(4, shuffle=True, random_state=11), scoring="r2"
    )
    assert fit(shuffled, frame, tmp_path / "s").cross_validated.scores["r2"].folds == pytest.approx(theirs, abs=1e-12)


def test_the_past_is_trained_on_and_expanding_windows_are_scikit_learns(tmp_path: Path) -> None:
    """Of times all different the split is train_test_split's of the sorted table, the folds TimeSeriesSplit's."""
    frame = visits()
    frame["when"] = np.random.default_rng(1).permutation(len(frame)) * 1.5
    ordered = frame.sort_values("when")
    forest = RandomForestClassifier(15, random_state=11)
    spec = spec_of(
        "kind", "random_forest", time="when", cv=FOLDS, params=(ml.ParameterValue(name="n_estimators", value=15),)
    )
    found = fit(spec, frame, tmp_path)
    X, y = ordered[["x"]], ordered["kind"].to_numpy().astype(str)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, shuffle=False)
    assert found.metrics["accuracy"] == forest.fit(X_train.to_numpy(), y_train).score(X_test.to_numpy(), y_test)
    theirs = cross_val_score(forest, X.to_numpy(), y, cv=TimeSeriesSplit(4), scoring="accuracy")
    folded = found.cross_validated
    assert folded.scores["accuracy"].folds == pytest.approx(theirs, abs=1e-12)
    assert (folded.parts, folded.interval, folded.scores["accuracy"].low) == ("times", "none", None)
    assert found.stratified is False


def test_rows_of_one_day_stay_together_in_split_and_folds(tmp_path: Path) -> None:
    frame = visits()
    found = fit(spec_of(time="day", cv=FOLDS), frame, tmp_path)
    days = np.sort(frame["day"].to_numpy())
    first = days[len(days) - int(np.ceil(0.25 * len(days)))]
    is_later = (frame["day"] >= first).to_numpy()
    assert days[: (~is_later).sum()][-1] < first == days[(~is_later).sum()]
    plain = LinearRegression().fit(frame.loc[~is_later, ["x"]], frame.loc[~is_later, "y"])
    theirs = r2_score(frame.loc[is_later, "y"], plain.predict(frame.loc[is_later, ["x"]]))
    assert found.metrics["r2"] == pytest.approx(theirs, abs=1e-12)
    each = np.unique(days)
    for score, (past, later) in zip(
        found.cross_validated.scores["r2"].folds, TimeSeriesSplit(4).split(each), strict=True
    ):
        known, new = frame[frame["day"].isin(each[past])], frame[frame["day"].isin(each[later])]
        plain = LinearRegression().fit(known[["x"]], known["y"])
        assert score == pytest.approx(r2_score(new["y"], plain.predict(new[["x"]])), abs=1e-12)


def test_the_tables_own_order_is_an_order_of_time(tmp_path: Path) -> None:
    frame = visits()
    by_row, unshuffled = (
        fit(spec_of(**part), frame, tmp_path / name)
        for name, part in (("r", {"time": "_row"}), ("u", {"shuffle": False}))
    )
    assert by_row.metrics == unshuffled.metrics


def test_few_times_leave_an_earlier_part(tmp_path: Path) -> None:
    """Half of the rows are of the first of two years: the later year is tested on, however large; said where uneven."""
    frame = visits()
    frame["year"] = np.where(np.arange(len(frame)) % 10 < 2, 2023, 2024)
    found = fit(spec_of(time="year"), frame, tmp_path)
    assert found.rows.train == int((frame["year"] == 2023).sum())
    assert "uneven_parts" in found.warning_codes
    with pytest.raises(ValueError, match="need at least 5 different times; there are 2"):
        fit(spec_of(time="year", cv=FOLDS), frame, tmp_path / "cv")
    with pytest.raises(ValueError, match="all rows are of one time"):
        fit(spec_of(time="year"), frame.assign(year=2024), tmp_path / "one")


def test_rows_without_a_group_or_time_are_left_out_and_said(tmp_path: Path) -> None:
    frame = visits()
    frame["day"] = frame["day"].where(frame.index % 9 > 0)
    found = fit(spec_of(time="day"), frame, tmp_path)
    assert found.rows.train + found.rows.test == int(frame["day"].notna().sum())
    assert "without_place" in found.warning_codes


def test_past_rows_of_one_class_are_refused(tmp_path: Path) -> None:
    frame = visits().sort_values("y", ignore_index=True)
    with pytest.raises(ValueError, match="training rows have one value of 'kind' only"):
        fit(spec_of("kind", "naive_bayes", time="_row", test_size=0.6), frame, tmp_path)


def test_an_interval_of_alike_rows_is_that_of_their_groups() -> None:
    """Ten copies of each of 40 errors know as much as the 40: the interval is the same, where rows alone narrow it."""
    rng = np.random.default_rng(3)
    y_true, y_predicted = rng.normal(size=40), np.zeros(40)
    once = score_intervals("regression", y_true, y_predicted, 0)
    copied, zeros, groups = np.tile(y_true, 10), np.zeros(400), np.tile(np.arange(40), 10)
    grouped = score_intervals("regression", copied, zeros, 0, Counting(groups))
    assert grouped["rmse"] == pytest.approx(once["rmse"], rel=1e-12)
    low, high = score_intervals("regression", copied, zeros, 0)["rmse"]
    assert high - low < 0.5 * (once["rmse"][1] - once["rmse"][0])
    assert score_intervals("regression", copied, zeros, 0, Counting(groups % 9)) == {}


def test_an_interval_of_classes_in_groups_holds_the_truth() -> None:
    """Groups of ten rows that are all right or all wrong, by halves: of 300 tables 95 % intervals hold 0.5 in most."""
    held = plain = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        y_true, groups = np.tile(["a", "b"], 200), np.repeat(np.arange(40), 10)
        is_right = np.repeat(rng.random(40) < 0.5, 10)
        predicted = np.where(is_right, y_true, np.where(y_true == "a", "b", "a"))
        low, high = score_intervals("classification", y_true, predicted, 0, Counting(groups))["accuracy"]
        held += low <= 0.5 <= high
        low, high = score_intervals("classification", y_true, predicted, 0)["accuracy"]
        plain += low <= 0.5 <= high
    assert held > 0.9 * 300
    assert plain < 0.7 * 300


def test_alike_rows_do_not_make_a_model_better_beyond_chance() -> None:
    """Gains of 1, 2, 3, 4 and -1 prove nothing by rows (p 0.054), and no more when each is there a hundred times."""
    gains = np.array([1.0, 2.0, 3.0, 4.0, -1.0])
    truth, always = np.zeros(500), np.full(500, np.sqrt(5.0))
    predicted = np.tile(np.sqrt(5.0 - gains), 100)
    assert compare_with_baseline("regression", truth, predicted, always) == "better"
    groups = Counting(np.tile(np.arange(5), 100))
    assert compare_with_baseline("regression", truth, predicted, always, groups) == "within_chance"


def test_a_penalty_and_strata_go_on_without_groups(tmp_path: Path) -> None:
    """Nothing of a job that names neither changes: the folds are still strata's."""
    frame = visits()
    spec = spec_of("kind", "logistic_regression", defaults="usual", cv=FOLDS)
    found = fit(spec, frame, tmp_path)
    assert found.stratified
    assert (found.cross_validated.parts, found.cross_validated.stratified) == ("rows", True)


@pytest.fixture
def customers(session: Session, tmp_path: Path) -> Session:
    frame = visits()
    frame.assign(day=frame["day"].dt.strftime("%Y-%m-%d"), visit=range(len(frame))).to_csv(
        tmp_path / "visits.csv", index=False
    )
    told(session, "load_dataset", {"source": str(tmp_path / "visits.csv")})
    return session


def job(**more: Any) -> dict[str, Any]:
    return {"job": {"kind": "training", "dataset": "visits", "target": "y", "model": "ridge", **more}}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"groups": "custmer"}, "no column 'custmer'"),
        ({"groups": "visit"}, "groups: every value of 'visit' is different"),
        ({"groups": "y"}, "groups: "),
        ({"groups": "customer", "features": ["customer", "x"]}, "groups: 'customer' is a feature too"),
        ({"groups": "customer", "time": "day"}, "groups and time: rows are parted by one of them"),
        ({"groups": "customer", "shuffle": False}, "shuffle: groups are drawn by the seed"),
        ({"time": "kind"}, "time: 'kind' holds text such as"),
        ({"time": "kind"}, "that has no earlier and no later; dates in 'visits': 'day'"),
        ({"time": "month"}, "time: no column 'month' in 'visits'"),
        ({"time": "day", "cv": {"folds": 3, "shuffle": True}}, "cv: in the order of time nothing is shuffled"),
        (
            {"time": "day", "target": "kind", "model": "naive_bayes", "stratify": True},
            "stratify: classes cannot keep their shares where rows are parted by time",
        ),
    ],
)
def test_what_cannot_be_kept_together_is_refused_by_its_word(
    customers: Session, more: dict[str, Any], why: str
) -> None:
    with pytest.raises(ToolError) as refused:
        told(customers, "estimate_cost", job(**more))
    assert why in str(refused.value)


def test_groups_are_no_feature_of_their_own_accord(customers: Session) -> None:
    (quote,) = told(customers, "estimate_cost", job(groups="CUSTOMER"))["quotes"]
    assert "customer" not in [name for names in quote["kinds"].values() for name in names]


@pytest.mark.parametrize(
    ("sentence", "lines"),
    [
        (
            "split by customer",
            ['  groups     "customer"', "             no value of it is both in training and test rows"],
        ),
        ("keeping each customer together", ['  groups     "customer"']),
        ("train on the past", ['  order      "day"', "             trained on the earlier rows, tested on the later"]),
        ("training on the past and testing on the future", ['  order      "day"']),
        ("in the order of visit", ['  order      "visit"']),
        ("split by day", ['  order      "day"']),
    ],
)
def test_a_sentence_says_how_rows_are_parted_and_the_card_repeats_it(
    customers: Session, tmp_path: Path, sentence: str, lines: list[str]
) -> None:
    talk = Talk(build_in(tmp_path / "talk", model=OfflineModel()))
    talk.say(f"load {tmp_path / 'visits.csv'}")
    talk.say(f"train a ridge model to predict y from x, {sentence}")
    shown = talk.asked().card.splitlines()
    talk.session.program.close()
    assert [line for line in lines if line not in shown] == []


def test_the_past_of_a_table_without_dates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{n},{n * n}\n" for n in range(30)))
    talk = Talk(build_in(tmp_path / "talk", model=OfflineModel()))
    talk.say(f"load {tmp_path / 't.csv'}")
    talk.say("train a ridge model to predict b, train on the past")
    assert talk.results("launch_training") == []
    assert not [event for event in talk.events if isinstance(event, Ask)]
    talk.session.program.close()


def test_models_whose_rows_are_kept_together_are_compared_on_their_test_rows(
    customers: Session, tmp_path: Path
) -> None:
    talk = Talk(build_in(tmp_path / "talk", model=OfflineModel()))
    talk.say(f"load {tmp_path / 'visits.csv'}")
    for how in ("split by customer", "train on the past"):
        for model in ("ridge", "decision tree"):
            talk.say(f"train a {model} to predict y from x, {how}")
            talk.answer(yes=True)
            told(talk.session, "poll_job", {"job_id": talk.results("launch_training")[-1]["job_id"], "wait_s": 90})
        models = [one["model"] for one in told(talk.session, "list_models", {})["models"][:2]]
        found = told(talk.session, "compare_models", {"models": models})
        assert found["rows"] == "common_test_rows"
        assert ("dependent_rows" in found.get("warning_codes", [])) is (how == "split by customer")
        listed = told(talk.session, "list_models", {"model": models[0]})["models"][0]
        assert found["n"] == listed["test_rows"]
    talk.session.program.close()

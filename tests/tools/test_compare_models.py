"""compare_models: against statsmodels, scipy, and brute force; on rows that no model was trained on, or not at all."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats
from sklearn.metrics import f1_score, r2_score, recall_score, root_mean_squared_error
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from adapters.model.scripted import ScriptedModel, Step, call, say
from adapters.records import Dataset, JsonValue
from evals.world.home import PENGUINS, build_in, used_home
from evals.world.programs import Programs
from evals.world.talk import Talk, training
from runtime.confirmation import Confirmation
from runtime.session import Session
from tests.runtime.test_export import results_of, run_script, same
from tools import find_tool
from tools.compare_models.differences import Asked, differences
from tools.compare_models.result import ComparedModels
from tools.compare_models.rows import Rows
from tools.compare_models.saying import sentence
from tools.errors import ToolError
from tools.held_out import Tables
from tools.ml.validation import score
from tools.results import MadeCall
from tools.stats.paired_areas import paired_area_difference
from tools.stats.paired_proportions import paired_share_interval

Ask = Callable[..., Any]


def ask_of(session: Session) -> Ask:
    def ask(tool: str, **arguments: Any) -> Any:
        yes = Confirmation(arguments["quote_id"], Decimal(0)) if "quote_id" in arguments else None
        return session.call_tool(tool, json.dumps(arguments), yes).content

    return ask


def train(ask: Ask, model: str, target: str, dataset: str = "penguins", **more: Any) -> str:
    job = {"kind": "training", "dataset": dataset, "target": target, "model": model, **more}
    launched = ask("launch_training", quote_id=ask("estimate_cost", job=job)["quotes"][0]["quote_id"])
    done = ask("poll_job", job_id=launched["job_id"], wait_s=60)
    assert done["state"] == "succeeded"
    return str(done["model"])


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """The penguins; their sex by three types of model, their mass by two, one of them with another seed too."""
    session = build_in(tmp_path_factory.mktemp("compare") / "home")
    ask = ask_of(session)
    ask("load_dataset", source=str(PENGUINS))
    for model in ("logistic_regression", "random_forest", "naive_bayes"):
        train(ask, model, "sex")
    for model in ("ridge", "decision_tree"):
        train(ask, model, "body_mass_g")
    yield session
    session.program.close()


@pytest.fixture
def ask(session: Session) -> Ask:
    return ask_of(session)


def test_tangos_interval_is_the_published_one() -> None:
    """Fagerland, Lydersen, Laake (2014), airway hyper-responsiveness: 1 and 7 of 21 discordant, -0.517 to -0.026."""
    low, high = paired_share_interval(1, 7, 21)
    assert (round(low, 3), round(high, 3)) == (-0.517, -0.026)


@pytest.mark.parametrize(
    ("gained", "lost", "n"), [(5, 2, 30), (0, 0, 12), (9, 0, 40), (3, 3, 6), (1, 0, 1), (40, 25, 900)]
)
def test_the_ends_of_the_interval_are_where_the_likelihood_of_the_difference_leaves_them(
    gained: int, lost: int, n: int
) -> None:
    """The score test by brute force: the variance at the constrained maximum of the likelihood, found by search."""

    def statistic(difference: float) -> float:
        def loss(share: float) -> float:
            shares = (share + difference, share, 1 - 2 * share - difference)
            counts = (gained, lost, n - gained - lost)
            return -sum(count * math.log(max(part, 1e-300)) for count, part in zip(counts, shares, strict=True))

        bounds = (max(0.0, -difference), (1 - difference) / 2)
        share = optimize.minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-13}).x
        variance = n * (2 * share + difference - difference**2)
        return float((gained - lost - n * difference) / math.sqrt(variance))

    low, high = paired_share_interval(gained, lost, n, 0.9)
    z = stats.norm.ppf(0.95)
    assert low == -1 or statistic(low) == pytest.approx(z, abs=2e-3)
    assert high == 1 or statistic(high) == pytest.approx(-z, abs=2e-3)
    assert paired_share_interval(lost, gained, n, 0.9) == pytest.approx((-high, -low), abs=1e-9)


def test_delongs_error_is_that_of_all_pairs_counted_one_by_one() -> None:
    rng = np.random.default_rng(3)
    is_event = rng.random(60) < 0.4
    first = (is_event + rng.normal(size=60)).round(1)
    second = (is_event + 2 * rng.normal(size=60)).round(1)

    def wins(scores: Any) -> Any:
        return np.array([[(e > o) + 0.5 * (e == o) for o in scores[~is_event]] for e in scores[is_event]])

    both = wins(first) - wins(second)
    m, n = both.shape
    variance = np.var(both.mean(axis=1), ddof=1) / m + np.var(both.mean(axis=0), ddof=1) / n
    found = paired_area_difference(is_event, first, second)
    assert found == pytest.approx((both.mean(), math.sqrt(variance)), abs=1e-12)


def asked(name: str, task: Any, y: Any, predicted: Any) -> Asked:
    return Asked(name, predicted, score(task, y, predicted), None, None)


def test_errors_differ_as_scipys_paired_test_says_and_a_bootstrap_by_hand() -> None:
    rng = np.random.default_rng(5)
    y = rng.normal(100, 20, size=80)
    first, second = y + rng.normal(0, 5, 80), y + rng.normal(1, 6, 80)
    found = {
        one.measure: one
        for one in differences(
            "regression", y, [asked("a", "regression", y, first), asked("b", "regression", y, second)], 0.9
        )
    }
    for measure, of in (("mse", np.square), ("mae", np.abs)):
        theirs = stats.ttest_rel(of(first - y), of(second - y))
        interval = theirs.confidence_interval(0.9)
        ours = found[measure]
        assert (ours.ci_low, ours.ci_high) == pytest.approx((interval.low, interval.high), rel=1e-12)
        assert ours.p == pytest.approx(theirs.pvalue, rel=1e-9)
    draws = rng.integers(0, 80, size=(4_000, 80))
    for measure, of in (("rmse", root_mean_squared_error), ("r2", r2_score)):
        drawn = [of(y[rows], first[rows]) - of(y[rows], second[rows]) for rows in draws]
        ours, spread = found[measure], np.std(drawn)
        assert ours.difference == pytest.approx(of(y, first) - of(y, second))
        assert (ours.ci_low, ours.ci_high) == pytest.approx(np.quantile(drawn, [0.05, 0.95]), abs=float(0.15 * spread))


def test_recalls_and_f1_differ_as_a_bootstrap_by_hand_says() -> None:
    rng = np.random.default_rng(6)
    y = rng.choice(list("abc"), 90, p=[0.6, 0.3, 0.1])
    first, second = (np.where(rng.random(90) < right, y, rng.choice(list("abc"), 90)) for right in (0.85, 0.4))
    both = [asked("one", "classification", y, first), asked("two", "classification", y, second)]
    found = {one.measure: one for one in differences("classification", y, both, 0.95)}
    table = pd.crosstab(first == y, second == y)
    assert found["accuracy"].p == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert found["accuracy"].favors == 0
    rows = rng.integers(0, 90, size=(3_000, 90))
    true, scores = y[rows], [by_hand(y[rows], said[rows]) for said in (first, second)]
    counted = {"average": "macro", "zero_division": 0}
    assert scores[0][0][:20] == pytest.approx(
        [
            recall_score(one, said, labels=np.unique(one), **counted)
            for one, said in zip(true[:20], first[rows[:20]], strict=True)
        ]
    )
    assert scores[0][1][:20] == pytest.approx(
        [f1_score(one, said, **counted) for one, said in zip(true[:20], first[rows[:20]], strict=True)]
    )
    for place, measure in enumerate(("balanced_accuracy", "f1_macro")):
        drawn = scores[0][place] - scores[1][place]
        ours = found[measure]
        assert (ours.ci_low, ours.ci_high) == pytest.approx(
            np.quantile(drawn, [0.025, 0.975]), abs=float(0.2 * np.std(drawn))
        )


def by_hand(true: Any, said: Any) -> tuple[Any, Any]:
    """The mean recall of the classes that are there, and the mean F1 of those that are there or said, a row of each."""
    recalls, f1 = [], []
    for label in "abc":
        is_true, is_said = true == label, said == label
        n_right, n_true, n_said = (is_true & is_said).sum(axis=1), is_true.sum(axis=1), is_said.sum(axis=1)
        with np.errstate(invalid="ignore"):
            recalls.append(n_right / n_true)
            f1.append(2 * n_right / (n_true + n_said))
    return np.nanmean(recalls, axis=0), np.nanmean(f1, axis=0)


def test_the_intervals_of_equal_models_hold_zero_as_often_as_they_say() -> None:
    """400 pairs of models that err alike, at 90 %: between 86 and 94 of 100 intervals hold 0 (six standard errors)."""
    rng = np.random.default_rng(8)
    held = []
    for _ in range(400):
        y = rng.choice(["u", "v"], 60)
        both = [np.where(rng.random(60) < 0.8, y, np.where(y == "u", "v", "u")) for _ in range(2)]
        gained, lost = np.sum((both[0] == y) & (both[1] != y)), np.sum((both[0] != y) & (both[1] == y))
        low, high = paired_share_interval(int(gained), int(lost), 60, 0.9)
        held.append(low <= 0 <= high)
    assert 0.84 < np.mean(held) < 0.96


def said_of(y: Any, *both: Asked) -> str:
    found = differences("classification", y, both, 0.95)
    rows = Rows("dataset", "t", pd.DataFrame(), y, (), ())
    return " ".join(sentence(rows, both, found, [0, 1]).split())


def test_a_score_that_tells_two_models_apart_is_said_where_accuracy_does_not() -> None:
    """Both are wrong in the same rows; one is surer of the rest."""
    y = np.array(["u", "v"] * 40)
    predicted = np.where(np.arange(80) % 10 == 0, np.where(y == "u", "v", "u"), y)
    one, other = (asked(name, "classification", y, predicted) for name in ("sure", "unsure"))
    noise = np.random.default_rng(2).uniform(0.9, 1.1, size=80)
    surer, less_sure = replace(one, row_losses=0.1 * noise), replace(other, row_losses=np.full(80, 0.6))
    said = said_of(y, surer, less_sure)
    assert "By accuracy these rows do not tell sure apart from unsure (p = 1)." in said
    assert "By log_loss sure is better beyond chance than unsure (p = " in said
    assert said_of(y, one, other).endswith("Neither does balanced_accuracy or f1_macro tell any two of them apart.")


def test_three_models_on_their_common_test_rows(ask: Ask, session: Session) -> None:
    result = ask("compare_models", models=["naive_bayes", "random_forest", "logistic_regression"])
    frame = pd.read_csv(PENGUINS)
    with_sex = frame[frame["sex"].notna()]
    assert (result["rows"], result["dataset"], result["n"]) == (
        "common_test_rows",
        "penguins",
        round(0.2 * len(with_sex)),
    )
    for model in ask("list_models")["models"]:
        shown = [one["metrics"] for one in result["models"] if one["model"] == model["model"]]
        assert all(
            one[name] == pytest.approx(model["metrics"][name]) for one in shown for name in ("accuracy", "roc_auc")
        )
    best = [one["metrics"]["accuracy"] for one in result["models"]]
    assert best == sorted(best, reverse=True)
    tested = [one for one in result["differences"] if one["measure"] == "accuracy"]
    assert len(tested) == 3
    adjusted = multipletests([one["p"] for one in tested], method="holm")[1]
    assert [one["p_adjusted"] for one in tested] == pytest.approx(adjusted)
    assert result["adjustment"] == "Holm over 3; intervals Bonferroni"
    assert [one["favors"] for one in tested if one["ci_low"] <= 0 <= one["ci_high"]] == [
        None for one in tested if one["ci_low"] <= 0 <= one["ci_high"]
    ]
    two = ask("compare_models", models=["naive_bayes", "random_forest"])
    alone = next(one for one in two["differences"] if one["measure"] == "accuracy")
    among = next(one for one in tested if {one["first"], one["second"]} == {alone["first"], alone["second"]})
    assert among["ci_high"] - among["ci_low"] > alone["ci_high"] - alone["ci_low"]
    assert "p_adjusted" not in alone


def test_without_names_the_newest_models_of_one_target_are_compared(ask: Ask) -> None:
    result = ask("compare_models")
    assert (result["target"], result["task"]) == ("body_mass_g", "regression")
    assert {one["type"] for one in result["models"]} == {"ridge", "decision_tree"}
    (mse,) = [one for one in result["differences"] if one["measure"] == "mse"]
    tool = find_tool("compare_models")
    text = tool.told(MadeCall({}, ComparedModels.model_validate(result))) if tool.told else ""
    assert result["interpretation"] in text
    assert ("by a test of the squared errors" in result["interpretation"]) == (mse["favors"] is not None)


def test_other_targets_and_rows_that_were_trained_on_are_refused(ask: Ask, session: Session) -> None:
    folder = session.settings.home.parent
    with pytest.raises(ToolError, match=r"only models of one target can be compared"):
        ask("compare_models", models=["ridge", "naive_bayes"])
    with pytest.raises(ToolError, match="stands there twice"):
        ask("compare_models", models=["ridge", "ridge"])
    with pytest.raises(ToolError, match=r"266 of 333 rows of 'penguins' are rows that \w+ was trained on"):
        ask("compare_models", models=["random_forest", "naive_bayes"], dataset="penguins")
    # A part of them under another name, in another order, with a column more.
    frame = pd.read_csv(PENGUINS).sample(60, random_state=1).assign(note="x")
    frame.to_csv(folder / "part.csv", index=False)
    ask("load_dataset", source=str(folder / "part.csv"))
    with pytest.raises(ToolError, match="are rows that"):
        ask("compare_models", models=["ridge", "decision_tree"], dataset="part")
    with pytest.raises(ToolError, match="where goes with dataset"):
        ask("compare_models", models=["ridge", "decision_tree"], where="year > 2007")


def test_rows_that_are_new_to_the_models_are_taken(ask: Ask, session: Session) -> None:
    folder = session.settings.home.parent
    frame = pd.read_csv(PENGUINS)
    rng = np.random.default_rng(2)
    for name in ("bill_length_mm", "bill_depth_mm", "flipper_length_mm"):
        frame[name] = frame[name] + rng.normal(0, 0.01, len(frame))
    frame.head(25).to_csv(folder / "new.csv", index=False)
    ask("load_dataset", source=str(folder / "new.csv"))
    result = ask("compare_models", models=["ridge", "decision_tree"], dataset="new")
    n = int(frame.head(25)["body_mass_g"].notna().sum())
    assert (result["rows"], result["n"]) == ("dataset", n)
    assert result["warning_codes"] == ["without_target", "few_rows"]
    half = ask("compare_models", models=["ridge", "decision_tree"], dataset="new", where="sex = 'male'")
    assert half["n"] < n
    frame.drop(columns="island").to_csv(folder / "less.csv", index=False)
    ask("load_dataset", source=str(folder / "less.csv"))
    with pytest.raises(ToolError, match="'less' lacks 'island'"):
        ask("compare_models", models=["ridge", "decision_tree"], dataset="less")


def test_models_of_another_seed_share_few_rows_and_models_of_other_tables_none(tmp_path: Path) -> None:
    session = build_in(used_home(tmp_path / "home"))
    ask = ask_of(session)
    ask("load_dataset", source=str(PENGUINS))
    pd.read_csv(PENGUINS).head(100).to_csv(tmp_path / "first.csv", index=False)
    ask("load_dataset", source=str(tmp_path / "first.csv"))
    train(ask, "ridge", "body_mass_g")
    train(ask, "lasso", "body_mass_g", seed=7)
    train(ask, "elastic_net", "body_mass_g", dataset="first")
    result = ask("compare_models", models=["ridge", "lasso"])
    assert 0 < result["n"] < 40
    assert result["warning_codes"][:2] == ["part_of_the_test_rows"] * 2
    with pytest.raises(ToolError, match="name a dataset that neither was trained on"):
        ask("compare_models", models=["ridge", "elastic_net"])
    # Its own table is gone: nothing can be checked, and that is said.
    ask("load_dataset", source=str(tmp_path / "first.csv"), name="again")
    session.data.remove("first")
    with pytest.raises(ToolError, match=r"the table that model_local_elastic_net_\w+ was trained on is gone"):
        ask("compare_models", models=["elastic_net", "ridge"])
    session.data.remove("penguins")
    assert (
        ask("compare_models", models=["ridge", "elastic_net"], dataset="again")["warning_codes"].count("not_checked")
        == 2
    )
    session.program.close()


class Shuffled:
    """Data whose tables come out in another order than training saw."""

    def __init__(self, session: Session) -> None:
        self._data = session.data

    def version(self, dataset_id: str) -> Dataset | None:
        return self._data.version(dataset_id)

    def export(self, dataset: Dataset, path: Path) -> None:
        self._data.export(dataset, path)
        pd.read_parquet(path).sample(frac=1, random_state=1).to_parquet(path)


def test_a_split_that_does_not_give_the_scores_of_the_training_is_not_believed(session: Session) -> None:
    context = session.context("held", threading.Event(), lambda sentence, fraction: None)
    model = context.models.get("ridge")
    assert len(Tables(context).held_out(model).split.test) == 69
    other = Tables(replace(context, data=Shuffled(session)))  # type: ignore[arg-type]  # the two that it asks
    with pytest.raises(ToolError, match=r"the test rows of model_local_ridge_\w+ cannot be found again: "):
        other.held_out(model)


def test_the_exported_script_compares_the_same(bare: Programs, tmp_path: Path) -> None:
    steps: list[Step] = [call(("c0", "load_dataset", {"source": str(PENGUINS)})), say("It is loaded.")]
    jobs = [("ridge", "body_mass_g"), ("svm", "sex"), ("decision_tree", "body_mass_g"), ("naive_bayes", "sex")]
    for n, (model, target) in enumerate(jobs):
        job = {"kind": "training", "dataset": "penguins", "model": model, "target": target}
        steps += training(n, dict(job))
    first: JsonValue = ["ridge", "decision_tree"]
    second: JsonValue = ["svm", "naive_bayes"]
    steps += [
        call(("x1", "compare_models", {"models": first}), ("x2", "compare_models", {"models": second})),
        say("So it is."),
    ]
    talk = Talk(build_in(used_home(tmp_path / "home"), model=ScriptedModel(steps)))
    talk.say("load penguins")
    for _ in jobs:
        talk.say("train")
        talk.answer(yes=True)
    talk.say("compare")
    found, expected = run_script(bare, talk, tmp_path), results_of(talk)
    talk.session.program.close()
    shown = [entry["result"] for entry in found.values() if entry["tool"] == "compare_models"]
    assert len(shown) == 2
    for one, whole in zip(shown, (expected["x1"], expected["x2"]), strict=True):
        assert one["n"] == whole["n"]
        tested = [line for line in whole["differences"] if line["measure"] in ("mse", "accuracy")]
        assert same(one["tests"], tested)

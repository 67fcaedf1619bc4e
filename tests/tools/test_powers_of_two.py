"""The answer to values times 2^k is the answer times 2^k: exact arithmetic, whatever their squares would be."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from evals.world.home import build_in, used_home
from runtime.session import Session

Call = Callable[..., dict[str, Any]]
Numbers = dict[tuple[str, ...], float]
Results = Callable[[str, int], Numbers]
POWERS = (-900, -600, -350, -100, 350, 600, 900)
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "describe": ("describe", {"columns": ["v", "w"], "detail": True}),
    "describe by": ("describe", {"columns": ["v"], "by": "g", "detail": True}),
    "describe by many": ("describe", {"columns": ["v"], "by": "many"}),
    "pearson": ("correlate", {"columns": ["v", "w", "u"]}),
    "kendall": ("correlate", {"x": "v", "y": "w", "method": "kendall"}),
    "spearman": ("correlate", {"x": "v", "y": "w", "method": "spearman"}),
    "partial": ("correlate", {"x": "v", "y": "w", "controls": ["u"]}),
    "point-biserial": ("correlate", {"x": "h", "y": "v", "method": "point_biserial"}),
    "welch": ("compare_groups", {"value": "v", "group": "h", "test": "welch"}),
    "mu": ("compare_groups", {"value": "v", "mu": 0, "test": "t"}),
    "mann_whitney": ("compare_groups", {"value": "v", "group": "h", "test": "mann_whitney"}),
    "ks": ("compare_groups", {"value": "v", "group": "h", "test": "ks"}),
    "anova": ("compare_groups", {"value": "v", "group": "g", "test": "anova"}),
    "games-howell": ("compare_groups", {"value": "v", "group": "g", "test": "welch_anova"}),
    "kruskal": ("compare_groups", {"value": "v", "group": "g", "test": "kruskal"}),
    "levene": ("compare_groups", {"value": "v", "group": "g", "test": "levene"}),
    "bartlett": ("compare_groups", {"value": "v", "group": "g", "test": "bartlett"}),
    "fligner": ("compare_groups", {"value": "v", "group": "g", "test": "fligner"}),
    "two factors": ("compare_groups", {"value": "v", "group": "g", "group2": "h"}),
    "paired": ("compare_groups", {"value": "v", "value2": "u", "test": "paired"}),
    "wilcoxon": ("compare_groups", {"value": "v", "value2": "u", "test": "wilcoxon"}),
    "repeated": ("compare_groups", {"value": "v", "repeated": ["u", "w"], "test": "repeated_anova"}),
    "distribution": ("analyze_distribution", {"column": "v"}),
    "fences": ("find_outliers", {"columns": ["v", "w"], "threshold": 0.5}),
    "z-scores": ("find_outliers", {"columns": ["v"], "method": "zscore", "threshold": 1}),
    "mad": ("find_outliers", {"columns": ["v"], "method": "mad", "threshold": 1, "by": "g"}),
    "mahalanobis": ("find_outliers", {"columns": ["v", "w"], "method": "mahalanobis", "threshold": 0.1}),
    "ols": ("regress", {"target": "v", "features": ["w", "u", "g"]}),
    "robust": ("regress", {"target": "v", "features": ["w", "g"], "robust": True}),
    "wls": ("regress", {"target": "v", "features": ["w"], "kind": "wls", "weights": "k"}),
    "logit": ("regress", {"target": "h", "features": ["v"], "kind": "logit"}),
}
IN_UNITS = {
    **dict.fromkeys(("mean", "sd", "min", "max", "q1", "q3", "median", "mode", "modes", "sum", "se", "range"), 1),
    **dict.fromkeys(("iqr", "mad", "geometric_mean", "harmonic_mean", "low", "high", "location", "scale", "sigma"), 1),
    **dict.fromkeys(("v", "w", "u"), 1),
    **dict.fromkeys(("variance", "ss", "ms"), 2),
}
"""By which power of 2^k a number of that name grows; others do not."""
OF_LOGARITHMS = ("mean_log", "log_likelihood", "aic")


def table(k: int) -> str:
    """60 rows, whole numbers times 2^k, so that nothing is lost on the way."""
    generator = np.random.default_rng(5)
    lines = []
    for i in range(60):
        v, w = int(generator.integers(1, 300)) + 40 * (i % 3), int(generator.integers(1, 200))
        values = [math.ldexp(float(x), k) for x in (v, w, v // 2 + w)]
        h = ("no", "yes")[int(generator.random() < 0.5)]
        lines.append(f"{values[0]!r},{values[1]!r},{values[2]!r},{1 + i % 4},{'abc'[i % 3]},{h}")
    lines[7] = "," + lines[7].partition(",")[2]
    return "v,w,u,k,g,h\n" + "\n".join(lines) + "\n"


def table_of_many(k: int) -> str:
    """210 groups of three values times 2^k."""
    rows = [f"{math.ldexp(x, k)!r},m{i}" for i in range(210) for x in (3.0 + i, 5.0, 11.0 + i % 7)]
    return "v,many\n" + "\n".join(rows) + "\n"


def named(k: int, kind: str) -> str:
    """The dataset of the values times 2^k."""
    return f"{kind}_minus{-k}" if k < 0 else f"{kind}_plus{k}"


def numbers(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    """All numbers of a result, each with the names that lead to it."""
    if isinstance(value, dict):
        if set(value) == {"name", "value"}:
            yield from numbers(value["value"], (*path, value["name"]))
            return
        for key, part in value.items():
            yield from numbers(part, (*path, str(key)))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from numbers(part, (*path, f"[{place}]"))
    elif isinstance(value, int | float):
        yield path, float(value)


@pytest.fixture(scope="module")
def powers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("powers")
    session = build_in(used_home(folder / "home"))
    for k in (0, *POWERS):
        for kind, text in (("few", table(k)), ("many", table_of_many(k))):
            path, name = folder / f"{kind}{k}.csv", named(k, kind)
            path.write_text(text)
            session.call_tool("load_dataset", json.dumps({"source": str(path), "name": name}), None)
    yield session
    session.program.close()


@pytest.fixture(scope="module")
def results(powers: Session) -> Results:
    """The answer to the values times 2^k, asked for once a call and power."""
    return functools.cache(lambda call, k: result(powers, call, k))


def result(powers: Session, call: str, k: int) -> Numbers:
    tool, arguments = CALLS[call]
    dataset = named(k, "many" if "many" in call else "few")
    content = powers.call_tool(tool, json.dumps({"dataset": dataset, **arguments}), None).content
    return dict(numbers(json.loads(json.dumps(content, allow_nan=False))))


def power_of(call: str, path: tuple[str, ...]) -> int:
    """By which power of 2^k the number at that place grows."""
    name = next(part for part in reversed(path) if not part.startswith("["))
    tool = CALLS[call][0]
    if tool == "regress" and path[0] == "coefficients" and name in ("estimate", "se", "ci_low", "ci_high"):
        own = {"ols": (1, 0, 0, 1, 1), "robust": (1, 0, 1, 1), "wls": (1, 0), "logit": (0, -1)}[call]
        return own[int(path[1][1:-1])]
    if tool == "compare_groups" and path[0] in ("difference", "post_hoc"):
        return int(name in ("value", "difference", "ci_low", "ci_high") and call != "kruskal")
    if tool == "describe" and name in ("ci_low", "ci_high"):
        return 1
    if "exponential" in path or name in ("statistic", "mean_log"):
        return int(name == "mean")
    return IN_UNITS.get(name, 0)


@pytest.mark.parametrize("k", POWERS)
@pytest.mark.parametrize("call", CALLS)
def test_values_times_a_power_of_two_give_the_answer_times_it(results: Results, call: str, k: int) -> None:
    plain, scaled = results(call, 0), results(call, k)
    wanted, found = {}, {}
    for path, value in plain.items():
        if path[-1] in OF_LOGARITHMS or path[-1] == "ratio":
            continue
        try:
            expected = math.ldexp(value, k * power_of(call, path))
        except OverflowError:
            expected = math.inf
        if not 1e-300 < abs(expected) < 1e300 and value and power_of(call, path) in (2, -2):
            assert path not in scaled, "a number beyond float64 is none"
            continue
        # Compared near 1, where 0 and rounding are told apart.
        wanted[path] = value
        found[path] = math.ldexp(scaled[path], -k * power_of(call, path))
    assert wanted
    # Families are fitted by maximum likelihood, and end where the next step is small.
    assert found == pytest.approx(wanted, rel=1e-5 if call in ("distribution", "logit") else 1e-9, abs=1e-11)


@pytest.mark.parametrize("k", POWERS)
def test_likelihoods_are_per_unit(results: Results, k: int) -> None:
    """A density per unit is less by 2^k in each of the n rows; the mean of logarithms moves by k log 2."""
    plain, scaled = results("distribution", 0), results("distribution", k)
    n, shift = plain[("n",)], k * math.log(2)
    for path, value in plain.items():
        if path[-1] in OF_LOGARITHMS:
            moved = {"mean_log": shift, "log_likelihood": -n * shift, "aic": 2 * n * shift}[path[-1]]
            assert scaled[path] == pytest.approx(value + moved, rel=1e-6, abs=1e-4)


@pytest.mark.parametrize("unit", ["e154", "e-170", ""])
def test_a_t_test_of_huge_and_tiny_values(tool_on: Callable[[str, str], Call], unit: str) -> None:
    """R: t.test(1:6, 11:16): p = 3.206553154e-06, whatever the unit."""
    rows = "".join(f"a,{float(f'{n}{unit}')!r}\nb,{float(f'{n + 10}{unit}')!r}\n" for n in range(1, 7))
    found = tool_on("compare_groups", "g,v\n" + rows)(value="v", group="g", test="t")
    assert found["p"] == pytest.approx(3.206553154e-06, rel=1e-9)

"""compare_groups: is a difference between groups more than chance, and how large is it?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from adapters.records import Column, JsonValue
from prompts import render
from prompts.visible import one_line
from tools import stats
from tools.columns import find_column, find_numeric, natural_order
from tools.context import ToolContext
from tools.effect_words import effect_words
from tools.errors import ToolError
from tools.results import ToolOutput
from tools.spec import Arguments, tool

if TYPE_CHECKING:
    import pandas as pd

    from tools.stats import Check, Floats, TestResult

TestName = Literal[
    "auto", "t", "student_t", "welch_t", "paired_t", "mann_whitney", "wilcoxon", "anova", "welch_anova", "kruskal"
]
MAX_GROUPS = 50
FEW = 10


class CompareGroups(Arguments):
    """What is compared between whom, and by which test."""

    dataset: str = Field(description="Name of a loaded dataset.")
    value: str = Field(description="The column of numbers that is compared.")
    group: str | None = Field(default=None, description="Column whose values make the groups, two or more.")
    groups: list[str] | None = Field(
        default=None, description="Only these values of the group column, in this order.", min_length=2
    )
    value2: str | None = Field(default=None, description="A second column of numbers: each row is a pair.")
    mu: float | None = Field(default=None, description="A number that the mean of value is compared with.")
    test: TestName = Field(
        default="auto",
        description="auto chooses by size, normality and variances and says why. t is Welch's; with value2 or mu the "
        "paired or the one-sample t.",
    )
    alternative: Literal["two-sided", "less", "greater"] = Field(
        default="two-sided", description="less: the first group, or value, is smaller. For two groups only."
    )
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )


@dataclass(frozen=True)
class _Samples:
    """The values to be compared: names, arrays, and how many rows were left out."""

    kind: Literal["one", "two", "many", "paired"]
    names: list[str]
    arrays: list[Floats]
    missing: int


@tool(effect="read")
def compare_groups(arguments: CompareGroups, context: ToolContext) -> ToolOutput:
    """Test whether groups differ: give group for two or more groups, value2 for pairs, or mu for one mean.

    Gives the statistic with its degrees of freedom, p, the effect size with its 95 % interval (Hedges' g, eta squared,
    rank-biserial, epsilon squared), n, mean, sd and median of each group, the checks of the assumptions, why this test
    was chosen, what the other tests say, and for three or more groups the pairs (Tukey, Games-Howell or Dunn-Holm, p
    corrected; 0 means below 1e-13). Say the caveats in `warnings`. Rows where a value is missing are left out and
    counted. It only reads.
    """
    dataset = context.data.get(arguments.dataset)
    value = find_numeric(dataset, arguments.value)
    if sum(choice is not None for choice in (arguments.group, arguments.value2, arguments.mu)) != 1:
        raise ToolError("give one of: group (compare groups), value2 (compare pairs), mu (compare with a number)")
    group = None if arguments.group is None else find_column(dataset, arguments.group)
    second = None if arguments.value2 is None else find_numeric(dataset, arguments.value2)
    names = [column.name for column in (value, group, second) if column is not None]
    with context.data.open(dataset.name, arguments.where, context.watch) as table:
        frame = table.frame(list(dict.fromkeys(names)))
    samples = _samples(arguments, frame, value, group, second)
    try:
        return ToolOutput(_compare(arguments, samples))
    except (stats.TooFewValues, ValueError) as error:
        raise ToolError(str(error)) from error


def _samples(
    arguments: CompareGroups, frame: pd.DataFrame, value: Column, group: Column | None, second: Column | None
) -> _Samples:
    numbers = frame[value.name].to_numpy(dtype="float64", na_value=math.nan)
    if second is not None:
        others = frame[second.name].to_numpy(dtype="float64", na_value=math.nan)
        both = (numbers == numbers) & (others == others)  # what is missing is no number, and not even itself
        pairs = [numbers[both], others[both]]
        return _Samples("paired", [value.name, second.name], pairs, int((~both).sum()))
    if group is None:
        kept = numbers[numbers == numbers]
        return _Samples("one", [value.name], [kept], len(numbers) - len(kept))
    present = (numbers == numbers) & frame[group.name].notna().to_numpy()
    labels = frame[group.name][present].astype(str)
    values = numbers[present]
    found = sorted(labels.unique(), key=natural_order)
    if arguments.groups is not None:
        lacking = [name for name in arguments.groups if name not in found]
        if lacking:
            raise ToolError(f"groups: {group.name!r} has no {lacking[0]!r}; it has {', '.join(map(repr, found[:20]))}")
        found = list(dict.fromkeys(arguments.groups))
    if not 2 <= len(found) <= MAX_GROUPS:
        raise ToolError(f"{group.name!r} makes {len(found)} groups; a comparison takes 2 to {MAX_GROUPS}")
    codes = labels.to_numpy()
    arrays = [values[codes == name] for name in found]
    return _Samples("two" if len(found) == 2 else "many", found, arrays, len(numbers) - int(present.sum()))


def _compare(arguments: CompareGroups, samples: _Samples) -> dict[str, JsonValue]:
    tested = samples.arrays
    if samples.kind == "paired":
        tested = [samples.arrays[0] - samples.arrays[1]]
    labels = [None] if samples.kind in ("paired", "one") else list(samples.names)
    checks = stats.check_assumptions(tested, labels)
    test, why = _chosen(arguments, samples, tested, checks)
    if test == "one_sample_t":
        assert arguments.mu is not None  # noqa: S101 - `_chosen` has seen it
        result, others = stats.one_sample_t(tested[0], arguments.mu, arguments.alternative), []
    else:
        result = stats.run_test(test, samples.arrays, arguments.alternative)
        others = stats.others(test, samples.arrays, arguments.alternative)
    content: dict[str, JsonValue] = {
        "test": result.test,
        "statistic": result.statistic,
        "df": result.df,
        "p": result.p,
        "effect": asdict(result.effect),
        "difference": None if result.difference is None else asdict(result.difference),
        "n": sum(map(len, samples.arrays)) if samples.kind != "paired" else len(samples.arrays[0]),
        "missing": samples.missing,
        "groups": [_described(name, array) for name, array in zip(samples.names, samples.arrays, strict=True)],
        "assumptions": [asdict(check) for check in checks],
        "why": why,
        "others": [{"test": name, "p": p} for name, p in others],
        "warnings": list(_warnings(samples, result, checks, others)),
        "interpretation": _sentence(arguments, samples, result),
    }
    if result.df2 is not None:
        content["df2"] = result.df2
    if samples.kind == "many":
        content["post_hoc"] = _pairs(result.test, samples)
    return content


def _chosen(
    arguments: CompareGroups, samples: _Samples, tested: Sequence[Floats], checks: Sequence[Check]
) -> tuple[str, str]:
    """The test's name and why it is taken."""
    asked = arguments.test
    if samples.kind == "one":
        if asked not in ("auto", "t"):
            raise ToolError(f"test: {asked} does not compare one mean with mu; leave it out")
        return "one_sample_t", "one mean against a number"
    fitting = ("auto", "t", "paired_t", "wilcoxon") if samples.kind == "paired" else None
    if fitting is not None and asked not in fitting:
        raise ToolError(f"test: {asked} does not compare pairs; there are {', '.join(fitting)}")
    if fitting is None and asked in ("paired_t", "wilcoxon"):
        raise ToolError(f"test: {asked} compares pairs: give value2 in place of group")
    if asked == "auto":
        choice = stats.choose(tested, samples.kind == "paired", checks)
        return choice.test, choice.why
    if asked == "t":
        return ("paired_t" if samples.kind == "paired" else "welch_t"), "asked for"
    return asked, "asked for"


def _described(name: str, array: Floats) -> JsonValue:
    n = len(array)
    return {
        "group": name[:64],
        "n": n,
        "mean": float(array.mean()) if n else None,
        "sd": float(array.std(ddof=1)) if n > 1 else None,
        "median": stats.median(array) if n else None,
    }


def _pairs(test: str, samples: _Samples) -> list[JsonValue]:
    made = stats.dunn(samples.arrays) if test == "kruskal" else stats.tukey(samples.arrays, test == "anova")
    return [{**asdict(pair), "a": samples.names[pair.a][:64], "b": samples.names[pair.b][:64]} for pair in made]


def _warnings(
    samples: _Samples, result: TestResult, checks: Sequence[Check], others: Sequence[tuple[str, float]]
) -> list[str]:
    warnings = []
    fewest = min(map(len, samples.arrays))
    if fewest < FEW:
        warnings.append(f"a group has only {fewest} values: p and interval depend on few of them")
    by_means = result.test not in ("mann_whitney", "wilcoxon", "kruskal")
    if by_means and fewest < stats.LARGE and any(check.holds is False for check in checks if "normality" in check.name):
        warnings.append("a group is not normal (Shapiro-Wilk) and small: a test of ranks is safer")
    if result.test in ("anova", "student_t") and any(c.holds is False for c in checks if "variances" in c.name):
        warnings.append("variances differ (Brown-Forsythe): Welch's test is safer")
    if any((p < 0.05) != (result.p < 0.05) for _, p in others):
        warnings.append("the tests do not agree at the 5 % level: look at `others`")
    if samples.missing:
        warnings.append(f"{samples.missing} rows with missing values left out")
    return warnings


def _sentence(arguments: CompareGroups, samples: _Samples, result: TestResult) -> str:
    return render(
        "compare_groups",
        kind=samples.kind,
        value=one_line(arguments.value),
        group=one_line(arguments.group or ""),
        names=[one_line(name) for name in samples.names],
        mu=f"{arguments.mu:g}" if arguments.mu is not None else "",
        test=result.test.replace("_", " "),
        p=result.p,
        p_shown=f"{result.p:.2g}",
        **effect_words(result.effect),
    )

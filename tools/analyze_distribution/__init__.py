"""analyze_distribution: what shape has a column, is it normal, and which family fits it?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import Field

from adapters.data.base import Table, quote_identifier
from adapters.records import Column, JsonValue
from prompts import render
from prompts.visible import one_line
from tools import stats
from tools.analyze_distribution.sentences import SENTENCES
from tools.analyze_distribution.told import told
from tools.columns import find_column, find_numeric, in_order
from tools.context import ToolContext
from tools.errors import ToolError
from tools.number_scan import scan_numbers
from tools.p_values import p_words, settled
from tools.results import ToolOutput
from tools.spec import Arguments, tool

if TYPE_CHECKING:
    import pandas as pd

    from tools.stats import Floats, NormalityTest, NumberSummary

MOST_VALUES = 200_000
"""More values than these change no verdict: tests and fits take a sample of them, the moments take all."""
MAX_GROUPS = 50
MAX_COUNT = 50
"""Whole numbers from 0 up to here are fitted as counts, larger ones as if continuous."""
ALPHA = 0.05
FEW, MANY = 20, 1_000


class AnalyzeDistribution(Arguments):
    """Which column is looked at."""

    dataset: str = Field(description="Name of a loaded dataset.")
    column: str = Field(description="The column of numbers.")
    by: str | None = Field(default=None, description="Column whose values make the groups, each tested on its own.")
    fit: bool = Field(default=True, description="Fit the usual families of distributions too.")
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )


@tool(
    effect="read",
    gives="six tests of normality, skewness of each kind, fits of the usual families ranked by AIC",
    example={"dataset": "penguins", "column": "body_mass_g", "by": "species"},
    sentences=SENTENCES,
    told=told,
)
def analyze_distribution(arguments: AnalyzeDistribution, context: ToolContext) -> ToolOutput[Any]:
    """Test a column of numbers for normality and find the family of distributions that fits it.

    `tests` holds shapiro (W), anderson_darling (A²), dagostino (K²), jarque_bera, ks (against the normal with the
    column's own mean and sd, so its p is too large) and lilliefors (the same with the right p); a small p says: not
    normal. `skewness` and `kurtosis` (excess) are the adjusted G1 and G2, `…_biased` the population's,
    `pearson_mode_skewness` is (mean - mode) / sd and `pearson_median_skewness` 3 (mean - median) / sd. `fits` are
    maximum-likelihood fits (normal, t, logistic, laplace, uniform; of positive values lognormal, exponential, gamma,
    weibull starting at 0; of counts poisson, geometric, negative_binomial), best AIC first, `ks` their distance to the
    values. By group: tests and moments of each group; the fits are of all rows. It only reads; plot draws the picture.
    """
    dataset = context.data.get(arguments.dataset)
    column = find_numeric(dataset, arguments.column)
    by = None if arguments.by is None else find_column(dataset, arguments.by)
    if by == column:
        raise ToolError("by is the column itself; give another column")
    with context.data.open(dataset.name, arguments.where, context.watch) as table:
        whole = _moments(table, column, None)[0]
        groups = [] if by is None else [summary for summary in _moments(table, column, by) if summary.group is not None]
        names = [column.name] if by is None else [column.name, by.name]
        if not whole.n:
            raise ToolError(f"{column.name!r} has no values here")
        if len(groups) > MAX_GROUPS:
            raise ToolError(f"{arguments.by!r} makes {len(groups)} groups; at most {MAX_GROUPS} are tested: filter")
        frame = table.frame(names, most=MOST_VALUES, as_text=names[1:])
        table.step("testing for normality")
        looks = list(_looks(frame, column, by))
        table.step("fitting distributions")
        fits, notes = _fits(column, whole, _numbers(frame, column)) if arguments.fit else ([], [])
    lines: list[JsonValue] = [line for look in looks for line in look.lines()]
    content: dict[str, JsonValue] = {"column": column.name, **_shape(whole), "tests": lines}
    if by is not None:
        content["groups"] = [{"group": summary.group, **_shape(summary)} for summary in groups]
    if arguments.fit:
        content["fits"] = list(fits)
    content["sampled"] = whole.n > MOST_VALUES
    content["warnings"] = [*_warnings(whole, looks), *notes]
    content["interpretation"] = _sentence(column, by, looks, fits)
    content["picture"] = {"tool": "plot", "kind": "qq", "x": column.name}
    return ToolOutput(settled(content))


@dataclass(frozen=True)
class _Look:
    """The tests of one group's values; group is None where there are no groups."""

    group: str | None
    n: int
    tests: list[NormalityTest]

    @property
    def verdict(self) -> NormalityTest:
        """The test to go by: the most powerful one whose p-value is right at this size."""
        name = "shapiro" if self.n <= stats.MAX_SHAPIRO else "anderson_darling"
        return next(test for test in self.tests if test.name == name)

    def lines(self) -> list[JsonValue]:
        """The tests as they are told."""
        named = {} if self.group is None else {"group": self.group[:64]}
        always = ("statistic", "p")
        return [
            {**named, **{name: value for name, value in asdict(test).items() if name in always or value}}
            for test in self.tests
        ]


def _looks(frame: pd.DataFrame, column: Column, by: Column | None) -> Iterator[_Look]:
    if by is None:
        values = _numbers(frame, column)
        yield _Look(None, len(values), stats.normality_tests(values))
        return
    for group in in_order(frame[by.name].dropna().unique()):
        values = _numbers(frame[frame[by.name] == group], column)
        yield _Look(group, len(values), stats.normality_tests(values))


def _moments(table: Table, column: Column, by: Column | None) -> Sequence[NumberSummary]:
    n_rows = table.count()
    found = scan_numbers(table, [column.name], n_rows, None if by is None else by.name)[column.name]
    group = None if by is None else quote_identifier(by.name)
    modes = stats.find_modes(table.fetch, quote_identifier(column.name), group)
    return [replace(line, mode=modes.get(line.group)) for line in found]


def _numbers(frame: pd.DataFrame, column: Column) -> Floats:
    found: Floats = frame[column.name].to_numpy(dtype="float64", na_value=math.nan)
    kept: Floats = found[found == found]  # what is missing is no number, and not even itself
    return kept


def _shape(summary: NumberSummary) -> dict[str, JsonValue]:
    by_mode, by_median = stats.pearson_skewness(summary)
    return {
        "n": summary.n,
        "missing": summary.missing,
        "mean": summary.mean,
        "median": summary.median,
        "sd": summary.sd,
        "skewness": summary.skewness,
        "kurtosis": summary.kurtosis,
        "skewness_biased": summary.skewness_biased,
        "kurtosis_biased": summary.kurtosis_biased,
        "pearson_mode_skewness": by_mode,
        "pearson_median_skewness": by_median,
    }


def _fits(column: Column, whole: NumberSummary, values: Floats) -> tuple[list[JsonValue], list[str]]:
    counts = column.type == "integer" and (whole.min or 0) >= 0 and (whole.max or 0) <= MAX_COUNT
    try:
        fits = stats.fit_families(values, counts)
    except ValueError as error:
        return [], [f"no fits: {error}"]
    lines: list[JsonValue] = [
        {
            **asdict(fit),
            "ks_p_method": "exact, of given parameters",
            "params": [{"name": name, "value": value} for name, value in fit.params],
        }
        for fit in fits
    ]
    return lines, ["ks_p of a fit is too large: its parameters come from the same values"]


def _warnings(whole: NumberSummary, looks: Sequence[_Look]) -> Iterator[str]:
    n_looked_at = sum(look.n for look in looks)
    if whole.n > MOST_VALUES:
        yield f"tests and fits are of {n_looked_at:,} values drawn by chance of {whole.n:,}; the moments are of all"
    elif whole.n > n_looked_at:
        yield f"{whole.n - n_looked_at} values without a group are not tested"
    if whole.missing:
        yield f"{whole.missing} rows with a missing value left out"
    sizes = [look.n for look in looks]
    if min(sizes) < FEW:
        yield f"with {min(sizes)} values the tests see only gross departures: no proof of normality"
    if max(sizes) > stats.MAX_SHAPIRO:
        yield f"shapiro's p is known to {stats.MAX_SHAPIRO:,} values only: of more, go by anderson_darling"
    if max(sizes) >= MANY:
        yield f"with {max(sizes):,} values the tests see departures too small to matter: look at skewness and picture"


def _sentence(column: Column, by: Column | None, looks: Sequence[_Look], fits: Sequence[JsonValue]) -> str:
    tested = [look for look in looks if look.verdict.p is not None]
    best = fits[0] if fits else None
    return render(
        "analyze_distribution",
        column=one_line(column.name),
        by=None if by is None else one_line(by.name),
        n_groups=len(tested),
        departing=[one_line(look.group or "") for look in tested if (look.verdict.p or 0.0) < ALPHA],
        verdict=None if by is not None or not tested else tested[0].verdict.name.replace("_", " "),
        p_shown=None if by is not None or not tested else _shown(tested[0].verdict),
        best=best["family"] if isinstance(best, dict) else None,
    )


def _shown(test: NormalityTest) -> str:
    assert test.p is not None  # noqa: S101 - only tests with a p are told
    return p_words(test.p, None, test.p_is_bound)

"""analyze_distribution: what shape has a column, is it normal, and which family fits it?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import Field

from adapters.data.base import DuckTable, quote_identifier
from adapters.records import Column
from prompts import render
from prompts.visible import one_line
from tools import stats
from tools.analyze_distribution.result import (
    Distribution,
    DistributionWarns,
    FitLine,
    GroupMoments,
    Moments,
    NormalityLine,
    Parameter,
)
from tools.analyze_distribution.sentences import SENTENCES
from tools.analyze_distribution.told import told
from tools.columns import find_column, find_numeric, in_order
from tools.context import ToolContext
from tools.errors import ToolError
from tools.number_scan import scan_numbers
from tools.p_values import p_words
from tools.pictured import pictured
from tools.results import ToolOutput, if_any
from tools.scripting import later
from tools.spec import Arguments, tool
from tools.warned import Warned, said

if TYPE_CHECKING:
    import pandas as pd

    from tools.stats import Fit, Floats, NormalityTest, NumberSummary

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
    script=later("tools.analyze_distribution.script"),
)
def analyze_distribution(arguments: AnalyzeDistribution, context: ToolContext) -> ToolOutput[Distribution]:
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
        if by is not None and not groups:
            raise ToolError(f"by: {by.name!r} has no value here, so there are no groups")
        if len(groups) > MAX_GROUPS:
            raise ToolError(f"{arguments.by!r} makes {len(groups)} groups; at most {MAX_GROUPS} are tested: filter")
        frame = table.frame(names, most=MOST_VALUES, as_text=names[1:])
        table.step("testing for normality")
        looks = list(_looks(frame, column, by))
        table.step("fitting distributions")
        fits, notes = _fits(column, whole, _numbers(frame, column)) if arguments.fit else (None, [])
    where_asked: dict[str, Any] = {} if by is None else {"groups": tuple(map(_of_group, groups))}
    if fits is not None:
        where_asked["fits"] = fits
    return ToolOutput(
        Distribution(
            column=column.name,
            **_shape(whole),
            tests=tuple(line for look in looks for line in look.lines()),
            **where_asked,
            sampled=whole.n > MOST_VALUES,
            **said([*_warnings(whole, looks), *notes]),
            interpretation=_sentence(column, by, looks, fits or ()),
            picture=pictured("qq", x=column.name),
        )
    )


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

    def lines(self) -> Iterator[NormalityLine]:
        """The tests as they are told."""
        group = None if self.group is None else self.group[:64]
        for test in self.tests:
            yield NormalityLine(
                **if_any(group=group),
                name=test.name,
                statistic=test.statistic,
                p=test.p,
                **if_any(note=test.note, p_method=test.p_method),
                p_is_bound=test.p_is_bound,
            )


def _looks(frame: pd.DataFrame, column: Column, by: Column | None) -> Iterator[_Look]:
    if by is None:
        values = _numbers(frame, column)
        yield _Look(None, len(values), stats.normality_tests(values))
        return
    for group in in_order(frame[by.name].dropna().unique()):
        values = _numbers(frame[frame[by.name] == group], column)
        yield _Look(group, len(values), stats.normality_tests(values))


def _moments(table: DuckTable, column: Column, by: Column | None) -> Sequence[NumberSummary]:
    n_rows = table.count()
    found = scan_numbers(table, [column.name], n_rows, None if by is None else by.name)[column.name]
    group = None if by is None else quote_identifier(by.name)
    modes = stats.find_modes(table.fetch, quote_identifier(column.name), group)
    return [replace(line, mode=modes.get(line.group)) for line in found]


def _numbers(frame: pd.DataFrame, column: Column) -> Floats:
    found: Floats = frame[column.name].to_numpy(dtype="float64", na_value=math.nan)
    kept: Floats = found[found == found]  # what is missing is no number, and not even itself
    return kept


def _of_group(summary: NumberSummary) -> GroupMoments:
    return GroupMoments(group=summary.group or "", **_shape(summary))


def _shape(summary: NumberSummary) -> dict[str, Any]:
    by_mode, by_median = stats.pearson_skewness(summary)
    same = {name: value for name, value in asdict(summary).items() if name in Moments.model_fields}
    return {**same, "pearson_mode_skewness": by_mode, "pearson_median_skewness": by_median}


def _fits(column: Column, whole: NumberSummary, values: Floats) -> tuple[tuple[FitLine, ...], list[Warned]]:
    counts = column.type == "integer" and (whole.min or 0) >= 0 and (whole.max or 0) <= MAX_COUNT
    try:
        fits = stats.fit_families(values, counts)
    except ValueError as error:
        return (), [DistributionWarns.NO_FITS(why=error)]
    return tuple(map(_fit_line, fits)), [DistributionWarns.KS_P_TOO_LARGE()]


def _fit_line(fit: Fit) -> FitLine:
    params = tuple(Parameter(name=name, value=value) for name, value in fit.params)
    return FitLine(**{**asdict(fit), "params": params, "ks_p_method": "exact, of given parameters"})


def _warnings(whole: NumberSummary, looks: Sequence[_Look]) -> Iterator[Warned]:
    warns = DistributionWarns
    sizes = [look.n for look in looks]
    if whole.n > MOST_VALUES:
        yield warns.SAMPLED(n_drawn=sum(sizes), n=whole.n)
    elif whole.n > sum(sizes):
        yield warns.WITHOUT_GROUP(n=whole.n - sum(sizes))
    if whole.missing:
        yield warns.MISSING_VALUES(n=whole.missing)
    if min(sizes) < FEW:
        yield warns.FEW_VALUES(n=min(sizes))
    if max(sizes) > stats.MAX_SHAPIRO:
        yield warns.MANY_FOR_SHAPIRO(most=stats.MAX_SHAPIRO)
    if max(sizes) >= MANY:
        yield warns.MANY_VALUES(n=max(sizes))


def _sentence(column: Column, by: Column | None, looks: Sequence[_Look], fits: Sequence[FitLine]) -> str:
    tested = [look for look in looks if look.verdict.p is not None]
    verdict = tested[0].verdict if by is None and tested else None
    return render(
        "analyze_distribution",
        column=one_line(column.name),
        by=None if by is None else one_line(by.name),
        n_groups=len(tested),
        departing=[one_line(look.group or "") for look in tested if (look.verdict.p or 0.0) < ALPHA],
        verdict=None if verdict is None else verdict.name.replace("_", " "),
        p_shown=None if verdict is None else p_words(verdict.p or 0.0, None, verdict.p_is_bound),
        best=fits[0].family if fits else None,
    )

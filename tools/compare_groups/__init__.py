"""compare_groups: is a difference between groups more than chance, and how large is it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from adapters.data.base import DuckTable
from adapters.records import Column, Dataset
from prompts import render
from prompts.visible import one_line
from tools import stats
from tools.columns import find_column, find_numeric
from tools.compare_groups import samples as gathered
from tools.compare_groups.cautions import cautions
from tools.compare_groups.comparing import SPREADS, Alternative, Compared, TestName, compare, power_of
from tools.compare_groups.result import Assumption, Comparison, MeanOfGroup, ShareOfGroup, Shift
from tools.compare_groups.samples import MAX_GROUPS, MAX_LABEL, Samples
from tools.compare_groups.sentences import SENTENCES
from tools.compare_groups.told import told
from tools.context import ToolContext
from tools.each_value import EachValue, corrected, each_value
from tools.effect_words import effect_words
from tools.errors import ToolError
from tools.groups import Groups, find_groups
from tools.p_values import p_words
from tools.pictured import Picture, pictured
from tools.results import ToolOutput, if_any
from tools.scripting import later
from tools.spec import Arguments, tool
from tools.warned import said

if TYPE_CHECKING:
    from tools.stats import Check, Difference, Floats, Power


class CompareGroups(Arguments):
    """What is compared between whom, and by which test."""

    dataset: str = Field(description="Name of a loaded dataset.")
    value: str = Field(
        description="The column of numbers that is compared; for shares of yes and no, a column of two values."
    )
    group: str | None = Field(default=None, description="Column whose values make the groups, two or more.")
    groups: list[str] | None = Field(
        default=None, description="Only these values of the group column, in this order.", min_length=2
    )
    group2: str | None = Field(default=None, description="A second column of groups: two-way ANOVA with interaction.")
    subject: str | None = Field(
        default=None,
        description="Column that names who was measured, where each has one row in each group: compared within them.",
    )
    value2: str | None = Field(default=None, description="A second column of numbers: each row is a pair.")
    repeated: list[str] | None = Field(
        default=None,
        description="Two or more further columns of numbers: with value, each row is one subject measured again.",
        min_length=1,
        max_length=MAX_GROUPS - 1,
    )
    mu: float | None = Field(
        default=None,
        description="A number that the mean of value, or the share of yes, is compared with.",
    )
    event: str | None = Field(
        default=None,
        description="Compare shares: the value of `value` that counts as yes; if null the second of two, of ja and "
        "nein (yes and no, 1 and 0) the yes. Where all rows have one value it may be another: 0 of 18 is a share too.",
    )
    test: TestName = Field(
        default="auto",
        description="auto chooses by type, size, normality and variances and says why. t is Welch's; with value2 or mu "
        "the paired or the one-sample t. proportions: shares. ks: whole distributions. levene, brown_forsythe, "
        "bartlett, fligner: variances.",
    )
    alternative: Alternative = Field(
        default="two-sided", description="less: the first group, or value, is smaller. For two groups only."
    )
    sums_of_squares: Literal[1, 2, 3] = Field(
        default=2, description="Two-way: type 1 (in order, R's aov), 2, or 3 (SPSS, SAS). Alike where cells are equal."
    )
    power: bool = Field(
        default=False, description="Also say what effect such sizes would find, and how many values 80 % power needs."
    )
    by: str | list[str] | None = Field(
        default=None, description="Column (or columns) whose values each make a comparison of their own."
    )
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )


@dataclass(frozen=True)
class _Columns:
    """The columns that the arguments name."""

    value: Column
    group: Column | None
    group2: Column | None
    subject: Column | None
    again: list[Column]
    by: Groups | None
    is_shares: bool


@tool(
    effect="read",
    gives="groups, pairs, subjects measured again, two factors, shares, spreads: t, Welch, ANOVA (one-way, "
    "two-way, repeated), Mann-Whitney, Wilcoxon, Kruskal, Friedman, KS, Levene, Brown-Forsythe, "
    "Bartlett, Fligner: p, effect size with interval, checks, why this test, which pairs, power",
    example={"dataset": "penguins", "value": "body_mass_g", "group": "sex"},
    sentences=SENTENCES,
    told=told,
    script=later("tools.compare_groups.script"),
)
def compare_groups(arguments: CompareGroups, context: ToolContext) -> ToolOutput[Comparison | EachValue[Comparison]]:
    """Test whether groups differ. Give group for two or more groups (with subject: the same subjects in each; with
    group2: two factors), value2 or repeated for columns measured on the same rows, or mu for one mean or share.

    Gives the statistic with its degrees of freedom, p, the effect size with its 95 % interval (Hedges' g, eta squared,
    rank-biserial, epsilon squared, Kendall's W, Cohen's h; in `other_effects` Cohen's d, omega squared, Cliff's delta),
    n, mean, sd and median of each group, the checks of the assumptions, why this test was chosen, what the other tests
    say, and for three or more groups the pairs (Tukey, Games-Howell, Dunn-Holm, or paired with Holm; p corrected).
    `p_method` says how a p was got; where `p_is_bound`, all that is known is that p is below. With `by`, `results` has
    one comparison for each value, p_adjusted by Holm over them. Say the
    caveats in `warnings`. Rows where a value is missing are left out and counted. It only reads.
    """
    dataset = context.data.get(arguments.dataset)
    columns = _columns(arguments, dataset)
    picture = _picture(columns)
    with context.data.open(dataset.name, arguments.where, context.watch, is_lean=True) as table:
        if columns.by is None:
            return ToolOutput(_one(arguments, columns, table).model_copy(update={"picture": picture}))
        results = each_value(table, columns.by, lambda part: _one(arguments, columns, part))
    tested = corrected(results, lambda found: found.p)
    return ToolOutput(EachValue[Comparison](by=columns.by.named, results=tested, correction="holm", picture=picture))


def _columns(arguments: CompareGroups, dataset: Dataset) -> _Columns:
    ways = (arguments.group, arguments.value2 or arguments.repeated, arguments.mu)
    if sum(way is not None for way in ways) != 1:
        raise ToolError(
            "give one of: group (compare groups), value2 or repeated (compare columns row by row), mu (compare with a "
            "number)"
        )
    if arguments.group is None and (arguments.group2 or arguments.subject or arguments.groups):
        raise ToolError("groups, group2 and subject go with group: give it too")
    if arguments.group2 and arguments.subject:
        raise ToolError("group2 and subject do not go together; give one of them")
    value = find_column(dataset, arguments.value)
    is_shares = arguments.test == "proportions" or arguments.event is not None
    is_shares = is_shares or (arguments.test == "auto" and value.type in ("boolean", "text"))
    if is_shares and (arguments.group2 or arguments.subject or arguments.value2 or arguments.repeated):
        raise ToolError("shares are compared between groups (group) or with a number (mu); crosstab has mcnemar")
    if not is_shares:
        find_numeric(dataset, arguments.value)
    again = [*([arguments.value2] if arguments.value2 else []), *(arguments.repeated or [])]
    group, group2, subject = (
        None if name is None else find_column(dataset, name)
        for name in (arguments.group, arguments.group2, arguments.subject)
    )
    by = find_groups(dataset, arguments.by)
    found = _Columns(value, group, group2, subject, [find_numeric(dataset, name) for name in again], by, is_shares)
    parts = [value, *(column for column in (group, group2, subject) if column is not None), *found.again]
    parts += by.columns if by is not None else []
    if len({column.name for column in parts}) < len(parts):
        raise ToolError("the same column is named twice; each part of the comparison is a column of its own")
    return found


def _one(arguments: CompareGroups, columns: _Columns, table: DuckTable) -> Comparison:
    samples = _samples(arguments, columns, table)
    # Of two factors a cell may be empty.
    if not (any if samples.kind == "factors" else all)(len(values) for values in samples.arrays):
        raise ToolError(f"no row has a value of {columns.value.name!r} and of all that it is compared with")
    if not all(map(stats.are_finite, samples.arrays)):
        raise ToolError("there are infinite numbers among the values; leave them out with where")
    samples = samples.without_rounding().near_zero().near_one(arguments.mu)
    mu = arguments.mu if arguments.mu is None else stats.times(arguments.mu, -samples.exponent)
    try:
        found = compare(samples, arguments.test, arguments.alternative, mu, arguments.sums_of_squares, table.step)
        return _told_of(arguments, samples, found)
    except (stats.TooFewValues, ValueError) as error:
        raise ToolError(str(error)) from error


def _samples(arguments: CompareGroups, columns: _Columns, table: DuckTable) -> Samples:
    value, group, chosen = columns.value.name, columns.group, arguments.groups
    if columns.is_shares:
        return gathered.shares(table, value, None if group is None else group.name, arguments.event, chosen)
    if columns.again:
        return gathered.columns_side_by_side(table, [value, *(column.name for column in columns.again)])
    if group is None:
        return gathered.one_column(table, value)
    if columns.subject is not None:
        return gathered.by_subject(table, value, group.name, columns.subject.name, chosen)
    if columns.group2 is not None:
        return gathered.by_factors(table, value, group.name, columns.group2.name, chosen)
    return gathered.by_group(table, value, group.name, chosen)


def _told_of(arguments: CompareGroups, samples: Samples, found: Compared) -> Comparison:
    result = found.result
    # Of many comparisons each is told briefly: without why this test was chosen, and what the other tests say.
    further: dict[str, Any] = {} if arguments.by else {"why": found.why, "others": tuple(found.others)}
    return Comparison(
        test=result.test,
        statistic=result.statistic,
        df=result.df,
        p=result.p,
        p_method=result.p_method,
        effect=result.effect,
        **if_any(other_effects=result.further),
        difference=None if result.difference is None else _in_units(result.difference, samples),
        n=samples.n,
        missing=samples.missing,
        groups=tuple(
            _described(name[:MAX_LABEL], array, samples)
            for name, array in zip(samples.names, samples.arrays, strict=True)
        ),
        assumptions=tuple(map(_assumption, found.checks)),
        **further,
        **said(cautions(samples, found, arguments.alternative)),
        interpretation=_sentence(arguments, samples, found),
        **if_any(
            sphericity=found.sphericity,
            event=None if samples.event is None else samples.event[:MAX_LABEL],
            post_hoc=found.post_hoc,
            terms=found.terms,
            residual=found.residual,
            sums_of_squares=arguments.sums_of_squares if found.terms else None,
            df2=result.df2,
            power=_power(arguments, samples, found) if arguments.power else None,
        ),
    )


def _power(arguments: CompareGroups, samples: Samples, found: Compared) -> Power:
    power = power_of(samples, found.result, arguments.alternative)
    if power is None:
        known = "t, Mann-Whitney, Wilcoxon, ANOVA of each kind and two shares"
        raise ToolError(f"power: none is known for {found.result.test}; it is for {known}")
    return power


def _described(name: str, array: Floats, samples: Samples) -> MeanOfGroup | ShareOfGroup:
    n = len(array)
    if samples.event is not None:
        return ShareOfGroup(group=name, n=n, yes=int(array.sum()), share=float(array.mean()) if n else None)
    return MeanOfGroup(
        group=name,
        n=n,
        mean=samples.own(samples.origin + float(array.mean())) if n else None,
        sd=samples.own(float(array.std(ddof=1))) if n > 1 else None,
        median=samples.own(samples.origin + stats.median(array)) if n else None,
    )


def _in_units(difference: Difference, samples: Samples) -> Shift:
    """A difference in the values' own unit."""
    value, low, high = (samples.own(part) for part in (difference.value, difference.ci_low, difference.ci_high))
    return Shift(name=difference.name, value=value, ci_low=low, ci_high=high)


def _assumption(check: Check) -> Assumption:
    """The check; its name says of which assumption it is."""
    return Assumption(
        name=check.name,
        group=check.group,
        statistic=check.statistic,
        p=check.p,
        holds=check.holds,
        p_method=check.p_method,
        p_is_bound=check.p_is_bound,
    )


def _sentence(arguments: CompareGroups, samples: Samples, found: Compared) -> str:
    result = found.result
    return render(
        "compare_groups",
        kind=samples.kind,
        what=_what(result.test, samples),
        value=one_line(arguments.value),
        group=one_line(arguments.group or ""),
        names=[one_line(name) for name in samples.names],
        mu=f"{arguments.mu:g}" if arguments.mu is not None else "",
        test=result.test.replace("_", " "),
        side=None if arguments.alternative == "two-sided" else arguments.alternative,
        p=result.p,
        p_shown=p_words(result.p, result.p_method),
        **effect_words(result.effect),
        moved=_moved(arguments, samples, result.difference),
    )


def _moved(arguments: CompareGroups, samples: Samples, difference: Difference | None) -> str | None:
    """The difference of two means or shares in their own unit, with its 95 % interval where that has both ends."""
    moved = None if difference is None else _in_units(difference, samples)
    if moved is None or moved.value is None or moved.ci_low is None or moved.ci_high is None:
        return None
    name = moved.name if arguments.mu is None else moved.name.replace("- mu", f"minus {arguments.mu:g}")
    between = f" ({' - '.join(map(one_line, samples.names))})" if len(samples.names) == 2 else ""
    return f"{name}{between} = {moved.value:.6g}, 95 % interval {moved.ci_low:.6g} to {moved.ci_high:.6g}"


def _what(test: str, samples: Samples) -> str:
    """What it is of the value that differs."""
    if samples.event is not None:
        return f"the share of {one_line(samples.event)} in"
    if test in SPREADS:
        return "the spread of"
    return "the distribution of" if test == "ks" else ""


def _picture(columns: _Columns) -> Picture:
    """The call of plot that shows what was compared."""
    value, group = columns.value.name, columns.group
    if columns.again:
        return pictured("scatter", value, columns.again[0].name)
    if group is None:
        return pictured("bar" if columns.is_shares else "histogram", value)
    return pictured("heatmap" if columns.is_shares else "box", group.name, value)

"""compare_groups in an exported script: the test that was taken, by pandas, SciPy and statsmodels."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tools.compare_groups import CompareGroups
from tools.compare_groups.result import Comparison
from tools.each_value import EachValue
from tools.results import MadeCall
from tools.scripting import Script
from tools.scripts.as_words import as_words
from tools.scripts.counted_p import need_counts, need_fisher
from tools.scripts.each_value import show_each
from tools.stats import decimals, exact_ranks, floats
from tools.stats.decimals import equal_as_written
from tools.stats.effects import hedges_factor
from tools.stats.exact import rank_sum_p, signed_rank_p, smirnov_p
from tools.stats.exact_ranks import friedman_p, kruskal_p
from tools.stats.fisher import fisher_p

SPECIAL = "from scipy import special"


def script(writer: Script, number: int, call: MadeCall[Comparison | EachValue[Comparison]]) -> None:
    """The test that was taken, once or for each value of `by`."""
    given, mu = CompareGroups.model_validate(call.arguments), call.arguments.get("mu")

    def comparison(result: Comparison) -> str:
        groups = _groups(writer, given, result)
        if result.test == "two_way_anova":
            writer.need(compare_factors, by_effects, by_nested)
            writer.imports.add("import numpy as np")
            columns = f"{given.value!r}, {given.group!r}, {given.group2!r}"
            return f"compare_factors(frame, {columns}, {result.sums_of_squares})"
        if result.event is not None:
            writer.need(compare_shares)
            need_fisher(writer)
            return f"compare_shares({groups}, {result.event!r}, {result.test!r}, {given.alternative!r}, {mu!r})"
        writer.need(compare, compare_signs, effect_of, hedges_factor, groups_of)
        writer.need(decimals.equal_as_written, decimals._unit_of, decimals._first_decimals, decimals.is_written_in)
        writer.need(floats.pieces, exact_ranks.kruskal_p, exact_ranks.friedman_p, exact_ranks._share_from)
        writer.imports |= {"from itertools import permutations", "from collections.abc import Callable", SPECIAL}
        need_counts(writer)
        return f"compare({groups}, {result.test!r}, {result.p_method!r}, {given.alternative!r}, {mu or 0.0!r})"

    show_each(writer, number, "compare_groups", call, comparison)


def _groups(writer: Script, given: CompareGroups, result: Comparison) -> str:
    """The expression of the groups' values in the frame."""
    names = [one.group for one in result.groups]
    again = [*([given.value2] if given.value2 else []), *(given.repeated or [])]
    writer.need(as_words, parts_of)
    if again:
        columns = [given.value, *again]
        return f"[side[name] for side in [frame[{columns!r}].dropna()] for name in {columns!r}]"
    if given.group is None:
        return f"[frame[{given.value!r}].dropna()]"
    if given.subject is None:
        return f"parts_of(frame, {given.value!r}, {given.group!r}, {names!r})"
    writer.need(by_subject)
    return f"by_subject(frame, {given.value!r}, {given.group!r}, {given.subject!r}, {names!r})"


def parts_of(frame: pd.DataFrame, value: str, group: str, names: list[str]) -> list[pd.Series]:
    """The values of each group."""
    words = as_words(frame[group], names)
    return [frame.loc[words.index[words == name], value].dropna() for name in names]


def by_subject(frame: pd.DataFrame, value: str, group: str, subject: str, names: list[str]) -> list[pd.Series]:
    """Each subject's values in the groups, where it has them all."""
    parts = [frame.loc[part.index].set_index(subject)[value] for part in parts_of(frame, value, group, names)]
    whole = pd.concat(parts, axis=1).dropna()
    return [whole.iloc[:, place] for place in range(len(names))]


def compare(
    groups: list[pd.Series], test: str, p_method: str, alternative: Any = "two-sided", mu: float = 0.0
) -> dict[str, Any]:
    """One test of groups (of pairs, of one mean against mu): statistic and p, size of the effect, and the groups."""
    is_exact = p_method == "exact"
    if test == "wilcoxon":
        first = groups[0].to_numpy(dtype="float64")
        other = groups[1].to_numpy(dtype="float64") if len(groups) > 1 else first * 0 + mu
        found = compare_signs(equal_as_written(first - other, first, other), is_exact, alternative)
        return {**found, "groups": groups_of(groups)}
    if test == "repeated_anova":
        table = pd.concat(groups, axis=1).set_axis(range(len(groups)), axis=1)
        left = table.sub(table.mean(axis=1), axis=0)
        df1, df2 = len(groups) - 1, (len(groups) - 1) * (len(table) - 1)
        between = len(table) * ((table.mean() - table.to_numpy().mean()) ** 2).sum()
        f = float((between / df1) / (((left - left.mean()) ** 2).to_numpy().sum() / df2))
        p = float(stats.f.sf(f, df1, df2))
        return {"test": test, "statistic": f, "p": p, **effect_of(groups, test, f), "groups": groups_of(groups)}
    arrays = [group.to_numpy(dtype="float64") for group in groups]
    turned = {"less": "greater", "greater": "less"}.get(alternative, alternative)  # SciPy's sign for ks is the other
    run: Any = {
        "t": lambda: stats.ttest_1samp(groups[0], mu, alternative=alternative),
        "welch_t": lambda: stats.ttest_ind(*groups, equal_var=False, alternative=alternative),
        "student_t": lambda: stats.ttest_ind(*groups, alternative=alternative),
        "paired_t": lambda: stats.ttest_rel(*groups, alternative=alternative),
        "mann_whitney": lambda: stats.mannwhitneyu(*groups, alternative=alternative, method="asymptotic"),
        "kruskal": lambda: stats.kruskal(*groups),
        "friedman": lambda: stats.friedmanchisquare(*groups),
        "ks": lambda: stats.ks_2samp(*groups, alternative=turned, method="auto" if is_exact else "asymp"),
        "anova": lambda: stats.f_oneway(*groups),
        "welch_anova": lambda: stats.f_oneway(*groups, equal_var=False),
        "levene": lambda: stats.levene(*groups, center="mean"),
        "brown_forsythe": lambda: stats.levene(*groups),
        "bartlett": lambda: stats.bartlett(*[group.astype("float64") for group in groups]),
        "fligner": lambda: stats.fligner(*[equal_as_written(x - np.median(x), *arrays) for x in arrays]),
    }[test]
    found = run()
    statistic, more = float(found.statistic), {"df": float(found.df)} if test.endswith("_t") or test == "t" else {}
    p = float(found.pvalue)
    if is_exact and test in ("mann_whitney", "ks"):
        first, second = arrays
        by_sums = test == "mann_whitney"
        p = rank_sum_p(first, second, alternative)[0] if by_sums else smirnov_p(first, second, turned)[1]
    if is_exact and test in ("kruskal", "friedman"):
        counted = kruskal_p(arrays) if test == "kruskal" else friedman_p(np.column_stack(arrays))
        p = math.nan if counted is None else counted
    told = {"test": test, "statistic": statistic, "p": p, "p_method": p_method, **more}
    return {**told, **effect_of(groups, test, statistic), "groups": groups_of(groups)}


def effect_of(groups: list[pd.Series], test: str, statistic: float) -> dict[str, Any]:
    """The size of the effect, without its interval; nothing where a group of a test of spreads does not vary."""
    n, total, k, pairs = [len(group) for group in groups], sum(map(len, groups)), len(groups), len(groups[0])
    spreads = [float(group.var()) for group in groups]

    def unbiased(t: float, df: int, scale: float) -> float:
        return t * scale * hedges_factor(df)

    def share(f: float, df1: int, df2: int) -> float:
        return f * df1 / (f * df1 + df2)

    def pooled() -> float:
        return unbiased(float(stats.ttest_ind(*groups).statistic), total - 2, math.sqrt(1 / n[0] + 1 / n[1]))

    def ratio() -> float | None:
        first, last = spreads if k == 2 else (max(spreads), min(spreads))
        return None if min(spreads) == 0 else first / last

    sizes: dict[str, tuple[str, Callable[[], float | None]]] = {
        "t": ("hedges_g", lambda: unbiased(statistic, pairs - 1, pairs**-0.5)),
        "paired_t": ("hedges_g_z", lambda: unbiased(statistic, pairs - 1, pairs**-0.5)),
        "welch_t": ("hedges_g", pooled),
        "student_t": ("hedges_g", pooled),
        "mann_whitney": ("rank_biserial", lambda: 2 * statistic / (n[0] * n[1]) - 1),
        "anova": ("eta_squared", lambda: share(float(stats.f_oneway(*groups).statistic), k - 1, total - k)),
        "welch_anova": ("eta_squared", lambda: share(float(stats.f_oneway(*groups).statistic), k - 1, total - k)),
        "repeated_anova": ("partial_eta_squared", lambda: share(statistic, k - 1, (k - 1) * (pairs - 1))),
        "kruskal": ("epsilon_squared", lambda: statistic / (total - 1)),
        "friedman": ("kendalls_w", lambda: statistic / (pairs * (k - 1))),
        "ks": ("ks_distance", lambda: statistic),
    }
    name, size = sizes.get(test, ("variance_ratio", ratio))
    value = size()
    return {} if value is None else {"effect": {"name": name, "value": value}}


def groups_of(groups: list[pd.Series]) -> list[dict[str, Any]]:
    """Size, mean, standard deviation and median of each group."""
    deviations = [float(group.std()) if len(group) > 1 else None for group in groups]
    return [
        {"n": len(group), "mean": float(group.mean()), "sd": sd, "median": float(group.median())}
        for group, sd in zip(groups, deviations, strict=True)
    ]


def compare_signs(differences: Any, is_exact: bool, alternative: Any) -> dict[str, Any]:
    """Wilcoxon's signed ranks: p counted out, or normal with continuity correction."""
    kept = differences[differences != 0]
    if is_exact:
        p = signed_rank_p(kept, alternative)[0]
    else:
        p = float(stats.wilcoxon(kept, alternative=alternative, method="asymptotic", correction=True).pvalue)
    statistic = float(stats.rankdata(np.abs(kept))[kept > 0].sum())
    effect = {"name": "rank_biserial", "value": statistic / (len(kept) * (len(kept) + 1) / 4) - 1}
    return {"test": "wilcoxon", "statistic": statistic, "p": p, "effect": effect}


def compare_shares(
    groups: list[pd.Series], event: str, test: str, alternative: Any, mu: float | None
) -> dict[str, Any]:
    """Shares of the event: one against mu, two by z, more by chi-square; by Fisher's test where counts are small."""
    yes = [int((as_words(group, [event]) == event).sum()) for group in groups]
    n = [len(group) for group in groups]
    if mu is not None:
        found = stats.binomtest(yes[0], n[0], mu, alternative=alternative)
        return {"test": "binomial", "statistic": float(yes[0]), "p": float(found.pvalue)}
    counts = [yes, [every - one for every, one in zip(n, yes, strict=True)]]
    if test == "fisher":
        table = np.array(counts, dtype="float64").T
        return {"test": test, "statistic": None, "p": fisher_p(table, alternative).p}
    chi2 = stats.chi2_contingency(counts, correction=False)
    if len(n) > 2:
        return {"test": "proportions_chi_square", "statistic": float(chi2.statistic), "p": float(chi2.pvalue)}
    z = float(chi2.statistic**0.5) * (1 if yes[0] / n[0] > yes[1] / n[1] else -1)
    p = {"less": stats.norm.cdf(z), "greater": stats.norm.sf(z), "two-sided": chi2.pvalue}[alternative]
    return {"test": "proportions_z", "statistic": z, "p": float(p)}


def compare_factors(frame: pd.DataFrame, value: str, group: str, other: str, sums: int) -> dict[str, Any]:
    """Two factors and their interaction: the table of the analysis of variance."""
    table = frame[[value, group, other]].dropna().set_axis(["y", "a", "b"], axis=1)
    lines = by_effects(table) if sums == 3 else by_nested(table, sums)
    names = [group, other, f"{group}:{other}"]
    terms = [{"term": name, "f": f, "p": p} for name, (f, p) in zip(names, lines, strict=False)]
    return {"test": "two_way_anova", "statistic": terms[0]["f"], "p": terms[0]["p"], "terms": terms}


def by_effects(table: pd.DataFrame) -> list[tuple[float, float]]:
    """F and p of each term given all others, coded by sums (type III)."""
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    fit = ols("y ~ C(a, Sum) * C(b, Sum)", table.assign(y=table["y"] - table["y"].mean())).fit()
    lines = anova_lm(fit, typ=3).drop(index="Intercept")
    return [(float(line.iloc[0]), float(line.iloc[1])) for _, line in lines[["F", "PR(>F)"]].iloc[:3].iterrows()]


def by_nested(table: pd.DataFrame, sums: int) -> list[tuple[float, float]]:
    """F and p of each term, by what it explains beside the terms before it (type I), or beside all of its order."""
    y = (table["y"] - table["y"].mean()).to_numpy(dtype="float64")
    parts = {"a": table["a"], "b": table["b"], "ab": table["a"].astype(str) + "\0" + table["b"].astype(str)}
    columns = {name: pd.get_dummies(part).to_numpy(dtype="float64") for name, part in parts.items()}

    def left(*names: str) -> tuple[float, int]:
        design = np.column_stack([np.ones(len(y)), *(columns[name] for name in names)])
        found, _, rank, _ = np.linalg.lstsq(design, y)
        return float(((y - design @ found) ** 2).sum()), int(rank)

    full, whole = left("a", "b", "ab"), left("a", "b")
    steps = [(left(), left("a")) if sums == 1 else (left("b"), whole), (left("a"), whole), (whole, full)]
    df2, lines = len(y) - full[1], []
    for (before, rank), (after, more) in steps:
        if more > rank:
            f = (before - after) / (more - rank) / (full[0] / df2)
            lines.append((f, float(stats.f.sf(f, more - rank, df2))))
    return lines

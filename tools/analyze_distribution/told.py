"""What is told of a result of analyze_distribution without Claude."""

from __future__ import annotations

from typing import Any

from tools.telling import Outcome, as_table, listed, p_of, warned


def told(outcome: Outcome[Any]) -> str:
    """The sentences and tables."""
    result = outcome.result
    is_grouped = "groups" in result
    tests = [
        [*([test.get("group")] if is_grouped else []), test["name"], test["statistic"], p_of(test)]
        for test in listed(result, "tests")
    ]
    fits = [[fit["family"], fit["aic"], fit["ks"]] for fit in listed(result, "fits")]
    told = [result["interpretation"], as_table([*(["group"] if is_grouped else []), "test", "statistic", "p"], tests)]
    more = [as_table(["family", "AIC", "KS distance"], fits)] if fits else []
    return "\n\n".join([*told, *more, *warned(listed(result, "warnings"))])

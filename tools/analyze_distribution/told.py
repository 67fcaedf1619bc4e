"""What is told of a result of analyze_distribution without Claude."""

from __future__ import annotations

from tools.analyze_distribution.result import Distribution
from tools.results import MadeCall
from tools.telling import as_table, p_shown, warned


def told(call: MadeCall[Distribution]) -> str:
    """The sentence, the tests, and the families that were fitted."""
    result = call.result
    head = ["test", "statistic", "p"]
    tests: list[list[object]] = [[test.name, test.statistic, p_shown(test.p, test.p_is_bound)] for test in result.tests]
    if result.groups is not None:
        head = ["group", *head]
        tests = [[test.group, *row] for test, row in zip(result.tests, tests, strict=True)]
    fits = [[fit.family, fit.aic, fit.ks] for fit in result.fits or ()]
    more = [as_table(["family", "AIC", "KS distance"], fits)] if fits else []
    return "\n\n".join([result.interpretation, as_table(head, tests), *more, *warned(result.warnings)])

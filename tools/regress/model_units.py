"""A regression of columns whose squares float64 cannot hold: fitted over powers of two, told in their own units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tools import stats
from tools.errors import ToolError

if TYPE_CHECKING:
    from tools.stats import Blocks, Coefficient, Rows


@dataclass(frozen=True)
class Units:
    """The powers of two that y, the terms and the weights are divided by; 0 where squares are safe as they are."""

    y: int
    x: tuple[int, ...]
    weights: int

    def apply(self, blocks: Blocks) -> Blocks:
        """The same rows in these units."""
        if not (self.y or any(self.x) or self.weights):
            return blocks

        def divided() -> Iterable[Rows]:
            for rows in blocks():
                weights = None if rows.weights is None else stats.divided(rows.weights, self.weights)
                x, y = stats.divide_columns(rows.x, self.x), stats.divided(rows.y, self.y)
                yield replace(rows, x=x, y=y, weights=weights)

        return divided

    def own(self, coefficients: Sequence[Coefficient], names: Sequence[str]) -> list[Coefficient]:
        """The coefficients in the columns' own units.

        Raises
        ------
        ToolError
            If one is beyond what float64 holds.
        """
        powers = dict(zip(names, self.x, strict=True))
        return [self._own(one, self.y - powers.get(one.term, 0)) for one in coefficients]

    def _own(self, one: Coefficient, power: int) -> Coefficient:
        estimate = stats.times(one.estimate, power)
        if estimate is None:
            raise ToolError(
                f"the coefficient of {one.term!r} is beyond the numbers that a computer holds: bring the target and "
                "this term to units nearer to each other by transform"
            )
        se, low, high = (stats.times(value, power) for value in (one.se, one.ci_low, one.ci_high))
        return replace(one, estimate=estimate, se=se, ci_low=low, ci_high=high)

    def own_sigma(self, sigma: float) -> float | None:
        """The residuals' standard deviation in y's own unit; of weighted rows, that of a row of weight 1."""
        return stats.times(sigma, self.y + self.weights // 2)


def find_units(blocks: Blocks, k: int, is_counts: bool) -> Units:
    """Look at all rows once; of counts and of yes and no, y and exposure stay as they are."""
    y, weights, x = 0.0, 0.0, [0.0] * k
    for rows in blocks():
        y = max(y, stats.largest(rows.y))
        x = [max(old, stats.largest(column)) for old, column in zip(x, rows.x.T, strict=True)]
        if rows.weights is not None:
            weights = max(weights, stats.largest(rows.weights))
    powers = tuple(stats.exponent_of_largest(value) for value in x)
    if is_counts:
        return Units(0, powers, 0)
    of_weights = stats.exponent_of_largest(weights)
    return Units(stats.exponent_of_largest(y), powers, of_weights - of_weights % 2)

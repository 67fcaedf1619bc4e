"""Two factors at once: the analysis of variance with their interaction, balanced or not, by cell means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import linalg, stats

from tools.stats.comparison import TooFewValues
from tools.stats.effects import share_of_variance
from tools.stats.floats import Floats
from tools.stats.found import FactorLine

SumsOfSquares = Literal[1, 2, 3]


@dataclass(frozen=True)
class TwoWay:
    """The lines of the first factor, the second and (where cells repeat) their interaction; and what is left."""

    lines: tuple[FactorLine, ...]
    residual_ss: float
    residual_df: float
    n_empty_cells: int


def two_way_anova(cells: Sequence[Sequence[Floats]], names: tuple[str, str], sums: SumsOfSquares = 2) -> TwoWay:
    """F of two factors and their interaction.

    Every model of two factors sees only the cells' means and sizes, so that the sums of squares come from a table of
    cells, weighted, whatever the number of rows. Where no cell has two values, the interaction serves as the residual
    (and has no line).

    Parameters
    ----------
    cells : nested sequence, shape (n_levels_1, n_levels_2)
        The values of each pair of levels; a cell may be empty.
    names : tuple of str
        Of the two factors.
    sums : 1, 2 or 3
        1: the first factor, then the second, then both (R's aov). 2: each factor beside the other (R's car, the
        default). 3: each beside the other and the interaction, with contrasts that sum to 0 (SPSS, SAS).

    Raises
    ------
    TooFewValues
        If a factor has one level, nothing is left for the residual, or nothing varies.
    """
    n_rows, n_columns = len(cells), len(cells[0])
    if n_rows < 2 or n_columns < 2:
        raise TooFewValues("a factor has a single level among these rows: use one factor")
    sizes = np.array([[len(cell) for cell in row] for row in cells], dtype=np.float64).ravel()
    filled = sizes > 0
    if sums == 3 and not filled.all():
        raise TooFewValues("a pair of levels has no rows: sums of squares of type 3 are not defined; use type 2")
    middle = float(np.median(np.concatenate([cell for row in cells for cell in row])))
    moved = [cell - middle for row in cells for cell in row if len(cell)]
    means = np.array([cell.mean() for cell in moved])
    within = sum(float(((cell - cell.mean()) ** 2).sum()) for cell in moved)
    weights = np.sqrt(sizes[filled])
    first, second = _coded(n_rows), _coded(n_columns)
    of_first = np.repeat(first, n_columns, axis=0)[filled]
    of_second = np.tile(second, (n_rows, 1))[filled]
    both = (of_first[:, :, None] * of_second[:, None, :]).reshape(len(means), -1)

    def left(*parts: Floats) -> tuple[float, int]:
        """What these terms leave of the cells' means, and how many directions they span."""
        design = np.column_stack([np.ones(len(means)), *parts]) * weights[:, None]
        return _residual(design, means * weights)

    additive, whole = left(of_first, of_second), left(of_first, of_second, both)
    pairs = {
        1: ((left(), left(of_first)), (left(of_first), additive)),
        2: ((left(of_second), additive), (left(of_first), additive)),
        3: ((left(of_second, both), whole), (left(of_first, both), whole)),
    }[sums]
    rest_ss, rest_df = within, float(sizes.sum() - len(means))
    compared = [(names[0], *pairs[0]), (names[1], *pairs[1])]
    if rest_df > 0:
        compared.append((f"{names[0]}:{names[1]}", additive, whole))
    else:
        if sums == 3:
            raise TooFewValues("each pair of levels has one value: sums of squares of type 3 need more; use type 2")
        rest_ss, rest_df = additive[0], float(len(means) - additive[1])
    if rest_df < 1 or rest_ss <= 1e-28 * float((weights * weights * means * means).sum()):
        raise TooFewValues("nothing is left to measure differences by: the factors explain every value")
    lines = [
        _line(name, without[0] - within_[0], within_[1] - without[1], rest_ss / rest_df, rest_df)
        for name, without, within_ in compared
        if within_[1] > without[1]
    ]
    return TwoWay(tuple(lines), rest_ss, rest_df, int((~filled).sum()))


def _coded(n_levels: int) -> Floats:
    """Contrasts that sum to 0, shape (n_levels, n_levels - 1): the last level is minus the others."""
    contrasts: Floats = np.vstack([np.eye(n_levels - 1), -np.ones(n_levels - 1)])
    return contrasts


def _residual(design: Floats, goal: Floats) -> tuple[float, int]:
    q, r, _ = linalg.qr(design, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(r))
    rank = int((diagonal > 1e-10 * diagonal[0]).sum())
    basis = q[:, :rank]
    rest = goal - basis @ (basis.T @ goal)
    return float((rest**2).sum()), rank


def _line(name: str, ss: float, df: int, scale: float, rest_df: float) -> FactorLine:
    ss = max(0.0, ss)
    f = ss / df / scale
    effect = share_of_variance(f, df, rest_df, "partial_eta_squared")
    return FactorLine(name, ss, df, ss / df, f, float(stats.f.sf(f, df, rest_df)), "F", effect)

"""How much memory a fit takes beside the prepared table: a law for each kind of model that takes any, in bytes.

Of peaks of whole trainings in a process of their own (evals/bench/memory.py, 2026-11-28), less what the table takes.
"""

from __future__ import annotations

import math

from tools.ml.fit_times import Settings, Size, n_terms, number_in

NUMBER = 8
NODE = 90
"""A node of a tree, with what it says and its copy while the model is written."""
IN_BAG = 0.63
"""Of the rows, those that a tree of a forest is grown on."""
PURE = 0.2
"""Of the leaves that a number needs, those that two noisy classes need."""
KERNEL_CACHE = 200 * 2**20


def no_more_b(size: Size, settings: Settings) -> float:
    """Hardly more than the table."""
    return 0.0


def svd_b(size: Size, settings: Settings) -> float:
    """The singular vectors of the rows, and of those of its choice."""
    return 3 * NUMBER * size.cells


def polynomial_b(size: Size, settings: Settings) -> float:
    """All terms of each row, as they are made, scaled and solved."""
    return 4 * NUMBER * size.rows * n_terms(size.columns, settings)


def forest_b(size: Size, settings: Settings) -> float:
    """The nodes of its trees, which are kept."""
    least = number_in(settings, "min_samples_leaf", 1)
    least = least * size.rows if least < 1 else 1.5 * least - 0.5
    leaves = IN_BAG * size.rows / least * (1.0 if size.task == "regression" else PURE)
    leaves = min(
        leaves, math.pow(2, min(number_in(settings, "max_depth", 60), 60)), number_in(settings, "max_leaf_nodes", 1e9)
    )
    return number_in(settings, "n_estimators", 100) * 2 * leaves * NODE


def svm_b(size: Size, settings: Settings) -> float:
    """The rows as libsvm holds them, what it keeps of the kernel, and the support vectors."""
    return min(KERNEL_CACHE, 4.0 * size.rows * size.rows) + 3 * NUMBER * size.cells

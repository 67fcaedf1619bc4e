"""The constants of detect_schema from the public tables: `python -m evals.bench.schema_fit`.

The weights of the target's signs are of all tables: how far they can be trusted is judged by `fit_without`, which
leaves a table's whole package out. Everything else is of the tuning part. What it prints is what
tools/ml/target_ranking.py and tools/ml/column_kinds.py hold.
"""

from __future__ import annotations

import sys
from collections import Counter

import numpy as np
from scipy.optimize import minimize

from evals.bench.schema_tables import Labelled, Table, read_labelled, read_tables
from tools import ml
from tools.ml.column_kinds import told_by
from tools.ml.schema import can_be_target
from tools.ml.target_ranking import WEIGHTS, signs

PENALTY = 0.3
"""The ridge's: of 0.1, 0.3 and 1 the best log loss on tables of packages left out that no name was chosen from (1.028,
1.023, 1.046)."""
MOST = 0.99
SET = "words called classes"
"""Its weight is set by hand (target_ranking.py says why); the others are fitted beside it."""


def main() -> None:
    """Print both tables of constants."""
    tables = read_tables()
    for name, weight in fit_weights(tables).items():
        sys.stdout.write(f'    "{name}": {weight:.2f},\n')
    for trust, (share, n) in fit_tasks([table for table in tables if not table.held_out]).items():
        sys.stdout.write(f"task, trusted {trust}: {share:.2f} of {n}\n")
    for rule, (share, n) in fit_confidences([column for column in read_labelled() if not column.held_out]).items():
        sys.stdout.write(f'    "{rule}": {min(share, MOST):.2f},  # of {n}\n')


def fit_without(tables: list[Table]) -> dict[str, dict[str, float]]:
    """For each package the weights that all other packages give."""
    packages = {table.package for table in tables}
    return {name: fit_weights([table for table in tables if table.package != name]) for name in packages}


def fit_weights(tables: list[Table]) -> dict[str, float]:
    """The conditional logit's weights: most likely for the targets of these tables, with a ridge.

    Tables whose targets have one name count as one together: many are field trials with a `yield`.
    """
    names = [name for name in WEIGHTS if name != SET]
    n_same = Counter(table.target.lower() for table in tables)
    parts = []
    for table in tables:
        fitting = [column for column in table.columns if can_be_target(column, table.n_rows)]
        places = [place for place, column in enumerate(fitting) if column.name == table.target]
        if places:
            parts.append(
                (
                    _design(fitting, names),
                    WEIGHTS[SET] * _design(fitting, [SET])[:, 0],
                    places[0],
                    1 / n_same[table.target.lower()],
                )
            )

    def loss(weights: np.ndarray) -> float:
        total = PENALTY * float(weights @ weights)
        for design, given, chosen, weight in parts:
            scores = design @ weights + given
            total -= weight * float(scores[chosen] - np.logaddexp.reduce(scores))
        return total

    found = minimize(loss, np.zeros(len(names)), method="L-BFGS-B")
    return {**dict(zip(names, map(float, found.x), strict=True)), SET: WEIGHTS[SET]}


def _design(columns: list[ml.ColumnFacts], names: list[str]) -> np.ndarray:
    holds = [set(signs(columns, place)) for place in range(len(columns))]
    return np.array([[float(name in has) for name in names] for has in holds])


def fit_tasks(tables: list[Table]) -> dict[float, tuple[float, int]]:
    """How often the task is right where `trust_task` says so much now, as in `fit_confidences`."""
    right, n = Counter[float](), Counter[float]()
    for table in tables:
        schema = ml.detect(table.columns, table.n_rows, table.target)
        n[schema.task_confidence] += 1
        right[schema.task_confidence] += schema.problem == table.problem
    return {trust: ((right[trust] + 1) / (n[trust] + 2), n[trust]) for trust in sorted(n)}


def fit_confidences(columns: list[Labelled]) -> dict[str, tuple[float, int]]:
    """How often each rule is right, with one more right and one more wrong: none is ever certain; and of how many."""
    right, n = Counter[str](), Counter[str]()
    for column in columns:
        kind, rule = told_by(column.facts, column.n_rows)
        n[rule] += 1
        right[rule] += kind in column.meant
    return {rule: ((right[rule] + 1) / (n[rule] + 2), n[rule]) for rule in sorted(n)}


if __name__ == "__main__":
    main()

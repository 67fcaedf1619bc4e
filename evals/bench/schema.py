"""What detect_schema gets right on public tables, and what its confidences are worth: `python -m evals.bench.schema`.

Target and task on 206 tables of R whose documented example models a known column; kinds on 7,232 columns that people
labelled (SortingHat). The target of a table is ranked by weights that were fitted to the tables of all other packages
(grouped cross-validation), not by those that are shipped, which were fitted to all of them. Names and every other
constant were taken from the tuning part alone; the held-out part, one table in three by a hash of its name
(`schema_tables.is_held_out`), was only measured. Beside it stand plain rules.

ECE: the expected calibration error over ten bins of equal width, |mean confidence - share right| weighted by how many.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evals.bench.schema_fit import fit_without
from evals.bench.schema_tables import Labelled, Table, read_labelled, read_tables
from tools import ml
from tools.ml.column_kinds import tell_kind
from tools.ml.schema import rank_targets

N_BINS = 10
NAME_LIST = re.compile(r"(target|label|class|y|outcome|response|result|status|price|score|yield|count)", re.IGNORECASE)
"""The usual names of the baseline: the first column that has one is the target, else the last column is."""

Answer = tuple[bool, float]
"""Whether it was right, and the confidence."""
Weights = Mapping[str, Mapping[str, float]]
"""By a package's name, the weights of signs that all other packages give."""


@dataclass(frozen=True)
class Line:
    """What is measured of one part: our answers, and the shares right of the plain rules by their names."""

    what: str
    part: str
    answers: Sequence[Answer]
    plain: dict[str, float]

    def told(self) -> str:
        """As a row of the table."""
        n = len(self.answers)
        plain = ", ".join(f"{name} {share:.3f}" for name, share in self.plain.items()) or "-"
        mean = sum(confidence for _, confidence in self.answers) / n
        right = share_right(right for right, _ in self.answers)
        return f"| {self.what} | {self.part} | {n:,} | {right:.3f} | {mean:.3f} | {ece(self.answers):.3f} | {plain} |\n"


def main() -> None:
    """Print a line for each of target, task and kind, on the tuning part and on the held-out one."""
    tables, labelled = read_tables(), read_labelled()
    weights = fit_without(tables)
    sys.stdout.write("| of | part | n | right | mean confidence | ECE | plain rules |\n|---|---|---|---|---|---|---|\n")
    for is_held_out, part in ((False, "tuning"), (True, "held out")):
        some = [table for table in tables if table.held_out == is_held_out]
        columns = [column for column in labelled if column.held_out == is_held_out]
        lines = [
            *target_lines(some, part, weights),
            Line("task", part, [task_answer(table) for table in some], plain_tasks(some)),
            Line("kind", part, [kind_answer(column) for column in columns], plain_kinds(columns)),
        ]
        sys.stdout.writelines(line.told() for line in lines)
    sys.stdout.writelines(line.told() for line in target_lines(tables, "both", weights))
    sys.stdout.write(sure_ones(tables, weights))
    sys.stdout.write("\nHeld out, by the kind that a person told: " + by_kind(labelled) + ".\n")


def target_lines(tables: Sequence[Table], part: str, weights: Weights) -> list[Line]:
    """The first of the ranked targets, and whether it is one of the first three."""
    ranked = [(table, ranked_by_others(table, weights)) for table in tables]
    first = [(shares[0][0] == table.target, shares[0][1]) for table, shares in ranked]
    three = [
        (table.target in [name for name, _ in shares[:3]], min(1.0, sum(share for _, share in shares[:3])))
        for table, shares in ranked
    ]
    return [
        Line("target", part, first, plain_targets(tables)),
        Line("target among the first three", part, three, {}),
    ]


def ranked_by_others(table: Table, weights: Weights) -> list[tuple[str, float]]:
    """The columns that may be the target, likeliest first, by what the tables of other packages taught."""
    return rank_targets(table.columns, table.n_rows, weights[table.package])


def sure_ones(tables: Sequence[Table], weights: Weights) -> str:
    """How many tables nobody would be asked about, and how often the target is right there."""
    firsts = [(table.target, *ranked_by_others(table, weights)[0]) for table in tables]
    sure = [target == name for target, name, share in firsts if share >= ml.SURE]
    return f"\nNot asked about: {len(sure)} of {len(firsts)}, of which {share_right(sure):.3f} right.\n"


def task_answer(table: Table) -> Answer:
    """Whether regression, two classes or more is right for the documented target."""
    schema = ml.detect(table.columns, table.n_rows, table.target)
    return schema.problem == table.problem, schema.task_confidence


def kind_answer(column: Labelled) -> Answer:
    """Whether the kind is one that the person's label means."""
    kind, confidence = tell_kind(column.facts, column.n_rows)
    return kind in column.meant, confidence


def plain_targets(tables: Sequence[Table]) -> dict[str, float]:
    """The last column; a list of usual names, else the last column."""
    named = (
        next((one.name for one in table.columns if NAME_LIST.fullmatch(one.name)), table.columns[-1].name)
        == table.target
        for table in tables
    )
    last = (table.columns[-1].name == table.target for table in tables)
    return {"last column": share_right(last), "name list": share_right(named)}


def plain_tasks(tables: Sequence[Table]) -> dict[str, float]:
    """Words are classes and numbers a regression, two values or not; always a regression."""
    by_type = []
    for table in tables:
        target = next(column for column in table.columns if column.name == table.target)
        words = "binary" if target.distinct == 2 else "multiclass"
        by_type.append((words if target.type in ("text", "boolean") else "regression") == table.problem)
    always = (table.problem == "regression" for table in tables)
    return {"by type": share_right(by_type), "always regression": share_right(always)}


def plain_kinds(columns: Sequence[Labelled]) -> dict[str, float]:
    """The column's type alone: numbers, dates, everything else a category."""
    plain: dict[str, ml.ColumnKind] = {"integer": "number", "number": "number", "date": "date", "datetime": "date"}
    return {"by type": share_right(plain.get(one.facts.type, "category") in one.meant for one in columns)}


def by_kind(columns: Sequence[Labelled]) -> str:
    """How many of each kind there are in the held-out part, and the share of them that was found."""
    n, right = Counter[str](), Counter[str]()
    for column in columns:
        if column.held_out:
            n[" or ".join(column.meant)] += 1
            right[" or ".join(column.meant)] += kind_answer(column)[0]
    return ", ".join(f"{kind} {right[kind] / n[kind]:.3f} of {n[kind]:,}" for kind in n)


def share_right(answers: Iterable[bool]) -> float:
    """The share that is true."""
    listed = list(answers)
    return sum(listed) / len(listed)


def ece(answers: Sequence[Answer]) -> float:
    """The expected calibration error (Naeini, Cooper, Hauskrecht 2015), over `N_BINS` bins."""
    bins: dict[int, list[Answer]] = {}
    for right, confidence in answers:
        bins.setdefault(min(int(confidence * N_BINS), N_BINS - 1), []).append((right, confidence))
    off = (abs(sum(right - confidence for right, confidence in some)) for some in bins.values())
    return sum(off) / len(answers)


if __name__ == "__main__":
    main()

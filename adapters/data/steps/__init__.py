"""What a table can go through: one function a step, over the table under work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb

from adapters.data.base import DataError, StepDone
from adapters.data.steps import casting, columns, fences, missing, models, parts, rows, shapes
from adapters.data.steps.work import Work

STEPS: dict[type[Any], Callable[[Work, Any], int]] = {
    models.Derive: columns.derive,
    models.Filter: rows.filter_rows,
    models.Cast: casting.cast,
    models.DropMissing: rows.drop_missing,
    models.DropRows: rows.drop_rows,
    models.FillMissing: missing.fill_missing,
    models.Fence: fences.fence,
    models.Dedupe: rows.dedupe,
    models.Scale: columns.scale,
    models.Encode: columns.encode,
    models.Bin: columns.bin_numbers,
    models.Select: columns.select,
    models.Drop: columns.drop,
    models.Rename: columns.rename,
    models.Sort: rows.sort,
    models.Sample: rows.sample,
    models.Aggregate: shapes.aggregate,
    models.Pivot: shapes.pivot,
    models.Unpivot: shapes.unpivot,
    models.Join: shapes.join,
}


def apply(work: Work, step: Any) -> StepDone:
    """Take one step.

    Raises
    ------
    DataError
        If the step does not fit the table, in a sentence that names it.
    """
    rows_before = work.n_rows()
    try:
        take = STEPS[type(step)]
        n_cells = parts.take_in_parts(work, step, take) if parts.is_columnwise(step) else take(work, step)
    except duckdb.OutOfMemoryException as error:
        raise DataError(f"{step.op}: it needs more memory than a step may take") from error
    except duckdb.Error as error:
        raise DataError(f"{step.op}: {str(error).partition(chr(10))[0]}") from error
    return StepDone(step.op, rows_before, work.n_rows(), n_cells)

"""Steps that keep, drop or order rows. Each gives the number of values written: none."""

from __future__ import annotations

from adapters.data.base import DataError, quote_identifier
from adapters.data.expression import check_expression
from adapters.data.step_warns import StepWarns
from adapters.data.steps.models import Dedupe, DropMissing, DropRows, Filter, Sample, Sort
from adapters.data.steps.work import Work


def filter_rows(work: Work, step: Filter) -> int:
    """Keep the rows for which the condition is true."""
    work.keep_rows(check_expression(step.where, list(work.types())))
    return 0


def drop_missing(work: Work, step: DropMissing) -> int:
    """Drop the rows in which any of the columns is missing."""
    columns = map(quote_identifier, work.find_all(step.columns))
    work.keep_rows(" AND ".join(f"{column} IS NOT NULL" for column in columns))
    return 0


def drop_rows(work: Work, step: DropRows) -> int:
    """Drop the rows of these numbers; numbers that no row has are a warning."""
    n_rows = work.n_rows()
    unknown = sum(not 0 <= row < n_rows for row in set(step.rows))
    if unknown:
        work.warnings.append(StepWarns.NO_SUCH_ROWS(n_unknown=unknown, last=n_rows - 1))
    work.keep_rows(f"_row NOT IN ({', '.join(map(str, sorted(set(step.rows))))})")
    return 0


def dedupe(work: Work, step: Dedupe) -> int:
    """Keep the first or the last of the rows that are alike; two missing values are alike."""
    columns = ", ".join(map(quote_identifier, work.find_all(step.columns)))
    order = "_row" if step.keep == "first" else "_row DESC"
    chosen = f"QUALIFY row_number() OVER (PARTITION BY {columns} ORDER BY {order}) = 1"
    work.rewrite(f"SELECT * EXCLUDE (_row) FROM numbered {chosen} ORDER BY _row")
    return 0


def sort(work: Work, step: Sort) -> int:
    """Order the rows; missing values last, ties as they were."""
    keys = [
        f"{quote_identifier(work.find(key.column))} {'DESC' if key.descending else 'ASC'} NULLS LAST" for key in step.by
    ]
    work.rewrite(f"SELECT * EXCLUDE (_row) FROM numbered ORDER BY {', '.join(keys)}, _row")
    return 0


def sample(work: Work, step: Sample) -> int:
    """Draw rows without replacement: those whose MD5 of seed and row number is smallest, the same on every machine."""
    if (step.n is None) == (step.fraction is None):
        raise DataError("sample: give n or fraction, one of the two")
    n_rows = work.n_rows()
    n = step.n if step.n is not None else round(n_rows * (step.fraction or 0))
    if n > n_rows:
        work.warnings.append(StepWarns.FEWER_ROWS(n_asked=n, n_rows=n_rows))
    rank = f"row_number() OVER (ORDER BY md5('{step.seed}-' || _row), _row)"
    work.rewrite(f"SELECT * EXCLUDE (_row) FROM numbered QUALIFY {rank} <= {n} ORDER BY _row")
    return 0

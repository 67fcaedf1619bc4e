"""query: SQL that Claude wrote, over the loaded datasets."""

from __future__ import annotations

from pydantic import Field

from adapters.data.base import QueryResult
from tools.context import ToolContext
from tools.query.result import Selection
from tools.query.sentences import SENTENCES
from tools.query.told import told
from tools.results import ToolOutput
from tools.scripting import later
from tools.spec import Arguments, tool
from tools.warned import said


class Query(Arguments):
    """One SELECT, and what becomes of its rows."""

    sql: str = Field(
        description="One SELECT (or WITH … SELECT) in DuckDB's SQL; each loaded dataset is a table of its name.",
        min_length=1,
    )
    save_as: str | None = Field(
        default=None, description="Name for a new dataset that holds all rows of the result.", min_length=1
    )
    limit: int = Field(default=100, ge=1, le=1_000, description="How many rows to return at most.")


@tool(
    effect="write",
    gives="one SELECT over the loaded datasets, read-only; `save_as` makes a dataset",
    example={"sql": "SELECT species, avg(body_mass_g) AS mean FROM penguins GROUP BY species ORDER BY mean"},
    sentences=SENTENCES,
    told=told,
    script=later("tools.query.script"),
)
def query(arguments: Query, context: ToolContext) -> ToolOutput[Selection]:
    """Answer a question with one SELECT over the loaded datasets: joins, groups, windows, any DuckDB SQL that reads.

    Each dataset is a table of its name; `_row` (0, 1, … in the order of the source) is there when the SQL mentions it,
    for windows and order. `total` counts all rows of the result; when `truncated` is true only the first `limit` of
    them are returned, so aggregate, or keep them all with `save_as` as a new dataset that the other tools take.
    A query may take 30 s and 1 GB; it sees no files, settings or other people's data. Prefer the tools describe,
    correlate and check_quality where they fit: they state their method and handle missing values.
    """
    if arguments.save_as is None:
        return ToolOutput(_selection(context.data.query(arguments.sql, arguments.limit, context.watch)))
    saved = context.data.save_query(arguments.sql, arguments.save_as, arguments.limit, context.watch)
    made = {"dataset": saved.dataset.name, **said(saved.dataset.warned)}
    return ToolOutput(_selection(saved.shown).model_copy(update=made))


def _selection(found: QueryResult) -> Selection:
    return Selection(columns=found.columns, rows=found.rows, total=found.total, truncated=found.truncated)

"""transform: steps that make a new dataset of an old one."""

from __future__ import annotations

from pydantic import Field

from adapters.data.steps.models import Step
from tools.columns import free_name
from tools.context import ToolContext
from tools.results import ToolOutput
from tools.scripting import later
from tools.spec import Arguments, tool
from tools.transform.result import Made, MadeColumn
from tools.transform.sentences import SENTENCES
from tools.transform.told import told
from tools.warned import said


class Transform(Arguments):
    """Which dataset, what is done to it, and the name of what comes out."""

    dataset: str = Field(description="Name of a loaded dataset; it stays as it is.")
    steps: list[Step] = Field(description="The steps, taken in order.", min_length=1, max_length=100)
    save_as: str | None = Field(
        default=None, description="Name of the new dataset; the old name with _2, _3, … by default.", min_length=1
    )


@tool(
    effect="write",
    gives="steps that make a new dataset: derive, filter, cast, fill, dedupe, scale, encode, bin, pivot, join, …",
    example={
        "dataset": "penguins",
        "steps": [
            {"op": "derive", "column": "kg", "expression": "body_mass_g / 1000"},
            {"op": "drop_missing", "columns": ["kg"]},
        ],
        "save_as": "in_kg",
    },
    sentences=SENTENCES,
    told=told,
    script=later("tools.transform.script"),
)
def transform(arguments: Transform, context: ToolContext) -> ToolOutput[Made]:
    """Make a new dataset by steps: derive, filter, cast, drop_missing, drop_rows, fill_missing, fence, dedupe, scale,
    encode, bin, select, drop, rename, sort, sample, aggregate, pivot, unpivot, join. The old dataset stays as it is.

    `changed` says for each step the rows before and after and how many values were written. `_row` (0, 1, … in the
    order of the source) can be used in expressions and windows. cast reads numbers and dates in the forms that people
    write them; what cannot be converted becomes missing and is a warning: read the warnings to the user. scale takes
    the population's sd, as scikit-learn does; fit it on training rows only if a model follows. kNN does not scale.
    The steps are kept with the dataset as its recipe.
    """
    name = context.data.get(arguments.dataset).name
    save_as = arguments.save_as or free_name(name, [dataset.name for dataset in context.data.all()])
    made = context.data.transform(name, arguments.steps, save_as, context.watch)
    columns = made.dataset.columns
    return ToolOutput(
        Made(
            dataset=made.dataset.name,
            rows=made.dataset.rows,
            changed=made.changed,
            columns=tuple(MadeColumn(name=one.name, type=one.type, missing=one.missing) for one in columns),
            **said(made.dataset.warned),
        )
    )

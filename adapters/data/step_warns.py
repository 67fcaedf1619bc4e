"""What the steps of a transform warn of."""

from __future__ import annotations

from adapters.records.warned import Warns


class StepWarns(Warns):
    """Its warnings, in the order of the steps."""

    COLUMN_REPLACED = "derive: the column {name!r} was there already; its values are replaced"
    READ_WITH_COMMA = "column {name!r}: read with a decimal comma"
    ROUNDED_TO_WHOLE = "column {name!r}: {n_values} [value was not whole and is|values were not whole and are] rounded"
    DATES_READ_AS = "column {name!r}: dates are read as {form}"
    DATES_READ_EITHER_WAY = "column {name!r}: dates are read as {form}; every one would also fit {twin}: make sure"
    NOT_CONVERTED = (
        "column {name!r}: {n_values} [value, {example!r} (in row {row}), is|values such as {example!r} (first in "
        "row {row}) are] no {kind}: missing now"
    )
    WORDS_FOR_MISSING = "column {name!r}: {n_values} [word for missing is|words for missing are] missing now"
    NO_SUCH_ROWS = "drop_rows: {n_unknown} of the numbers [is|are] no row's; rows count from 0 to {last}"
    NOT_FILLED = "column {name!r}: {n_left} [value|values] had nothing to be filled from and [stays|stay] missing"
    PUT_IN_AS = "column {name!r}: {given!r} is put in as {word!r}, as the column has it"
    SPREADS_DIFFER = "fill_missing: the features have very different spreads; scale them first, or the widest decides"
    NO_SUCH_GROUP = "fence: no row of {by} is {absent}"
    NO_LOGARITHM = "column {name!r}: {n_values} [value|values] of -1 or less [has|have] no log1p: missing now"
    NO_SUCH_CATEGORY = "column {name!r}: no value is {absent}, as the list has it"
    OTHERS_MISSING = (
        "column {name!r}: {n_others} [category, {other!r}, is|categories such as {other!r} are] not in the list "
        "given: missing now"
    )
    OTHERS_ALL_0 = (
        "column {name!r}: {n_others} [category, {other!r}, is|categories such as {other!r} are] not in the list "
        "given: 0 in every column"
    )
    OUTSIDE_EDGES = "bin: {n_values} [value|values] of {name!r} [is|are] outside the edges: missing in {into!r}"
    FEWER_BINS = "bin: equal values leave {n_left} of {n_bins} quantile bins"
    FEWER_ROWS = "sample: {n_asked} [row was|rows were] asked for, there are {n_rows}: all are kept"
    VALUES_ARE_TEXT = "unpivot: the columns hold {kinds}: their values are text now"
    SEVERAL_PARTNERS = "join: some rows have several partners in {dataset!r}: {n_before} rows are {n_after} now"

"""Which column of a table is likely to be predicted: signs in its name, type and place, each with a weight."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from tools.ml.column_kinds import FEW_NUMBERS, ColumnFacts

TARGET_NAMES = re.compile(
    r"(target|labels?|y|outcome|response|resp|results?|survived|survival|quality|price|wages?|salary|sales|yield|score|"
    r"rating|counts?|churn|default|fraud|diagnosis|disease|medv|mpg|deaths?|dead|died|event|disease_progression)",
    re.IGNORECASE,
)
CLASS_NAMES = re.compile(r"(class|classes|species|type|category|status|variety|genre)", re.IGNORECASE)
GIVEN_NAMES = re.compile(
    r"(year|month|week|day|date|age|sex|gender|male|female|ethnicity|race|married|education|gen|genotype|variety|"
    r"rep|repl|replicate|row|col|column|block|blk|plot|loc|location|env|site|state|county|country|region|district|"
    r"trt|treat|treatment|hospital|judge|group|subject|id|sample|dose|density|population|pop|n|(x|v)[0-9]+)",
    re.IGNORECASE,
)
"""What a study sets or finds there: age, sex, plots and blocks, treatments, places."""

# Fitted by `python -m evals.bench.schema_fit` on R's 206 tables, 2026-11-28: a conditional logit, so that the shares of
# a table's columns add up to one, with a penalty chosen by packages that the fit has not seen (docs/benchmarks.md).
# GIVEN_NAMES were chosen by a look at 130 of the tables; TARGET_NAMES were written before, less what is as often given
# (class, species, type, status, income). "words called classes" is set by hand: R's tables of trials have four such
# columns and none is the target, but in tables made for classification (iris, penguins) it is.
WEIGHTS = {
    "usual name": 1.41,
    "given": -1.40,
    "last": 0.64,
    "first": 1.10,
    "two values": 0.38,
    "whole numbers": 1.57,
    "fractions": 2.22,
    "few numbers": -0.97,
    "words called classes": 2.0,
}


def share_by_column(columns: Sequence[ColumnFacts], weights: Mapping[str, float] = WEIGHTS) -> list[float]:
    """How likely each of the columns is the target, in their order; together 1."""
    scores = [sum(weights[sign] for sign in signs(columns, place)) for place in range(len(columns))]
    most = max(scores)
    powers = [math.exp(score - most) for score in scores]
    return [power / sum(powers) for power in powers]


def signs(columns: Sequence[ColumnFacts], place: int) -> list[str]:
    """What speaks for or against the column at this place, as names of WEIGHTS."""
    column = columns[place]
    at_an_end = place in (0, len(columns) - 1)
    holds = {
        "usual name": TARGET_NAMES.fullmatch(column.name),
        "given": GIVEN_NAMES.fullmatch(column.name),
        "last": place == len(columns) - 1,
        "first": place == 0,
        "words called classes": column.type == "text" and CLASS_NAMES.fullmatch(column.name) and at_an_end,
        "two values": column.distinct == 2,
        "whole numbers": column.type == "integer" and column.distinct > 2,
        "fractions": column.type == "number",
        "few numbers": column.type in ("integer", "number") and 2 < column.distinct <= FEW_NUMBERS,
    }
    return [sign for sign, is_so in holds.items() if is_so]

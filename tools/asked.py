"""How a person can ask for a tool in a sentence: patterns that the offline planner fits, and what they make of it.

A pattern is written as `agent.offline.pattern` reads it: words stand for themselves, `[…]` may be left out, `(…|…)` is
a choice, `{name:kind}` binds a column, a number, a condition, … to an argument, `{name=value}` sets one without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.records import JsonValue

Bound = Sequence[tuple[str, JsonValue]]
"""What the slots of a pattern bound, in the order of the sentence."""
Asked = dict[str, JsonValue]
"""A tool's arguments as they were asked for."""


class KnownTable(Protocol):
    """What is known of the dataset that a sentence is about: its name and its columns."""

    @property
    def dataset(self) -> str | None:
        """The name, None where nothing is loaded."""

    @property
    def kinds(self) -> Mapping[str, object]:
        """The columns, in order."""

    def is_number(self, column: str) -> bool:
        """Whether it holds numbers."""

    def is_date(self, column: str) -> bool:
        """Whether it holds days or moments."""


def negated(condition: str) -> str:
    """Every row for which the condition isn't true, those where it is unknown too."""
    return f"({condition}) IS NOT TRUE"


def arguments_of(bound: Bound, table: KnownTable) -> Asked | None:
    """What was bound as a tool's arguments; None where one argument is said twice."""
    arguments: Asked = {}
    conditions: list[str] = []
    for name, value in bound:
        if name == "where" and any(earlier.endswith("IS NOT TRUE") for earlier in conditions):
            return None  # "excluding females in 2008": nobody knows whether 2008 is excluded or what remains
        if name in ("where", "where_not"):
            conditions.append(str(value) if name == "where" else negated(str(value)))
        elif name == "pair" and isinstance(value, dict):
            arguments |= value
        elif name in arguments and arguments[name] != value:
            return None
        else:
            arguments[name] = value
    if conditions:
        joined = [f"({text})" if " OR " in text and len(conditions) > 1 else text for text in conditions]
        arguments["where"] = " AND ".join(joined)
    by, more = arguments.get("by"), arguments.pop("bymore", None)
    if isinstance(by, list) and isinstance(more, list):
        arguments["by"] = by = [*by, *more]
    if isinstance(by, list) and len(by) == 1:
        arguments["by"] = by[0]
    return {"dataset": table.dataset, **arguments}


def take_columns(said: Asked, name: str) -> list[JsonValue]:
    """Take a slot of columns out of the arguments; none where it was not bound."""
    columns = said.pop(name, None)
    return columns if isinstance(columns, list) else []


def without_data(bound: Bound, table: KnownTable) -> Asked | None:
    """The arguments of a tool that is about no dataset."""
    return dict(bound)


def of_one_group(bound: Bound, table: KnownTable) -> Asked | None:
    """The arguments of a tool that takes one grouping column; None where several are said."""
    said = arguments_of(bound, table)
    return None if said is None or isinstance(said.get("by"), list) else said


@dataclass(frozen=True)
class Sentences:
    """Patterns of whole sentences, by the name of the clauses that may stand beside each, and what makes the arguments.

    `clauses` are keys of `agent.offline.frames.CLAUSES`: by, where, data, … `build` gives None for a sentence that the
    tool cannot do, which is then refused.
    """

    heads: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    build: Callable[[Bound, KnownTable], Asked | None] = arguments_of


PERSONS = (
    "people|persons|individuals|participants|subjects|patients|respondents|customers|clients|users|students|employees|"
    "passengers|members|visitors|animals"
)
"""What the rows of a table may be called where no column is."""
NOUN = f"(rows|row|observations|records|cases|{PERSONS}|{{dataset:data}})"
IT = "(it|this|everything|all columns|[this|my|our] (data|dataset|table|file)|{dataset:data})"

"""Sentences that ask which model is better."""

from __future__ import annotations

from tools.asked import Asked, Bound, KnownTable, Sentences, without_data

AND = "(and|with|to|against|vs|versus)"


def of_two(bound: Bound, table: KnownTable) -> Asked | None:
    """The two types that were named; None where they are one."""
    said = dict(bound)
    first, second = said.pop("first"), said.pop("second")
    return None if first == second else {"models": [first, second], **said}


def of_the_newest(bound: Bound, table: KnownTable) -> Asked | None:
    """The newest model of each type."""
    return without_data(bound, table)


SENTENCES = (
    Sentences(
        (
            f"compare [model] {{first:model}} {AND} [model] {{second:model}} [model|models]",
            f"compare [model] {{first:model}} {AND} [model] {{second:model}} [model|models] on {{dataset:data}}",
            "(is|which is) better [,] {first:model} or {second:model}",
            "(is|which is better) [,] {first:model} [model] (better than|as good as|or) {second:model} [model]",
        ),
        (),
        of_two,
    ),
    Sentences(
        (
            "compare [all|my|our|these] models",
            "how do [all|my|our|these] models compare",
            "compare [all|my|our|these] models (for|of|that predict) {target:col}",
            "which [of my|of our|of these] (model|models) is (better|best) for {target:col}",
            "compare [all|my|our|these] models on {dataset:data}",
            "which [of my|of our|of these] (model|models) is (better|best)",
        ),
        (),
        of_the_newest,
    ),
)

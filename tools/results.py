"""What a tool gives back: typed fields, which are JSON for Claude and in the log, and files for the person."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from adapters.records import JsonValue
from prompts.visible import visible_json
from tools.p_values import with_bounds

MAX_RESULT_BYTES = 8_000
"""DESIGN section 4: a result read by Claude is at most 8 kB."""
MOST_FIELDS = 40
"""No class of a result has more: a longer mapping is data, such as the importance of each column."""
CODES_OF = {"warnings": "warning_codes", "notes": "note_codes"}
"""Lists of words, and the list beside each with the code of each."""
Way = tuple[str | int, ...]
"""The names and places that lead to a part of a result."""


@dataclass(frozen=True)
class Artifact:
    """A file that the front end delivers: kind is png, csv or model."""

    path: Path
    kind: str
    title: str


class Fields(BaseModel):
    """A part of a result: closed, frozen, and in JSON with just the fields that were given.

    A field without a default always stands there, and null means that it is not defined for these values; one with a
    default stands there where it was given (`if_any`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    def as_json(self) -> dict[str, JsonValue]:
        """The fields as JSON holds them; a p too small to be told is a bound, and `…_is_bound` says so."""
        dumped = self.model_dump(mode="json", exclude_unset=True)
        return with_bounds({name: _as_told(_field(self, name), part) for name, part in dumped.items()})


def _as_told(value: object, dumped: JsonValue) -> JsonValue:
    """The value as JSON holds it; a key that the data give, such as a column's name, is no p's."""
    if isinstance(dumped, list) and isinstance(value, Iterable):
        return [_as_told(one, part) for one, part in zip(value, dumped, strict=True)]
    if not isinstance(dumped, dict):
        return dumped
    if isinstance(value, Mapping):
        pairs = zip(dumped.items(), value.values(), strict=True)
        return {key: _as_told(one, part) for (key, part), one in pairs}
    return with_bounds({name: _as_told(_field(value, name), part) for name, part in dumped.items()})


def _field(value: object, told: str) -> object:
    """The field that JSON calls so: a word of Python, such as class, cannot be its name."""
    fields = type(value).model_fields if isinstance(value, BaseModel) else {}
    names = {field.serialization_alias: name for name, field in fields.items()}
    return getattr(value, names.get(told, told))


class Result(Fields):
    """The base of every tool's result, with what is said where it was cut to size (`to_json`)."""

    truncated: bool = False
    total: int | None = None
    left_out: dict[str, int] | None = None
    ask_for_more: str | None = None


def if_any(**fields: object) -> dict[str, Any]:
    """Those of the fields that there are: neither None nor empty."""
    return {name: value for name, value in fields.items() if value is not None and value != () and value != []}


R = TypeVar("R", bound=Fields, covariant=True)


@dataclass(frozen=True)
class ToolOutput(Generic[R]):
    """A tool's answer: the result goes to Claude, cut to size; artifacts go to the person."""

    result: R
    artifacts: tuple[Artifact, ...] = ()

    @cached_property
    def content(self) -> dict[str, JsonValue]:
        """The result as JSON."""
        return self.result.as_json()


T = TypeVar("T", covariant=True)


@dataclass(frozen=True)
class MadeCall(Generic[T]):
    """A call that was made: its arguments, and the result that it gave."""

    arguments: Mapping[str, JsonValue]
    result: T


def find_beyond(value: JsonValue, place: str = "") -> str | None:
    """Where the first number stands that is infinite or NaN, which no JSON holds; None where there is none."""
    if isinstance(value, float):
        return None if math.isfinite(value) else place
    if isinstance(value, dict):
        inside = ((f"{place}.{name}", one) for name, one in value.items())
    elif isinstance(value, list):
        inside = ((f"{place}[{index}]", one) for index, one in enumerate(value))
    else:
        return None
    return next((found for name, one in inside if (found := find_beyond(one, name)) is not None), None)


def to_json(content: dict[str, JsonValue], max_bytes: int = MAX_RESULT_BYTES) -> str:
    """The content as JSON text of at most `max_bytes` bytes.

    When it is longer, the codes of warnings inside its lists go first: Claude reads their words. Then the longest list
    in it is halved until it fits, and where none is left what is long inside the others; `truncated` is then true and
    `total` holds the first one's full length, `left_out` how many of each are missing, and of columns `ask_for_more`
    says how they are asked for, so that Claude never takes a part for the whole.
    """
    text = _dump(content)
    total: dict[Way, int] = {}
    left: dict[Way, int] = {}
    gone: Counter[str] = Counter()
    if len(text.encode()) > max_bytes:
        content = {name: _without_codes(part, gone) for name, part in content.items()}
        content |= {"left_out": dict(gone)} if gone else {}
        text = _dump(content)
    while len(text.encode()) > max_bytes:
        way, size = _longest(content)
        if not way:
            return _dump({"truncated": True, "total": len(text), "head": text[: max_bytes // 2]})
        total.setdefault(way, size)
        left[way] = size // 2
        # A query's own `total` counts rows that were never fetched: it is the truer one and stays.
        content = {"total": size, **_halved(content, way), "truncated": True}
        cut = {".".join(map(str, way)): (n, n - left[way]) for way, n in total.items()}
        content |= _said_of_missing({**cut, **{name: (n, n) for name, n in gone.items()}})
        text = _dump(content)
    return text


def _longest(content: Mapping[str, JsonValue]) -> tuple[Way, int]:
    """Where the longest list stands, and of how many items; of lists inside others only where no other is left."""
    top = [((name,), value) for name, value in _uncoded(content) if isinstance(value, list) and len(value) > 1]
    parts: list[tuple[Way, list[JsonValue] | dict[str, JsonValue]]] = [*top] or [*_parts_of(dict(content), ())]
    way, longest = max(parts, key=lambda part: len(_dump({"": part[1]})), default=((), []))
    return way, len(longest)


def _parts_of(value: JsonValue, way: Way) -> Iterator[tuple[Way, list[JsonValue] | dict[str, JsonValue]]]:
    """Lists of more than a pair, and mappings that are no class of ours, at any depth."""
    inside: Iterable[tuple[str | int, JsonValue]] = ()
    if isinstance(value, list):
        inside = enumerate(value)
        if len(value) > 2:
            yield way, value
    elif isinstance(value, dict):
        inside = value.items()
        if way and len(value) > MOST_FIELDS:
            yield way, value
    for name, one in inside:
        yield from _parts_of(one, (*way, name))


def _without_codes(value: JsonValue, gone: Counter[str]) -> JsonValue:
    """The value without the codes of words inside it; `gone` counts them."""
    if isinstance(value, list):
        return [_without_codes(one, gone) for one in value]
    if not isinstance(value, dict):
        return value
    kept = dict(_uncoded(value))
    for name in value.keys() - kept.keys():
        codes = value[name]
        gone[name] += len(codes) if isinstance(codes, list) else 1
    return {name: _without_codes(part, gone) for name, part in kept.items()}


def _uncoded(value: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """The fields without the codes of words that stand beside them."""
    codes = {CODES_OF[name] for name in value if name in CODES_OF}
    return ((name, part) for name, part in value.items() if name not in codes)


def _halved(value: Any, way: Way) -> Any:
    """The value with the first half only of what stands there."""
    if not way:
        items = [*value.items()] if isinstance(value, dict) else value
        return type(value)(items[: len(items) // 2])
    part = _halved(value[way[0]], way[1:])
    if isinstance(value, dict):
        codes = CODES_OF.get(str(way[0]))
        return {**value, way[0]: part} | ({codes: value[codes][: len(part)]} if codes in value else {})
    return [part if place == way[0] else one for place, one in enumerate(value)]


def _said_of_missing(cut: Mapping[str, tuple[int, int]]) -> dict[str, JsonValue]:
    """How many items of each part that was cut are not in it, and how columns are asked for; `cut` has both counts."""
    said: dict[str, JsonValue] = {"left_out": {name: missing for name, (_, missing) in cut.items()}}
    if "columns" in cut:
        total, missing = cut["columns"]
        said["ask_for_more"] = (
            f"{missing:,} of {total:,} columns are left out here; "
            "name those that are wanted in columns=[…] of describe, check_quality or correlate"
        )
    return said


def _dump(content: dict[str, JsonValue]) -> str:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str)
    # Hidden text in a cell could speak to the model past the person who looks at the same table.
    return visible_json(text)

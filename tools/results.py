"""What a tool gives back: typed fields, which are JSON for Claude and in the log, and files for the person."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
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
        return with_bounds({name: _as_told(getattr(self, name), part) for name, part in dumped.items()})


def _as_told(value: object, dumped: JsonValue) -> JsonValue:
    """The value as JSON holds it; a key that the data give, such as a column's name, is no p's."""
    if isinstance(dumped, list) and isinstance(value, Iterable):
        return [_as_told(one, part) for one, part in zip(value, dumped, strict=True)]
    if not isinstance(dumped, dict):
        return dumped
    if isinstance(value, Mapping):
        pairs = zip(dumped.items(), value.values(), strict=True)
        return {key: _as_told(one, part) for (key, part), one in pairs}
    return with_bounds({name: _as_told(getattr(value, name), part) for name, part in dumped.items()})


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

    result: R | dict[str, JsonValue]
    artifacts: tuple[Artifact, ...] = ()

    @cached_property
    def content(self) -> dict[str, JsonValue]:
        """The result as JSON."""
        return self.result.as_json() if isinstance(self.result, Fields) else self.result


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

    When it is longer, the longest list in it is halved until it fits; `truncated` is then true and `total` holds that
    list's full length, `left_out` how many of each list are missing, and of columns `ask_for_more` says how they are
    asked for, so that Claude never takes a part for the whole.
    """
    text = _dump(content)
    total: dict[str, int] = {}
    while len(text.encode()) > max_bytes:
        name = max(
            (key for key, value in content.items() if isinstance(value, list) and len(value) > 1),
            key=lambda key: len(_dump({"": content[key]})),
            default=None,
        )
        if name is None:
            return _dump({"truncated": True, "total": len(text), "head": text[: max_bytes // 2]})
        rows = content[name]
        assert isinstance(rows, list)  # noqa: S101 - chosen above
        total.setdefault(name, len(rows))
        # A query's own `total` counts rows that were never fetched: it is the truer one and stays.
        content = {"total": total[name], **content, name: rows[: len(rows) // 2], "truncated": True}
        content |= _said_of_missing(content, total)
        text = _dump(content)
    return text


def _said_of_missing(content: Mapping[str, JsonValue], total: Mapping[str, int]) -> dict[str, JsonValue]:
    """How many items of each list that was cut are not in it, and how columns are asked for."""
    left_out = {name: n - len(rows) for name, n in total.items() if isinstance(rows := content[name], list)}
    said: dict[str, JsonValue] = {"left_out": dict(left_out)}
    if "columns" in left_out:
        said["ask_for_more"] = (
            f"{left_out['columns']:,} of {total['columns']:,} columns are left out here; "
            "name those that are wanted in columns=[…] of describe, check_quality or correlate"
        )
    return said


def _dump(content: dict[str, JsonValue]) -> str:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str)
    # Hidden text in a cell could speak to the model past the person who looks at the same table.
    return visible_json(text)

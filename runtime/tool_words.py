"""A tool called in words, `/describe price by=region`: the same call as `statagent tool describe '{…}'`."""

from __future__ import annotations

import shlex
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.json_text import parse_json
from adapters.records import JsonValue
from tools.errors import ToolError
from tools.spec import Tool


def read_arguments(tool: Tool, words: str, datasets: Sequence[str]) -> dict[str, JsonValue]:
    """The arguments that the words after a tool's name give.

    `name=value` gives a field; words alone fill the fields in their order, a list takes all that are left. The dataset
    is the first word when it names one, else the newest. SQL is the whole line. Values that are no text are JSON, lists
    may be given with commas. A line that begins with { is the arguments themselves.

    Parameters
    ----------
    datasets : sequence of str
        The person's datasets, the newest first.

    Raises
    ------
    ToolError
        If a quote is not closed, or a word is too many.
    """
    fields = tool.arguments.model_fields
    if words.lstrip().startswith("{"):
        return _read_json(words)
    if "sql" in fields:
        return {"sql": words.strip()} if words.strip() else {}
    alone, given = _split(words, fields)
    if "dataset" in fields and "dataset" not in given:
        if alone and alone[0] in datasets:
            given["dataset"] = alone.pop(0)
        elif datasets and fields["dataset"].is_required():
            given["dataset"] = datasets[0]
    _fill(tool, alone, given)
    return {name: _value(fields[name].annotation, value) for name, value in given.items()}


def _split(words: str, fields: Mapping[str, Any]) -> tuple[list[str], dict[str, str | list[str]]]:
    try:
        parts = shlex.split(words)
    except ValueError as error:
        raise ToolError(f"{words[:80]!r}: {str(error).lower()}") from error
    alone: list[str] = []
    given: dict[str, str | list[str]] = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if equals and name in fields:
            given[name] = value
        elif equals and name.isidentifier() and not alone:
            raise ToolError(f"there is no field {name!r}; there are {', '.join(fields)}")
        else:
            alone.append(part)
    return alone, given


def _fill(tool: Tool, alone: list[str], given: dict[str, str | list[str]]) -> None:
    for name, field in tool.arguments.model_fields.items():
        if not alone:
            return
        if name in given:
            continue
        if _is_list(field.annotation):
            given[name], alone = list(alone), []
        else:
            given[name] = alone.pop(0)
    if alone:
        raise ToolError(
            f"{tool.name} has no place for {alone[0]!r}; its fields are {', '.join(tool.arguments.model_fields)}"
        )


def _value(annotation: Any, value: str | list[str]) -> JsonValue:
    if isinstance(value, list):
        return list(value) if len(value) > 1 else _value(annotation, value[0])
    if str in _kinds(annotation) and not value.startswith(("[", "{")):
        return value
    if value.startswith(("[", "{")) or not _is_list(annotation):
        try:
            return parse_json(value)
        except ValueError:
            return value  # the tool says what it takes
    return [part for part in value.split(",") if part]


def _read_json(words: str) -> dict[str, JsonValue]:
    try:
        parsed = parse_json(words)
    except ValueError as error:
        raise ToolError(f"the arguments are not JSON: {error}") from error
    assert isinstance(parsed, dict)  # noqa: S101 - it began with {
    return parsed


def _kinds(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (str,) if typing.get_origin(annotation) is typing.Literal else (annotation,)


def _is_list(annotation: Any) -> bool:
    return any(typing.get_origin(kind) is list for kind in _kinds(annotation))

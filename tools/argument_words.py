"""What a tool's arguments are, in words: made of its schema, for help, docs and the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.spec import Tool

KINDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
MANY = {"string": "texts", "integer": "whole numbers", "number": "numbers", "boolean": "true or false"}


@dataclass(frozen=True)
class ArgumentLine:
    """One argument: its name, what it takes, what stands where it is left out (None: it must be given), its text.

    `depth` is 0 for the tool's own arguments, 1 for those of an object in one of them, and so on.
    """

    depth: int
    name: str
    kind: str
    default: str | None
    text: str


def argument_lines(tool: Tool) -> list[ArgumentLine]:
    """The tool's arguments in their order; after one that takes objects the fields of these, form by form."""
    schema = tool.arguments.model_json_schema()
    return list(_fields(schema, schema.get("$defs", {}), 0))


def _fields(schema: Mapping[str, Any], defs: Mapping[str, Any], depth: int) -> Iterator[ArgumentLine]:
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        if depth and "const" in field:
            continue  # it names the form, above
        default = None if name in required else _default(field)
        yield ArgumentLine(depth, name, _kind(field, defs), default, field.get("description", ""))
        for form in _forms(field, defs):
            word = _form_word(form)
            if word is not None:
                yield ArgumentLine(depth + 1, word, "object", "", form.get("description", ""))
            yield from _fields(form, defs, depth + 1 + (word is not None))


def _default(field: Mapping[str, Any]) -> str:
    value = field.get("default")
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind(field: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_kind(one, defs) for one in field["anyOf"] if one.get("type") != "null")
    if "enum" in field:
        return " | ".join(map(str, field["enum"]))
    if "const" in field:
        return str(field["const"])
    if field.get("type") == "array":
        item = field["items"]
        many = "objects" if "$ref" in item else MANY.get(item.get("type", ""))
        return f"list of {many}" if many and "enum" not in item else f"list of {_kind(item, defs)}"
    if field.get("type") in KINDS:
        return KINDS[field["type"]] + _range(field)
    return "objects" if "oneOf" in field else "object"


def _range(field: Mapping[str, Any]) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    above, below = field.get("exclusiveMinimum"), field.get("exclusiveMaximum")
    bounds = [
        f"{word} {bound}"
        for word, bound in (("from", low), ("above", above), ("to", high), ("below", below))
        if bound is not None
    ]
    return "".join(f" {bound}" for bound in bounds)


def _forms(field: Mapping[str, Any], defs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The objects that a field takes, itself, in a list, or as one of several forms."""
    if "$ref" in field:
        yield defs[field["$ref"].rpartition("/")[2]]
    for one in [*field.get("anyOf", []), *field.get("oneOf", []), *([field["items"]] if "items" in field else [])]:
        yield from _forms(one, defs)


def _form_word(form: Mapping[str, Any]) -> str | None:
    """What tells this form from others, `op: derive`; None where there is nothing to tell."""
    for name, field in form.get("properties", {}).items():
        if "const" in field:
            return f"{name}: {field['const']}"
    return None

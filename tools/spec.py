"""What a tool is: a function whose name, text and schema Claude sees, and what its call can do to the world."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from adapters.errors import AdapterError
from adapters.records import Approval, JsonValue, Quote
from tools.asked import Sentences
from tools.context import ToolContext
from tools.errors import ToolError
from tools.results import Fields, MadeCall, ToolOutput, find_beyond
from tools.scripting import Scripted

Effect = Literal["read", "write", "spend"]


class Arguments(BaseModel):
    """The base of every tool's arguments: closed, so that an invented field is answered instead of ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True)
class Tool:
    """A typed tool; `run` takes the arguments, the context and, where the tool spends, the approval.

    `result` is the class of what it finds, or a union of several.
    `description` is what Claude reads, `gives` what a person reads in a list of all tools, and `example` the arguments
    of one call, as its help and docs show them (on the penguins, where it takes a dataset). `sentences` are those that
    the offline planner understands; a tool that has none is one that only Claude or a command calls. `told` puts a
    result into words where there is no Claude, and `script` computes it anew in an exported script. `misfit` says why a
    quote is not for a call that spends, before anybody is asked about it.
    """

    name: str
    description: str
    arguments: type[Arguments]
    result: Any
    effect: Effect
    run: Callable[..., ToolOutput[Fields]]
    gives: str
    example: Mapping[str, JsonValue]
    sentences: tuple[Sentences, ...] = ()
    told: Callable[[MadeCall[Any]], str] | None = None
    script: Scripted | None = None
    misfit: Callable[[Any, Quote], str | None] | None = None

    def schema(self) -> dict[str, JsonValue]:
        """The tool as the Messages API takes it."""
        return {
            "name": self.name,
            "description": self.description,
            "input_schema": self._input_schema,
        }

    @cached_property
    def _input_schema(self) -> dict[str, JsonValue]:
        """Made once: for all tools it takes longer than the rest of a conversation's beginning."""
        return self.arguments.model_json_schema()

    def parse(self, raw: Mapping[str, JsonValue]) -> Arguments:
        """Validate what Claude sent; ToolError names each field, its value and what it takes."""
        try:
            return self.arguments.model_validate(raw)
        except ValidationError as error:
            problems = [_sentence(self, dict(problem), raw) for problem in error.errors()]
            raise ToolError("; ".join(problems)) from error

    def read(self, content: Mapping[str, JsonValue]) -> Any:
        """The result that a log holds as JSON, as this tool gives it; ValidationError where it is another version's."""
        return TypeAdapter(self.result).validate_python(content)

    def effect_of(self, arguments: Arguments) -> Effect:
        """What this very call can do: a spending tool called without a quote stays on the person's own files."""
        if self.effect == "spend" and getattr(arguments, "quote_id", None) is None:
            return "write"
        return self.effect

    def call(self, arguments: Arguments, context: ToolContext, approval: Approval | None = None) -> ToolOutput[Fields]:
        """Run the tool.

        Raises
        ------
        ToolError
            If the call cannot be done as asked; an adapter's error arrives as one, with its sentence.
        """
        try:
            if self.effect != "spend":
                return self._finite(self.run(arguments, context))
            if approval is None and self.effect_of(arguments) == "spend":
                raise ToolError(f"not run: {self.name} needs a person's yes")
            return self._finite(self.run(arguments, context, approval))
        except AdapterError as error:
            raise ToolError(str(error)) from error

    def _finite(self, output: ToolOutput[Fields]) -> ToolOutput[Fields]:
        """The output, whose numbers JSON can hold."""
        place = find_beyond(output.content)
        if place is None:
            return output
        raise ToolError(
            f"{self.name} has no number for {place.lstrip('.')}: the values are too large for float64; "
            "divide the column by a power of ten first (derive)"
        )


def tool(
    effect: Effect,
    gives: str,
    example: Mapping[str, JsonValue],
    sentences: tuple[Sentences, ...] = (),
    told: Callable[[MadeCall[Any]], str] | None = None,
    script: Scripted | None = None,
    misfit: Callable[[Any, Quote], str | None] | None = None,
) -> Callable[[Callable[..., ToolOutput[Fields]]], Tool]:
    """Make a Tool of a function `name(arguments, context)`, or `name(arguments, context, approval)` where it spends.

    Raises
    ------
    TypeError
        If the arguments are no `Arguments`, the result is no class, or the docstring is missing; if a tool that spends
        has no `quote_id` among its arguments or takes no approval: a launch that no quote stands behind cannot be
        written.
    """

    def make(function: Callable[..., ToolOutput[Fields]]) -> Tool:
        hints = get_type_hints(function)
        parameters = list(inspect.signature(function).parameters)
        arguments = hints.get(parameters[0])
        if not (isinstance(arguments, type) and issubclass(arguments, Arguments)):
            raise TypeError(f"{function.__name__}: the first parameter must be a subclass of Arguments")
        if not function.__doc__:
            raise TypeError(f"{function.__name__}: a tool's docstring is what Claude reads; write one")
        if effect == "spend":
            _check_spends(function.__name__, arguments, parameters, hints)
        description = inspect.cleandoc(function.__doc__)
        name = function.__name__
        result = _result_of(function.__name__, hints["return"])
        return Tool(
            name, description, arguments, result, effect, function, gives, example, sentences, told, script, misfit
        )

    return make


def _result_of(name: str, output: Any) -> Any:
    """The class of what a tool finds, or the union of several, from what it returns."""
    found = get_args(output)
    if get_origin(output) is not ToolOutput or found == (Any,):
        raise TypeError(f"{name}: a tool returns ToolOutput[…] of a class of Result")
    return found[0]


def _check_spends(name: str, arguments: type[Arguments], parameters: list[str], hints: dict[str, Any]) -> None:
    if "quote_id" not in arguments.model_fields:
        raise TypeError(f"{name}: a tool that spends takes a quote_id")
    if len(parameters) != 3 or hints.get(parameters[2]) not in (Approval, Approval | None):
        raise TypeError(f"{name}: a tool that spends takes an Approval as its third parameter")


def _given_path(place: tuple[str | int, ...], raw: JsonValue | Mapping[str, JsonValue]) -> Iterator[str]:
    """The place of a value as it was given: pydantic says in between which kind of several it is."""
    value: Any = raw
    for number, part in enumerate(place, start=1):
        if isinstance(value, Mapping) and part not in value and number < len(place):
            continue
        inside = value if isinstance(value, Mapping) else dict(enumerate(value)) if isinstance(value, list) else {}
        value = inside.get(part)
        yield str(part)


def _sentence(tool: Tool, problem: dict[str, Any], raw: Mapping[str, JsonValue]) -> str:
    field = ".".join(_given_path(problem["loc"], raw)) or "the arguments"
    if problem["type"] == "extra_forbidden":
        return f"{tool.name} has no field {field!r}; its fields are {', '.join(tool.arguments.model_fields)}"
    if problem["type"] == "missing":
        return f"{tool.name} needs {field!r}"
    value = repr(problem["input"])
    shown = value if len(value) <= 80 else value[:79] + "…"
    return f"{field}: {problem['msg'][0].lower()}{problem['msg'][1:]}, got {shown}"

"""A tool explained: what it does, its arguments, one call; at the prompt, on the command line, and in docs/tools.md."""

from __future__ import annotations

import json
import shlex
import shutil
import textwrap

from runtime.way_out import say
from tools import find_tool
from tools.argument_words import ArgumentLine, argument_lines
from tools.errors import ToolError
from tools.spec import Tool
from tools.typed import as_typed

HELP_WORDS = frozenset(["?", "--help", "-h", "help"])
"""After a tool's name these ask what it takes."""


def help_text(tool: Tool, width: int) -> str:
    """The tool's page in plain text, no line longer than `width` characters where its words allow it."""
    width = max(width, 30)
    parts = [_paragraphs(f"{tool.name}: {tool.description}", width)]
    lines = argument_lines(tool)
    parts.append("\nArguments" if lines else "\nIt takes no arguments.")
    for line in lines:
        indent = "  " * (line.depth + 1)
        parts.append(_filled(f"{line.name}  {taken(line)}", width, indent))
        if line.text:
            parts.append(_filled(line.text, width, f"{indent}    "))
    parts += ["\nExample", f"  {as_words(tool)}", f"  {as_command(tool)}"]
    return "\n".join(parts)


def run(name: str) -> int:
    """`statagent tool NAME --help`; gives the exit code."""
    try:
        tool = find_tool(name)
    except ToolError as error:
        say(error, err=True)
        return 1
    say(help_text(tool, shutil.get_terminal_size((100, 24)).columns))
    return 0


def as_words(tool: Tool) -> str:
    """The tool's example as it is typed at the prompt."""
    return as_typed(tool.name, tool.example)


def as_command(tool: Tool) -> str:
    """The tool's example as a command line."""
    return f"statagent tool {tool.name} {shlex.quote(json.dumps(tool.example, ensure_ascii=False))}"


def taken(line: ArgumentLine) -> str:
    """What an argument takes, and what it is if left out; nothing of a form of objects, whose name says it."""
    if line.default is None:
        return f"{line.kind}, needed"
    if line.kind == "object" and line.depth:
        return ""
    return f"{line.kind}, {line.default} by default" if line.default else line.kind


def _filled(text: str, width: int, indent: str) -> str:
    return textwrap.fill(text.rstrip(), width, initial_indent=indent, subsequent_indent=indent)


def _paragraphs(text: str, width: int) -> str:
    return "\n\n".join(textwrap.fill(" ".join(part.split()), width) for part in text.split("\n\n"))

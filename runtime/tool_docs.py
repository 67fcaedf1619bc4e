"""`make docs`: docs/tools.md, docs/models.md and README's table of tools, made of what they are about."""

from __future__ import annotations

from pathlib import Path

from runtime import model_docs
from runtime.tool_help import as_command, as_words, taken
from tools import TOOLS
from tools.argument_words import ArgumentLine, argument_lines
from tools.spec import Tool

ROOT = Path(__file__).parents[1]
DOCS_HEAD = """# The tools

What the statistician can do, made of the tools themselves (`make docs`); Claude reads the same texts. Each tool is also
a command at the prompt (`/describe price by=region`; `/describe ?` shows this) and on the command line
(`statagent tool describe --help`). Every result is JSON; a name in a text is one of its fields.
"""
BEGIN, END = "<!-- tools: made by make docs -->", "<!-- end of tools -->"


def pages(root: Path) -> dict[Path, str]:
    """The files that are made of the tools, and what they should hold.

    Raises
    ------
    ValueError
        If the README has lost the marks between which its table stands.
    """
    readme = root / "README.md"
    before, begin, rest = readme.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README.md has no {BEGIN} … {END}")
    table = f"{before}{BEGIN}\n\n{_table()}\n\n{END}{after}"
    docs = root / "docs"
    return {readme: table, docs / "tools.md": _page(), docs / "models.md": model_docs.page()}


def _page() -> str:
    """docs/tools.md: every tool with its arguments and an example."""
    return "\n".join([DOCS_HEAD, *(_section(tool) for tool in TOOLS)])


def _table() -> str:
    """README's table: a line a tool."""
    return "\n".join(
        [
            "| tool | what it gives |",
            "|---|---|",
            *(f"| [{tool.name}](docs/tools.md#{tool.name}) | {tool.gives} |" for tool in TOOLS),
        ]
    )


def _section(tool: Tool) -> str:
    head = [f"## {tool.name}\n", tool.description, ""]
    rows = [f"| {_cell(line)} | {_escaped(taken(line))} | {_escaped(line.text)} |" for line in argument_lines(tool)]
    table = ["| argument | takes | |", "|---|---|---|", *rows, ""] if rows else []
    return "\n".join([*head, *table, "```", as_words(tool), as_command(tool), "```\n"])


def _cell(line: ArgumentLine) -> str:
    return "&nbsp;&nbsp;" * line.depth + f"`{line.name}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    for path, text in pages(ROOT).items():
        path.write_text(text)

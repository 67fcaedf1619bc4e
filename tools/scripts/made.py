"""A call that made a dataset, as a script has it: why the table lies beside it, and the last line."""

from __future__ import annotations

from tools.scripting import Script

MADE_OTHERWISE = "what pandas gives for this is not, or not to the last digit, what statagent has stored"


def show_made(writer: Script, number: int, tool: str, name: str) -> None:
    """Show its name, and how many rows it has."""
    writer.lines.append(f"show({number}, {tool!r}, {{'dataset': {name!r}, 'rows': len(data[{name!r}])}})")

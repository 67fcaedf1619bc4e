"""What JSON can hold, as types."""

from __future__ import annotations

from collections.abc import Mapping

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
"""What JSON can hold."""
Json = Mapping[str, JsonValue]
"""A JSON object."""

"""The loop over groups in an exported script."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.records import JsonValue
from tools.missing_group import MISSING


def each_group(by: JsonValue, several: Sequence[str] | None) -> list[str]:
    """The head of a loop in which `part` is the rows of a group of `frame`, and `label` the fields that name it.

    Parameters
    ----------
    by : str, list or None
        The argument: the column whose values make the groups.
    several : sequence of str or None
        The columns, where each combination of their values makes one, as the result says.
    """
    if several is not None:
        return [
            f"for groups, part in frame.groupby({list(several)!r}, dropna=False):",
            "    groups = [None if pd.isna(group) else str(group) for group in groups]",
            f"    words = [{MISSING!r} if group is None else group for group in groups]",
            "    label = {'group': ', '.join(words), 'group_values': groups}",
        ]
    if by is None:
        return ["for label, part in [({}, frame)]:"]
    name = by[0] if isinstance(by, list) else by
    return [
        f"for name, part in frame.groupby({name!r}, dropna=False):",
        "    label = {'group': None if pd.isna(name) else str(name)}",
    ]

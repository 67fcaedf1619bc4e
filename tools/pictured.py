"""The picture that shows a result: which call of plot draws it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tools.results import Fields, if_any

PictureKind = Literal["bar", "box", "heatmap", "histogram", "qq", "residuals", "scatter"]


class Picture(Fields):
    """The name of the tool and its arguments, but for the dataset."""

    tool: Literal["plot"]
    kind: PictureKind
    x: str | None = None
    y: str | None = None
    columns: tuple[str, ...] | None = None


def pictured(
    kind: PictureKind, x: str | None = None, y: str | None = None, columns: Sequence[str] | None = None
) -> Picture:
    """The call of plot with these arguments."""
    return Picture(tool="plot", kind=kind, **if_any(x=x, y=y, columns=None if columns is None else tuple(columns)))

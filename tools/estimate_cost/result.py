"""What estimate_cost finds."""

from __future__ import annotations

from tools.ml.spec import Task
from tools.quote_lines import QuoteLine
from tools.results import Result


class Quoted(Result):
    """The quotes, cheapest first."""

    quotes: tuple[QuoteLine, ...]
    task: Task
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()

"""A conversation as a Python script: pandas, SciPy and scikit-learn, nothing of statagent, and the same numbers."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from adapters.data.select_check import tables_of
from prompts.visible import visible
from runtime.export.plan import is_kept
from runtime.export.record import DoneCall, read_turns
from runtime.export.script_writer import Writer, texts
from runtime.session import Session
from tools import TOOLS
from tools.results import MadeCall

HEAD = '''"""Made by statagent from {conversation}. Needs pandas and what it imports below.

Run it where it lies: it prints each result as a line of JSON, with the numbers that the conversation gave.
"""

from __future__ import annotations

{imports}

HERE = Path(__file__).parent
data: dict[str, pd.DataFrame] = {{}}
models: dict[str, Any] = {{}}


def show(step: int, tool: str, result: Any) -> None:
    """One result as a line of JSON."""
    print(json.dumps({{"step": step, "tool": tool, "result": result}}, default=str))


{helpers}
'''
IMPORTS = [
    "import json",
    "import math",
    "from pathlib import Path",
    "from typing import Any",
    "",
    "import pandas as pd",
]


def script(session: Session, conversation_id: str, beside: Path) -> str:
    """The script. A dataset that pandas does not read as it is stored lies beside it, as Parquet.

    Parameters
    ----------
    beside : Path
        The folder for the datasets, made if there is one; the script looks for it under this name where it lies itself.
    """
    calls = [call for turn in read_turns(session, conversation_id) for call in turn.calls if is_kept(call)]
    writer = Writer(session, conversation_id, beside)
    for number, call in enumerate(calls):
        writer.lines.append(f"\n# {number}: {call.name} {json.dumps(call.arguments, ensure_ascii=False, default=str)}")
        _write(writer, number, call)
    outside = sorted(line for line in {*writer.imports, *IMPORTS} if line and not _is_standard(line))
    imports = "\n".join([*IMPORTS[:4], "", *outside])
    helpers = "\n\n".join(writer.helpers.values())
    head = HEAD.format(conversation=conversation_id, imports=imports, helpers=helpers)
    # Names and values stand in comments and in literals of Python, where the escape is the character itself.
    return visible(head.rstrip() + "\n\n" + "\n".join(writer.lines) + "\n")


def _write(writer: Writer, number: int, call: DoneCall) -> None:
    """The lines of one call: the tool knows them."""
    known = next((tool for tool in TOOLS if tool.name == call.name), None)
    if known is None or known.script is None:
        writer.lines.append("# (nothing to compute here)")
        return
    _bring(writer, call)
    try:
        result = known.read(call.result)
    except ValidationError:
        writer.lines.append("# (an earlier version of statagent has computed this: ask it again to have it here)")
        return
    known.script(writer, number, MadeCall(writer.exact(call).arguments, result))


def _bring(writer: Writer, call: DoneCall) -> None:
    """The lines that give the datasets which the call reads and no call of this conversation has made."""
    names = [] if call.arguments.get("dataset") is None else [str(call.arguments["dataset"])]
    steps = [step for step in texts(call.arguments.get("steps")) if isinstance(step, dict)]
    names += [str(step["dataset"]) for step in steps if "dataset" in step]
    known = {dataset.name.casefold(): dataset for dataset in writer.data.all()}
    if call.name == "query":
        names += tables_of(str(call.arguments["sql"]), list(known))
    for name in names:
        dataset = known.get(name.casefold())
        if dataset is not None and dataset.name not in writer.frames:
            writer.lay_beside(dataset.name, "an earlier conversation has loaded this")


def _is_standard(line: str) -> bool:
    return line in IMPORTS[:4]

"""A conversation as a Python script: pandas, SciPy and scikit-learn, nothing of statagent, and the same numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from adapters.data.base import DataError
from adapters.data.reading import MISSING_WORDS
from adapters.data.select_check import tables_of
from adapters.data.sources import is_remote, open_source
from adapters.records import Dataset
from prompts.visible import visible
from runtime.export import script_statistics as statistics
from runtime.export.plan import is_kept
from runtime.export.record import DoneCall, read_turns
from runtime.export.script_transform import steps_in_pandas
from runtime.export.script_writer import Writer, texts
from runtime.session import Session
from tools import TOOLS
from tools.scripting import ScriptCall

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
    if call.name in WRITERS:
        _bring(writer, call)
        WRITERS[call.name](writer, number, writer.exact(call))
    elif known is None or known.script is None:
        writer.lines.append("# (nothing to compute here)")
    else:
        _bring(writer, call)
        try:
            result = known.read(call.result)
        except ValidationError:
            writer.lines.append("# (an earlier version of statagent has computed this: ask it again to have it here)")
            return
        known.script(writer, number, ScriptCall(writer.exact(call).arguments, result))


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
            _lay_beside(writer, dataset, "an earlier conversation has loaded this")


def _is_standard(line: str) -> bool:
    return line in IMPORTS[:4]


def _load(writer: Writer, number: int, call: DoneCall) -> None:
    name = _read_in(writer, call)
    writer.lines.append(f"show({number}, {call.name!r}, {{'dataset': {name!r}, 'rows': len(data[{name!r}])}})")


def _read_in(writer: Writer, call: DoneCall) -> str:
    """The lines that give the dataset which the call made; gives its name."""
    name = str(call.result["dataset"])
    dataset = writer.data.get(name)
    if call.name == "load_dataset":
        path = _readable(writer, dataset, str(call.arguments.get("source", "")))
        if path is not None:
            read = f"pd.read_csv({str(path)!r}, keep_default_na=False, na_values={[*MISSING_WORDS]!r})"
            writer.lines.append(f"data[{name!r}] = {read}")
            return name
        why = "pandas reads this file otherwise than statagent does"
    else:
        parent = str(call.arguments.get("dataset", ""))
        lines = steps_in_pandas(writer, dataset, parent) if call.name == "transform" else None
        if lines is not None:
            writer.lines += lines
            return name
        why = "what pandas gives for this is not, or not to the last digit, what statagent has stored"
    _lay_beside(writer, dataset, why)
    return name


def _lay_beside(writer: Writer, dataset: Dataset, why: str) -> None:
    name = dataset.name
    writer.folder.mkdir(exist_ok=True, mode=0o700)
    stored = writer.folder / f"{name}.parquet"
    writer.data.export(dataset, stored)
    writer.frames[name] = pd.read_parquet(stored)
    writer.lines.append(f"# {why}: the table lies beside this script.")
    writer.lines.append(f"data[{name!r}] = pd.read_parquet(HERE / {writer.folder.name!r} / {stored.name!r})")


def _readable(writer: Writer, dataset: Dataset, source: str) -> Path | None:
    """The CSV file, where pandas reads from it just the table that is stored."""
    if is_remote(source) or source.startswith("upload:"):
        return None
    try:
        path, opened = open_source(source, writer.session.person.roots, writer.session.settings.home)
        with opened:
            found = pd.read_csv(opened, keep_default_na=False, na_values=MISSING_WORDS)
    except (DataError, ValueError, OSError):
        return None
    if not writer.is_stored(found, dataset.name):
        return None
    writer.frames[dataset.name] = found
    return path


def _query(writer: Writer, number: int, call: DoneCall) -> None:
    if "dataset" in call.result:
        _load(writer, number, call)
        return
    writer.imports.add("import duckdb")
    for name in tables_of(str(call.arguments["sql"]), [dataset.name for dataset in writer.data.all()]):
        rows = f".assign(_row=range(len(data[{name!r}])))" if "_row" in str(call.arguments["sql"]) else ""
        writer.lines.append(f"duckdb.register({name!r}, data[{name!r}]{rows})")
    limit = call.arguments.get("limit", 100)
    writer.lines.append(f"found = duckdb.sql({str(call.arguments['sql'])!r})")
    writer.lines.append(f"rows = [list(row) for row in found.limit({limit}).fetchall()]")
    writer.lines.append(f"show({number}, 'query', {{'columns': found.columns, 'rows': rows}})")


def _outliers(writer: Writer, number: int, call: DoneCall) -> None:
    statistics.find_outliers(writer, number, call)
    if "dataset" in call.result:
        _read_in(writer, call)


WRITERS: Mapping[str, Callable[[Writer, int, DoneCall], None]] = {
    "load_dataset": _load,
    "transform": _load,
    "query": _query,
    "correlate": statistics.correlate,
    "analyze_distribution": statistics.analyze_distribution,
    "find_outliers": _outliers,
}

"""query in an exported script: DuckDB over the data frames, or the table that was kept."""

from __future__ import annotations

from adapters.data.select_check import tables_of
from tools.query.result import Selection
from tools.results import MadeCall
from tools.scripting import Script
from tools.scripts.made import MADE_OTHERWISE, show_made


def script(writer: Script, number: int, call: MadeCall[Selection]) -> None:
    """The lines that give the first rows again; a dataset that was made of all of them lies beside the script."""
    made, sql = call.result.dataset, str(call.arguments["sql"])
    if made is not None:
        writer.lay_beside(made, MADE_OTHERWISE)
        show_made(writer, number, "query", made)
        return
    writer.imports.add("import duckdb")
    for name in tables_of(sql, writer.names()):
        rows = f".assign(_row=range(len(data[{name!r}])))" if "_row" in sql else ""
        writer.lines.append(f"duckdb.register({name!r}, data[{name!r}]{rows})")
    writer.lines += [
        f"found = duckdb.sql({sql!r})",
        f"rows = [list(row) for row in found.limit({call.arguments.get('limit', 100)}).fetchall()]",
        f"show({number}, 'query', {{'columns': found.columns, 'rows': rows}})",
    ]

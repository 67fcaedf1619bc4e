"""Nothing of ours writes to the terminal or to a file but where it is said here, and why it may."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from prompts.visible import visible

ROOT = Path(__file__).parents[1]
PACKAGES = ("agent", "tools", "prompts", "adapters", "runtime", "evals")
TO_TERMINAL = frozenset(
    "print pprint echo secho prompt confirm print_exc print_exception print_stack print_last Console get_console "
    "StreamHandler basicConfig".split()
)
TO_FILE = frozenset(
    "write writelines write_text write_bytes dump safe_dump dump_all to_csv to_html savefig copyfileobj "
    "FileHandler RotatingFileHandler FileHistory".split()
)
MODES = frozenset("wax+")
STREAMS = frozenset(["stdout", "stderr", "__stdout__", "__stderr__"])
"""As values that are handed on; asking one whether it is a terminal is no way out."""


def ways_out(source: str) -> Iterator[tuple[str, str]]:
    """(function, what it does) for everything that writes past `say`, `say_json` and `open_terminal`."""
    yield from _Finder().find(ast.parse(source))


class _Finder:
    def find(self, node: ast.AST, where: str = "") -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            where = f"{where}.{node.name}" if where else node.name
        what = _called(node) if isinstance(node, ast.Call) else _handed_on(node)
        if what:
            yield where, what
        asks = isinstance(node, ast.Attribute) and node.attr in ("isatty", "fileno", "flush")
        for child in () if asks else ast.iter_child_nodes(node):
            yield from self.find(child, where)


def _called(call: ast.Call) -> str | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if name == "print" and owner.endswith("console"):
        return None  # a Terminal: `Console(` itself is found
    if name in TO_TERMINAL or (name in TO_FILE and call.args and (owner or name != "write")):
        return name
    if name in ("open", "fdopen") and MODES & set(_text_arguments(call)):
        return name
    if name == "dumps" and any(k.arg == "ensure_ascii" and not ast.literal_eval(k.value) for k in call.keywords):
        return "dumps"
    return None


def _text_arguments(call: ast.Call) -> str:
    """The mode of an `open`, letter by letter; a name of a file is no mode."""
    texts = [
        a for a in (*call.args, *(k.value for k in call.keywords if k.arg == "mode")) if isinstance(a, ast.Constant)
    ]
    return "".join(str(a.value) for a in texts if len(str(a.value)) <= 3)


def _handed_on(node: ast.AST) -> str | None:
    is_stream = isinstance(node, ast.Attribute) and node.attr in STREAMS and ast.unparse(node.value) == "sys"
    return "stream" if is_stream else None


def _is_data(file: str, what: str) -> bool:
    """Copies of the data themselves, and files of bytes; none of it is a text of ours."""
    return (what in TO_FILE or what == "open") and file.startswith(("adapters/data/", "tools/ml/"))


def found() -> set[tuple[str, str, str]]:
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return {
        (str(file.relative_to(ROOT)), where, what)
        for file in files
        if not str(file.relative_to(ROOT)).startswith(("evals/bench/", "evals/look/", "evals/world/"))
        for where, what in ways_out(file.read_text(encoding="utf-8"))
        if not _is_data(str(file.relative_to(ROOT)), what)
    }


ALLOWED = {
    # The ways out themselves.
    ("runtime/way_out.py", "say", "echo"): "it escapes",
    ("runtime/way_out.py", "say_json", "echo"): "it escapes",
    ("runtime/way_out.py", "to_json", "dumps"): "it escapes",
    ("runtime/way_out.py", "_show_warning", "stream"): "asked which of the two is meant",
    ("tools/results.py", "_dump", "dumps"): "it escapes",
    ("runtime/log_file.py", "log_to", "RotatingFileHandler"): "the log, with the formatter that escapes",
    ("runtime/log_file.py", "log_to", "basicConfig"): "the log, with the formatter that escapes",
    ("runtime/log_file.py", "_keep", "fdopen"): "a traceback, masked and escaped",
    ("runtime/log_file.py", "_keep", "write"): "a traceback, masked and escaped",
    ("runtime/standard_output.py", "_Output.write", "write"): "what was escaped before, on its way out",
    ("runtime/standard_output.py", "_nowhere", "open"): "nothing arrives there",
    ("runtime/standard_output.py", "take_output", "stream"): "the way out itself",
    ("runtime/export/__init__.py", "_publish", "open"): "all exports, escaped there",
    ("runtime/export/__init__.py", "_publish", "write"): "all exports, escaped there",
    ("runtime/export/script.py", "script", "dumps"): "a comment of the script, which is escaped as a whole",
    ("runtime/export/transcript.py", "transcript", "safe_dump"): "escaped in YAML's own way",
    ("evals/command.py", "_keep", "write_text"): "a transcript, escaped as above",
    ("evals/report.py", "write_junit", "write"): "every word in it went through visible",
    # Words of ours alone.
    ("runtime/cli.py", "version", "echo"): "the version",
    ("runtime/plan_command.py", "_answer", "prompt"): "a question of ours",
    ("runtime/plan_command.py", "_answer", "stream"): "asked whether it is a terminal",
    ("runtime/standard_input.py", "is_person", "stream"): "asked whether it is a terminal",
    ("runtime/line_editor.py", "LineEditor.lines", "prompt"): "the prompt, which shows codes as ^[ by itself",
    ("evals/command.py", "run", "basicConfig"): "logs nothing",
    (
        "tools/export_model/standalone.py",
        "main",
        "write",
    ): "a script that goes with a model, at somebody's own terminal",
    (
        "tools/export_model/standalone.py",
        "main",
        "stream",
    ): "a script that goes with a model, at somebody's own terminal",
    ("tools/export_model/standalone_onnx.py", "main", "write"): "as above",
    ("tools/export_model/standalone_onnx.py", "main", "stream"): "as above",
    # Pictures are made of codes.
    ("runtime/pictures.py", "show_picture", "Console"): "a picture's codes",
    ("runtime/pictures.py", "show_picture", "print"): "a picture's codes",
    ("runtime/pictures.py", "show_picture", "write"): "a picture's codes",
    ("tools/plots/canvas.py", "save", "savefig"): "pixels; words are escaped where they are set",
    ("tools/plots/table_sheet.py", "draw_table", "savefig"): "pixels; cells are escaped where a reply is read",
    ("runtime/telegram/packing.py", "pack", "copyfileobj"): "a file that was written before, packed",
    # What programs read: the data themselves, numbers, keys, sums of bytes.
    ("adapters/data/child_engine.py", "answer_one_request", "stream"): "ASCII JSON to the program that asked",
    ("adapters/spreadsheet_csv.py", "write_csv", "to_csv"): "the data themselves: other programs read them",
    ("adapters/csv_parts.py", "CsvParts.__init__", "open"): "the data themselves: other programs read them",
    ("adapters/csv_parts.py", "CsvParts.__init__", "write"): "the data themselves: other programs read them",
    ("tools/predictions/run.py", "predict_rows", "write"): "the data themselves: other programs read them",
    ("adapters/files.py", "write_json", "open"): "ASCII JSON",
    ("adapters/compute/local.py", "claim", "fdopen"): "ASCII JSON",
    ("adapters/compute/local.py", "claim", "dump"): "ASCII JSON",
    ("adapters/compute/aws_boot.py", "say", "stream"): "words of ours, on a machine elsewhere",
    ("adapters/compute/aws_boot.py", "say", "write"): "words of ours, on a machine elsewhere",
    ("adapters/compute/aws_boot.py", "Worker.start", "open"): "the worker's log, on a machine elsewhere",
    ("adapters/compute/aws_boot.py", "Worker.note", "open"): "a line of ours, in that log",
    ("adapters/compute/aws_boot.py", "Worker.note", "write"): "a line of ours, in that log",
    ("adapters/compute/pod_boot.py", "say", "stream"): "words of ours, on a machine elsewhere",
    ("adapters/compute/pod_boot.py", "say", "write"): "words of ours, on a machine elsewhere",
    ("adapters/compute/pod_boot.py", "run_once", "write_text"): "numbers, on a machine elsewhere",
    ("adapters/compute/pod_boot.py", "paid_since", "write_text"): "numbers, on a machine elsewhere",
    ("adapters/files.py", "write_json", "dump"): "ASCII JSON",
    ("runtime/serverless_worker.py", "_claim", "open"): "ASCII JSON, on a machine elsewhere",
    ("runtime/serverless_worker.py", "_claim", "dump"): "ASCII JSON, on a machine elsewhere",
    ("runtime/serverless_worker.py", "Worker._asked", "write"): "ASCII JSON to its own child",
    ("tools/predictions/part.py", "PartPredictor.predict", "write_bytes"): "numbers and classes, for us to look at",
    ("tools/predictions/machine.py", "predict_job", "write_bytes"): "numbers and classes, for us to look at",
    ("adapters/packed_columns.py", "pack_columns", "open"): "a member of a zip in memory",
    ("tools/ml/fit_steps.py", "_talking", "stream"): "handed on, of a worker whose way out has escaped it",
    ("runtime/part_handler.py", "_model", "write_bytes"): "a model's own files, on a machine elsewhere",
    ("tools/jobs/staging.py", "_copy", "write_bytes"): "a model's own files, for a machine",
    ("tools/predictions/kept.py", "Keeping.install", "write_text"): "JSON, read by us alone",
    ("tools/typed.py", "_word", "dumps"): "part of a reply, which is escaped when it is shown",
    ("agent/validity.py", "_check_json", "dumps"): "counted, not shown",
    ("tools/jobs/launching.py", "Launching._checkpoint", "write_bytes"): "what a worker found, for the next one",
    ("tools/jobs/quoting.py", "_hash", "dumps"): "hashed, not shown",
    ("evals/scores.py", "_short", "dumps"): "part of a problem, which is escaped when it is shown",
    ("runtime/tool_help.py", "as_command", "dumps"): "a tool's own example",
    ("runtime/tool_docs.py", "", "write_text"): "docs, of the tools' own texts",
    ("evals/runner.py", "_write_files", "write_bytes"): "the files of a case",
    ("runtime/secret_key.py", "secret_key", "fdopen"): "the key",
    ("runtime/secret_key.py", "secret_key", "write"): "the key",
}


def test_what_writes_is_known_and_has_its_reason() -> None:
    assert sorted(found() - ALLOWED.keys()) == [], "take runtime.way_out or runtime.terminal"
    assert sorted(ALLOWED.keys() - found()) == []


@pytest.mark.parametrize(
    "line",
    [
        "print(title)",
        "typer.echo(title)",
        "sys.stdout.write(title)",
        "stream = sys.stderr",
        "sys.stdout.buffer.write(title)",
        "traceback.print_exc()",
        "rich.print(title)",
        "Console().print(title)",
        "console.file.write(title)",
        "path.write_text(title)",
        'with path.open("w") as file:\n        pass',
        'with open(path, mode="a") as file:\n        pass',
        "json.dump(title, file)",
        "yaml.safe_dump(title, file)",
        "json.dumps(title, ensure_ascii=False)",
        "frame.to_csv(path)",
        "os.write(1, title)",
        "logging.StreamHandler()",
    ],
)
def test_a_way_round_is_found(line: str) -> None:
    assert list(ways_out(f"def tell(title):\n    {line}\n"))


@pytest.mark.parametrize(
    "line", ["say(title)", "self._console.print(title)", "sys.stdin.isatty() and sys.stdout.isatty()", "open(path)"]
)
def test_what_is_shown_or_read_is_none(line: str) -> None:
    assert list(ways_out(f"def tell(title):\n    {line}\n")) == []


def test_our_own_files_hide_nothing() -> None:
    files = [f for package in PACKAGES for f in (ROOT / package).rglob("*") if f.suffix in (".py", ".j2", ".yaml")]
    texts = {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}
    assert [name for name, text in texts.items() if visible(text) != text] == []

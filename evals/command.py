"""`statagent eval`: which cases, with the script or live, and how the outcome is told."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.model.base import LanguageModel
from evals.case import CaseError, read_case
from evals.report import Tried, as_json, print_table, write_junit
from evals.runner import CaseResult, Through, run_case
from evals.scores import Score
from runtime.choose_model import choose_model
from runtime.settings import SettingsError, read_settings
from runtime.terminal import open_terminal
from runtime.way_out import say

CASES = Path(__file__).parent / "cases"
ROOT = CASES.parent.parent
FAILED, USAGE = 1, 2


@dataclass(frozen=True)
class EvalOptions:
    """What the command line says."""

    suites: tuple[str, ...] = ()
    live: bool = False
    times: int = 1
    record: Path | None = None
    output: str = "text"
    junit: Path | None = None
    through: Through = "terminal"


def run(options: EvalOptions) -> int:
    """Run the cases and print how they went; gives the exit code: 0 when all passed."""
    try:
        paths = find_cases(options.suites)
        model = _live_model() if options.live else None
    except (CaseError, SettingsError) as error:
        say(error, err=True)
        return USAGE
    logging.basicConfig(handlers=[logging.NullHandler()])  # what a case makes the program log is not ours to print
    console = open_terminal(err=options.output == "json")
    tried = []
    with console.status("cases") as status:
        for name, path in paths:
            status.update(name)
            runs = _try(name, path, options, model)
            if runs is not None:
                tried.append(runs)
    if options.output == "json":
        say(as_json(tried))
    else:
        print_table(tried, console)
    if options.junit is not None:
        write_junit(tried, options.junit)
    return 0 if all(case.passed for case in tried) else FAILED


def _try(name: str, path: Path, options: EvalOptions, model: Callable[[], LanguageModel] | None) -> Tried | None:
    try:
        case = read_case(path)
        if options.live and not case.live:
            return None
        # Our own cases name their files from the repository's folder, a person's own from where the person stands.
        stands = contextlib.chdir(ROOT) if path.resolve().is_relative_to(CASES) else contextlib.nullcontext()
        with stands:
            runs = tuple(
                run_case(case, name, model, options.through) for _ in range(options.times if options.live else 1)
            )
    except CaseError as error:
        return Tried(name, (CaseResult(name, [Score("case", str(error))]),))
    if options.record is not None:
        _keep(options.record, name, runs)
    return Tried(name, runs)


def _keep(folder: Path, name: str, runs: Sequence[CaseResult]) -> None:
    for number, one in enumerate(runs, start=1):
        for person, transcript in one.transcripts.items():
            path = folder / f"{name}_{number}_{person}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(transcript, encoding="utf-8")


def _live_model() -> Callable[[], LanguageModel]:
    settings = read_settings()
    choose_model("claude", settings)  # raises now when there is no key
    return lambda: choose_model("claude", settings)


def find_cases(suites: Sequence[str], cases: Path = CASES) -> list[tuple[str, Path]]:
    """(name, path) of each case of these suites: folders of evals/cases, or files; all of them by default.

    Raises
    ------
    CaseError
        If there is no such suite; names those that there are.
    """
    found: list[tuple[str, Path]] = []
    known = sorted(folder.name for folder in cases.iterdir() if folder.is_dir())
    for suite in suites or known:
        path = Path(suite)
        if path.suffix in (".yaml", ".yml") and path.is_file():
            found.append((path.stem, path))
        elif suite in known:
            found += [(f"{suite}/{file.stem}", file) for file in sorted((cases / suite).glob("*.yaml"))]
        else:
            raise CaseError(f"there is no suite {suite!r}; there are {', '.join(known)}, or name a .yaml file")
    return found

"""What came of a run of cases: a table, JSON, JUnit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evals.runner import CaseResult
from prompts.visible import visible
from runtime.way_out import to_json


@dataclass(frozen=True)
class Tried:
    """One case, run once or, live, several times."""

    name: str
    runs: tuple[CaseResult, ...]

    @property
    def passed(self) -> bool:
        """True when every run passed: what a person may rely on (pass^k)."""
        return all(run.passed for run in self.runs)

    @property
    def usd(self) -> Decimal:
        """Dollars of all runs."""
        return sum((run.usd for run in self.runs), Decimal(0))

    @property
    def seconds(self) -> float:
        """Seconds of all runs."""
        return sum(run.seconds for run in self.runs)

    @property
    def problems(self) -> list[str]:
        """What failed, each once."""
        return list(dict.fromkeys(problem for run in self.runs for problem in run.problems))


def print_table(tried: Sequence[Tried], console: Console) -> None:
    """A line a case, and below it what failed."""
    is_repeated = any(len(case.runs) > 1 for case in tried)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("case", "", *(["passed"] if is_repeated else []), "checks", "seconds", "dollars"):
        table.add_column(head, overflow="fold", justify="left" if head in ("case", "") else "right")
    for case in tried:
        passed = sum(run.passed for run in case.runs)
        share = [f"{passed}/{len(case.runs)}"] if is_repeated else []
        checks = sum(len(run.scores) for run in case.runs)
        mark = "[green]ok[/green]" if case.passed else "[red]FAILED[/red]"
        table.add_row(escape(case.name), mark, *share, str(checks), f"{case.seconds:.1f}", f"{case.usd:.4f}")
    console.print(table)
    for case in tried:
        for problem in case.problems:
            console.print(f"[red]{escape(case.name)}[/red]: {escape(problem)}", highlight=False)
    console.print(_sum_line(tried))


def _sum_line(tried: Sequence[Tried]) -> str:
    n_passed, k = sum(case.passed for case in tried), max((len(case.runs) for case in tried), default=1)
    every = f" in every one of {k} runs (pass^{k})" if k > 1 else ""
    usd = sum((case.usd for case in tried), Decimal(0))
    return f"{n_passed} of {len(tried)} cases passed{every}, {sum(c.seconds for c in tried):.1f} s, ${usd:.4f}"


def as_json(tried: Sequence[Tried]) -> str:
    """The same for programs."""
    cases = [
        {
            "case": case.name,
            "passed": case.passed,
            "runs": [
                {
                    "passed": run.passed,
                    "usd": float(run.usd),
                    "seconds": round(run.seconds, 3),
                    "scores": [{"name": s.name, "passed": s.passed, "problem": s.problem} for s in run.scores],
                }
                for run in case.runs
            ],
        }
        for case in tried
    ]
    return to_json({"passed": all(case.passed for case in tried), "cases": cases}, indent=2)


def write_junit(tried: Sequence[Tried], path: Path) -> None:
    """The same as JUnit's XML: a test case a case, its failures as text."""
    suite = ElementTree.Element("testsuite", name="statagent eval", tests=str(len(tried)))
    suite.set("failures", str(sum(not case.passed for case in tried)))
    suite.set("time", f"{sum(case.seconds for case in tried):.3f}")
    for case in tried:
        folder, _, name = case.name.rpartition("/")
        element = ElementTree.SubElement(suite, "testcase", classname=folder, name=name, time=f"{case.seconds:.3f}")
        if not case.passed:
            failure = ElementTree.SubElement(element, "failure", message=visible(case.problems[0]))
            failure.text = "\n".join(visible(problem) for problem in case.problems)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)

"""What is imported is declared, and what is declared is imported or says why not."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Set
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = {"adapters", "agent", "evals", "prompts", "runtime", "tests", "tools"}
DECLARED, DEV = (ROOT / "pyproject.toml").read_text().split("[project.scripts]")[0].split("[dependency-groups]")
REQUIRED = re.compile(r'^    "([\w.-]+).*",(  # .+)?$', re.MULTILINE)


def is_for_developers(path: Path) -> bool:
    """The simulated world, the benchmarks and what draws chats are run from a checkout, as the tests are."""
    return path.parts[0] == "tests" or path.parts[:2] in (("evals", "bench"), ("evals", "look"), ("evals", "world"))


FILES = [path.relative_to(ROOT) for folder in sorted(OURS) for path in (ROOT / folder).rglob("*.py")]
PRODUCT = [path for path in FILES if not is_for_developers(path)]


def imported(paths: Iterable[Path]) -> set[str]:
    """The packages, as they are installed, from which the files import."""
    modules = {name.partition(".")[0] for path in paths for name in modules_of((ROOT / path).read_text())}
    installed = packages_distributions()
    return {package_of(module, installed.get(module, [])) for module in modules - OURS - sys.stdlib_module_names}


def modules_of(text: str) -> list[str]:
    nodes = list(ast.walk(ast.parse(text)))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return plain + [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]


def package_of(module: str, packages: Iterable[str]) -> str:
    """The package as a requirement names it; the module's own name where nothing of it is installed."""
    return min(packages, default=module).lower().replace("_", "-")


def undeclared(packages: Set[str], text: str) -> set[str]:
    return set(packages) - {name for name, _ in REQUIRED.findall(text)}


def test_what_the_product_imports_is_declared() -> None:
    assert len(PRODUCT) > 300
    assert undeclared(imported(PRODUCT), DECLARED) == set()


def test_what_tests_and_benchmarks_import_is_declared() -> None:
    assert undeclared(imported(FILES), DECLARED + DEV) == set()


def test_an_import_that_is_not_declared_is_named() -> None:
    """polars is for the benchmarks: a product file that took it in would not run where statagent is installed."""
    assert undeclared(imported([Path("evals/bench/load.py")]), DECLARED) >= {"polars"}


def test_what_is_declared_is_imported_or_says_why_not() -> None:
    for text, packages in ((DECLARED, imported(PRODUCT)), (DEV, imported(FILES))):
        required = REQUIRED.findall(text)
        assert len(required) > 15
        assert [name for name, reason in required if not reason and name not in packages] == []
        assert [name for name, reason in required if reason and name in packages] == []

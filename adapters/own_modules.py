"""Some of our modules as files for a place where the rest of us is not."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path

OURS = ("adapters", "runtime", "tools")


def own_modules(modules: Iterable[str]) -> dict[str, bytes]:
    """These modules of ours, and those that they import, as they stand here; the packages around them are empty."""
    found: dict[str, bytes] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        spec = importlib.util.find_spec(name)
        assert spec is not None, name  # noqa: S101 - our own modules
        assert spec.origin is not None, name  # noqa: S101 - our own modules
        path = f"{name.replace('.', '/')}.py"
        if path in found:
            continue
        found[path] = Path(spec.origin).read_bytes()
        waiting += _imported(ast.parse(found[path]))
    packages = {parent.as_posix() for path in found for parent in Path(path).parents if parent.name}
    return {**{f"{package}/__init__.py": b"" for package in sorted(packages)}, **dict(sorted(found.items()))}


def _imported(tree: ast.AST) -> Iterator[str]:
    """The modules of ours that are imported, but for types alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in OURS:
            yield node.module
        yield from _imported(node)

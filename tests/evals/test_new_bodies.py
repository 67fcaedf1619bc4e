"""Functions of an imported module get the bodies of a changed file; where more than bodies differs, nothing is done."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from evals.world.new_bodies import take_over

SOURCE = '''
import contextlib, dataclasses, functools

LIMIT = 3

def plain(n, step=1):
    """How far."""
    return n + step

@functools.cache
def kept(n):
    return [place * 2 for place in range(n)]

@contextlib.contextmanager
def entered():
    yield "in"

@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    n: int = 1

    @property
    def twice(self):
        return self.n * 2

    @staticmethod
    def half(n):
        return n / 2

    class Inner:
        def deep(self):
            return "deep"

class Longer(Row):
    def size(self):
        return super().half(8)

def maker():
    def made():
        return "made"
    return made

MADE = maker()
SHORT = lambda n: n
'''
_names = itertools.count()


@pytest.fixture
def module(tmp_path: Path) -> ModuleType:
    path = tmp_path / "rows.py"
    path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location(f"rows_{next(_names)}", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def entered_as(m: ModuleType) -> str:
    with m.entered() as value:
        return str(value)


@pytest.mark.parametrize(
    ("line", "changed", "asks", "before", "after"),
    [
        ("return n + step", "return n - step\n\n", lambda m: m.plain(2), 3, 1),
        ("return [place * 2 for", "return [place * 3 for", lambda m: m.kept(2), [0, 2], [0, 3]),
        ('yield "in"', 'yield "out"', entered_as, "in", "out"),
        ("return self.n * 2", "return self.n * 1.0", lambda m: m.Row(4).twice, 8, 4.0),
        ("return n / 2", "return n / 4", lambda m: m.Longer().size(), 4, 2.0),
        ("super().half(8)", "super().half(6)", lambda m: m.Longer().size(), 4, 3.0),
        ('return "deep"', 'return "shallow"', lambda m: m.Row.Inner().deep(), "deep", "shallow"),
        ('return "made"', 'return "made anew"', lambda m: m.maker()(), "made", "made anew"),
        ("return n + step", "return n + LIMIT", lambda m: m.plain(2), 3, 5),
    ],
)
def test_whoever_holds_a_function_has_its_new_body(
    module: ModuleType, line: str, changed: str, asks: Callable[[ModuleType], object], before: object, after: object
) -> None:
    holder = ModuleType("holder")
    vars(holder).update(vars(module))
    assert asks(holder) == before
    module.kept.cache_clear()
    assert take_over(module, SOURCE, SOURCE.replace(line, changed))
    assert asks(holder) == after
    assert type(asks(holder)) is type(after)


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("LIMIT = 3", "LIMIT = 4"),
        ("LIMIT = 3", "LIMIT = 3.0"),
        ("step=1", "step=2"),
        ("@functools.cache\n", ""),
        ("frozen=True, ", ""),
        ("n: int = 1", "n: int = 2"),
        ("lambda n: n", "lambda n: -n"),
        ("def plain", "def other"),
        ("class Longer(Row)", "class Longer(Row.Inner)"),
        ("return super().half(8)", "return 4"),
    ],
)
def test_where_more_differs_nothing_is_done(module: ModuleType, line: str, changed: str) -> None:
    both = SOURCE.replace(line, changed).replace('yield "in"', 'yield "out"')
    assert not take_over(module, SOURCE, both)
    assert entered_as(module) == "in"


def test_what_stands_elsewhere_in_the_file_is_no_change(module: ModuleType) -> None:
    code = module.plain.__code__
    assert take_over(module, SOURCE, "\n# A line more.\n" + SOURCE)
    assert module.plain.__code__ is code

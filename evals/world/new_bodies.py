"""Gives the functions of an imported module the bodies that a changed file has, where nothing else of it differs.

Whoever imported one of them has the very same function, so nothing needs to be imported anew.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any


class MoreDiffers(Exception):
    """What differs is no body of a function that the module has by its name."""


def take_over(module: ModuleType, before: str, after: str) -> bool:
    """Give the module's functions their bodies of `after`; False, with nothing done, where more than bodies differs.

    What was made by a function while the module was imported stays as it is.

    Parameters
    ----------
    before : str
        The source that the module was imported from.
    """
    file = str(module.__file__)
    old, new = (compile(text, file, "exec", dont_inherit=True) for text in (before, after))
    try:
        changes = list(_changes(vars(module), old, new))
    except MoreDiffers:
        return False
    for function, code in changes:
        function.__code__ = code
    return True


def _changes(names: Mapping[str, Any], old: CodeType, new: CodeType) -> Iterator[tuple[FunctionType, CodeType]]:
    """The functions with their new code, by the code that makes the names: a module's, or the body of a class."""
    if _own(old) != _own(new):
        raise MoreDiffers(old.co_name)
    for one, other in zip(_inner(old), _inner(new), strict=True):
        if _are_alike(one, other):
            continue
        held = names.get(one.co_name)
        if isinstance(held, type) and not one.co_flags & inspect.CO_OPTIMIZED:
            yield from _changes(vars(held), one, other)
        elif one.co_freevars == other.co_freevars:
            yield _function(held, one), other
        else:
            raise MoreDiffers(one.co_name)


def _function(held: Any, code: CodeType) -> FunctionType:
    """The function of that code, below what was put around it."""
    around = [held]
    while around:
        one = around.pop()
        if isinstance(one, FunctionType) and _are_alike(one.__code__, code):
            return one
        ways = ("__wrapped__", "__func__", "fget", "fset", "func")
        around += [getattr(one, way) for way in ways if getattr(one, way, None) is not None]
    raise MoreDiffers(code.co_name)


def _are_alike(one: CodeType, other: CodeType) -> bool:
    """Whether the two do the same, wherever they stand."""
    if _own(one) != _own(other):
        return False
    return all(_are_alike(*pair) for pair in zip(_inner(one), _inner(other), strict=True))


def _inner(code: CodeType) -> list[CodeType]:
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _own(code: CodeType) -> tuple[object, ...]:
    """All of a code that decides what it does, but for where it stands and for the code within."""
    constants = [
        "code" if isinstance(constant, CodeType) else (type(constant), repr(constant)) for constant in code.co_consts
    ]
    names = (code.co_name, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
    return (names, counts, code.co_code, code.co_exceptiontable, constants)

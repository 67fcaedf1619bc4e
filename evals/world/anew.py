"""Which module of ours stands on which, and importing anew what stands on one of them."""

from __future__ import annotations

import builtins
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any


class Imports:
    """Notes, while it is entered, which modules of the packages import which."""

    def __init__(self, packages: Iterable[str]) -> None:
        self._packages = frozenset(package.partition(".")[0] for package in packages)
        self._users: dict[str, set[str]] = defaultdict(set)

    def __enter__(self) -> Imports:
        self._import = builtins.__import__
        builtins.__import__ = self._note
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        builtins.__import__ = self._import

    def _note(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 - the name that Python calls it by
        locals: Mapping[str, Any] | None = None,  # noqa: A002 - the name that Python calls it by
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        user = str((globals or {}).get("__name__"))
        if self._is_ours(user) and self._is_ours(name):
            for used in (name, *(f"{name}.{part}" for part in fromlist or ())):
                self._users[used].add(user)
        return self._import(name, globals, locals, fromlist, level)

    def forget(self, name: str) -> None:
        """Take the module away, with all that stands on it: what asks for one of them imports it anew.

        Of a name that is no imported module, say that of a file that is read, everything of ours is taken away.
        """
        ours = set(filter(self._is_ours, sys.modules))
        for module in self._standing_on(name, ours) if name in ours else ours:
            del sys.modules[module]
            package, _, leaf = module.rpartition(".")
            if package in sys.modules:
                vars(sys.modules[package]).pop(leaf, None)

    def _standing_on(self, name: str, ours: set[str]) -> set[str]:
        """The module, what imports it, what lies in it where it is a package, and what stands on any of these."""
        found, ahead = {name}, [name]
        while ahead:
            module = ahead.pop()
            inside = {other for other in ours if other.startswith(f"{module}.")}
            new = (self._users[module] | inside) & ours - found
            found |= new
            ahead += new
        return found

    def _is_ours(self, name: str) -> bool:
        return name.partition(".")[0] in self._packages

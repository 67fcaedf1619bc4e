"""A parameter of a model that a person may set: what it can be, in one row, and the check of a value."""

from __future__ import annotations

from dataclasses import dataclass

from tools.ml.spec import Setting, Task


@dataclass(frozen=True)
class Tried:
    """What a search tries of a parameter: numbers between two, evenly or by their logarithm, or some values."""

    low: float = 0.0
    high: float = 0.0
    is_log: bool = False
    values: tuple[Setting, ...] = ()


def logs(low: float, high: float) -> Tried:
    """Numbers from low to high, each tenfold as often as the next."""
    return Tried(low, high, is_log=True)


def some(*values: Setting) -> Tried:
    """Just these values."""
    return Tried(values=values)


@dataclass(frozen=True)
class Parameter:
    """A parameter by scikit-learn's name: a number between bounds, one of some words, true or false, or whole numbers.

    `low` to `high`, both included, where it can be a number; `words` where it can be a word too; `most` where it is a
    list of so many whole numbers at most, each between the bounds, of which one may stand alone. Where a number is a
    share, a whole number from 1 to `counts` is a count (1 is one, 1.0 all). `task` where only models of one task have
    it. `tried` is what a search tries, where it does.
    """

    name: str
    low: float | None = None
    high: float | None = None
    is_whole: bool = False
    words: tuple[str, ...] = ()
    is_flag: bool = False
    most: int = 0
    counts: int = 0
    task: Task | None = None
    tried: Tried | None = None

    def accepts(self, value: Setting) -> bool:
        """Whether the parameter can be set to it."""
        if isinstance(value, bool):
            return self.is_flag
        if isinstance(value, str):
            return value in self.words
        if isinstance(value, tuple):
            return 0 < len(value) <= self.most and all(self._holds(one) for one in value)
        return self._is_count(value) or self._holds(value)

    def _is_count(self, value: Setting) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= self.counts

    def _holds(self, value: float) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.low <= value <= self.high and (not self.is_whole or value == int(value))

    def cast(self, value: Setting) -> Setting:
        """The value as scikit-learn takes it: a whole number as an int, any other as a float."""
        if isinstance(value, bool | str):
            return value
        if isinstance(value, tuple):
            return tuple(int(one) for one in value)
        return int(value) if self.is_whole or self._is_count(value) else float(value)

    @property
    def range(self) -> str:
        """What it can be, in words."""
        parts = []
        if self.low is not None and self.high is not None:
            kind = "a whole number" if self.is_whole else "a number"
            parts.append(f"{kind} from {self.low:g} to {self.high:g}")
        if self.counts:
            parts.append(f"a count from 1 to {self.counts}")
        if self.most:
            parts.append(f"a list of at most {self.most} such numbers")
        parts += [repr(word) for word in self.words]
        parts += ["true", "false"] if self.is_flag else []
        return " or ".join(parts)

"""Which settings a search tries, one after the other: made of the table of types and what was found so far.

First what is asked, or what the types of `auto` begin with; then draws from the ranges that the table says are tried:
half of them anew, half near the best setting of their type.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tools.ml.fit_times import Settings, Size
from tools.ml.job_checks import check_parameters
from tools.ml.model_type import ModelType
from tools.ml.parameter import Parameter, Tried
from tools.ml.spec import Setting, TrainingSpec

SET = 0.7
"""How often a drawn setting says a parameter at all; else its default stands."""
NEAR = 0.15
"""The sd of a step from the best setting, in the parameter's range."""
FAVOURED = (0.5, 0.3, 0.2)
"""How often the best type so far is drawn from, the second, the third."""
MOST_TRIES = 100
"""Draws after which nothing new is taken to be left."""


@dataclass(frozen=True)
class Candidate:
    """A type of model, and its parameters that are not its defaults."""

    model: ModelType
    settings: Settings


Best = Mapping[str, Settings]
"""Of each type that was scored its best settings, the best type first."""


class Candidates:
    """The settings to try, in order, none twice; `best` is asked anew for each."""

    def __init__(self, spec: TrainingSpec, types: Sequence[ModelType], n_rows: int, rng: np.random.Generator) -> None:
        self._spec, self._types, self._n_rows, self._rng = spec, types, n_rows, rng
        self._seen: set[tuple[str, tuple[tuple[str, Setting], ...]]] = set()
        self._best: Best = {}
        self._starts = iter(self._begin())

    def next(self, best: Best) -> Candidate | None:
        """The next one; None where there is nothing new."""
        self._best = best
        for candidate in self._starts:
            if self._is_new(candidate):
                return candidate
        for _ in range(MOST_TRIES):
            drawn = self._draw(best)
            if drawn is not None and self._is_new(drawn):
                return drawn
        return None

    def _begin(self) -> Iterator[Candidate]:
        """The job's own settings, or each type's first start, the quickest first, then the second of the best."""
        if len(self._types) == 1 and self._types[0].name == self._spec.model:
            yield Candidate(self._types[0], self._spec.values)
            return
        firsts = [Candidate(model, model.starts[0]) for model in self._types if model.starts]
        yield from sorted(firsts, key=self._seconds)
        seconds = {model.name: model for model in self._types if len(model.starts) > 1}
        for name in [name for name in self._best if name in seconds][: len(FAVOURED)]:
            yield Candidate(seconds[name], seconds[name].starts[1])

    def _seconds(self, candidate: Candidate) -> float:
        size = Size(self._n_rows, len(self._spec.features), self._spec.task)
        return candidate.model.seconds(size, candidate.settings)

    def _draw(self, best: Best) -> Candidate | None:
        fitting = [model for model in self._types if self._tried(model)]
        if not fitting:
            return None
        order = [name for name in best if name in {model.name for model in fitting}]
        ranked = sorted(fitting, key=lambda model: order.index(model.name) if model.name in order else len(order))
        share = np.array(FAVOURED[: len(ranked)])
        model = ranked[int(self._rng.choice(len(share), p=share / share.sum()))]
        near = best.get(model.name) if self._rng.random() < 0.5 else None
        settings = self._afresh(model) if near is None else self._near(model, near)
        check_parameters(model, self._spec.task, settings)
        return Candidate(model, settings)

    def _tried(self, model: ModelType) -> list[Parameter]:
        """Parameters to try: those that are named stay as they are."""
        named = self._spec.values if model.name == self._spec.model else {}
        return [one for one in model.tried_of(self._spec.task, self._spec.defaults) if one.name not in named]

    def _named(self, model: ModelType) -> dict[str, Setting]:
        return dict(self._spec.values) if model.name == self._spec.model else {}

    def _afresh(self, model: ModelType) -> dict[str, Setting]:
        drawn = {one.name: _drawn(one, self._rng) for one in self._tried(model) if self._rng.random() < SET}
        return {**self._named(model), **drawn}

    def _near(self, model: ModelType, settings: Settings) -> dict[str, Setting]:
        """The settings with one or two parameters another step away."""
        tried = self._tried(model)
        places = self._rng.choice(len(tried), size=min(len(tried), int(self._rng.integers(1, 3))), replace=False)
        moved = {tried[place].name: _stepped(tried[place], settings, self._rng) for place in places}
        return {**settings, **moved}

    def _is_new(self, candidate: Candidate) -> bool:
        key = candidate.model.name, tuple(sorted(candidate.settings.items(), key=lambda item: item[0]))
        if key in self._seen:
            return False
        self._seen.add(key)
        return True


def _drawn(parameter: Parameter, rng: np.random.Generator) -> Setting:
    tried = _range_of(parameter)
    if tried.values:
        return tried.values[int(rng.integers(len(tried.values)))]
    return _at(parameter, tried, float(rng.random()))


def _stepped(parameter: Parameter, settings: Settings, rng: np.random.Generator) -> Setting:
    tried, now = _range_of(parameter), settings.get(parameter.name)
    if tried.values or not isinstance(now, int | float):
        return _drawn(parameter, rng)
    low, high, value = (math.log(x) if tried.is_log else x for x in (tried.low, tried.high, max(now, tried.low)))
    place = (value - low) / (high - low) + NEAR * float(rng.normal())
    return _at(parameter, tried, min(max(place, 0.0), 1.0))


def _at(parameter: Parameter, tried: Tried, place: float) -> Setting:
    """The value at a place in [0, 1] of the range, to four digits: a setting is read by people."""
    if tried.is_log:
        value = math.exp(math.log(tried.low) + place * math.log(tried.high / tried.low))
    else:
        value = tried.low + place * (tried.high - tried.low)
    return parameter.cast(round(value) if parameter.is_whole else float(f"{value:.4g}"))


def _range_of(parameter: Parameter) -> Tried:
    if parameter.tried is None:
        raise ValueError(f"a search tries no values of {parameter.name}")
    return parameter.tried

"""Scores: pure functions from what was expected and what happened to passed or failed, with the reason."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.case import Effects, Expected, ExpectedCall, ExpectedNumber

NUMBER = re.compile(r"(?<![\w.])[-+−]?\d[\d,]*\.?\d*(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Made:
    """A call as it was made, and what came of it."""

    name: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]
    is_error: bool


@dataclass(frozen=True)
class Happened:
    """One turn as it went."""

    calls: tuple[Made, ...]
    reply: str
    notices: tuple[str, ...]
    flagged: tuple[str, ...]
    ends: str
    card: str | None


@dataclass(frozen=True)
class Done:
    """What the whole case left behind."""

    jobs: int
    datasets: int
    models: int
    tools: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """One thing that was looked at; `problem` is empty when it was as expected."""

    name: str
    problem: str = ""

    @property
    def passed(self) -> bool:
        """True when nothing is wrong."""
        return not self.problem


def score_turn(expected: Expected, happened: Happened) -> list[Score]:
    """A score for each thing that the turn was expected to do."""
    scores = []
    if expected.calls is not None:
        scores.append(score_calls(expected.calls, happened.calls))
    scores += [score_number(number, happened.calls) for number in expected.numbers]
    scores += [score_reply_number(number, happened.reply) for number in expected.reply_numbers]
    scores += [score_words("reply", words, [happened.reply]) for words in expected.reply_words]
    scores += [score_words("notice", words, happened.notices) for words in expected.notices]
    if expected.flagged is not None:
        scores.append(score_equal("flagged", sorted(expected.flagged), sorted(happened.flagged)))
    if expected.ends is not None:
        scores.append(score_equal("ends", expected.ends, happened.ends))
    if expected.card is not None:
        scores.append(score_words("card", expected.card, [happened.card or ""]))
    return scores


def score_calls(expected: Sequence[ExpectedCall], made: Sequence[Made]) -> Score:
    """The expected calls were made, in their order, each with at least the expected arguments and outcome."""
    left = list(made)
    for wanted in expected:
        while left and not _fits(wanted, left[0]):
            left.pop(0)
        if not left:
            told = ", ".join(f"{call.name} {_short(call.arguments)}" for call in made) or "none"
            how = f" that fails with {wanted.error!r}" if wanted.error else ""
            return Score("calls", f"no {wanted.name} {_short(wanted.arguments)}{how}; made were: {told}")
        left.pop(0)
    return Score("calls")


def _fits(wanted: ExpectedCall, made: Made) -> bool:
    if wanted.name != made.name or not _holds(made.arguments, wanted.arguments):
        return False
    if wanted.error is None:
        return not made.is_error
    return made.is_error and wanted.error in str(made.result.get("error", ""))


def _holds(whole: Any, part: Any) -> bool:
    """True when every entry of the part is in the whole; numbers by value, texts exactly."""
    if isinstance(part, Mapping):
        return isinstance(whole, Mapping) and all(key in whole and _holds(whole[key], part[key]) for key in part)
    if isinstance(part, Sequence) and not isinstance(part, str):
        same = isinstance(whole, Sequence) and not isinstance(whole, str) and len(whole) == len(part)
        return same and all(_holds(one, other) for one, other in zip(whole, part, strict=True))
    return bool(whole == part)


def score_number(expected: ExpectedNumber, made: Sequence[Made]) -> Score:
    """The value at that place of the last result of that tool; numbers within the allowed distance."""
    name = f"{expected.call} {_short(list(expected.at))}"
    results = [call.result for call in made if call.name == expected.call]
    if not results:
        return Score(name, f"{expected.call} gave no result")
    try:
        found = walk(results[-1], expected.at)
    except (KeyError, IndexError, TypeError) as error:
        return Score(name, f"there is nothing there: {error}")
    if _is_number(found) and _is_number(expected.value):
        room = expected.within * (abs(float(str(expected.value))) or 1.0)
        near = abs(float(found) - float(str(expected.value))) <= room
        return Score(name, "" if near else f"expected {expected.value}, found {found}")
    return score_equal(name, expected.value, found)


def walk(value: Any, way: Iterable[str | int | Mapping[str, Any]]) -> Any:
    """The value at the end of the way: a key, a place in a list, or the first item of a list that holds a mapping."""
    for step in way:
        if isinstance(step, Mapping):
            fitting = [item for item in value if _holds(item, step)]
            if not fitting:
                raise KeyError(f"no item with {_short(step)}")
            value = fitting[0]
        else:
            value = value[step]
    return value


def score_reply_number(expected: float, reply: str) -> Score:
    """The reply says the number, rounded to the digits that it shows (at least two, unless the number has fewer)."""
    name = f"reply says {expected:g}"
    for text in NUMBER.findall(reply):
        shown = text.replace(",", "").replace("−", "-")
        digits = len(shown.partition(".")[2].split("e")[0].split("E")[0])
        near = math.isclose(float(shown), expected, abs_tol=0.5 * 10.0**-digits * (1 + 1e-9), rel_tol=0)
        if near and (len(shown.strip("-+0.").replace(".", "")) >= 2 or float(shown) == expected):
            return Score(name)
    return Score(name, f"not in the reply: {reply[:200]!r}")


def score_words(name: str, expected: str, told: Iterable[str]) -> Score:
    """One of the texts holds the words; case does not count."""
    texts = list(told)
    found = any(expected.casefold() in text.casefold() for text in texts)
    return Score(name, "" if found else f"no {expected!r} in {' | '.join(texts)[:300]!r}")


def score_equal(name: str, expected: object, found: object) -> Score:
    """Just the expected value."""
    return Score(name, "" if expected == found else f"expected {expected!r}, found {found!r}"[:400])


def score_effects(at_most: Effects, done: Done) -> list[Score]:
    """Nothing happened beyond what may happen."""
    scores = []
    for name in ("jobs", "datasets", "models"):
        most, n = getattr(at_most, name), getattr(done, name)
        if most is not None:
            scores.append(Score(f"at most {most} {name}", "" if n <= most else f"there are {n}"))
    for tool in at_most.tools:
        scores.append(Score(f"never {tool}", f"{tool} ran" if tool in done.tools else ""))
    return scores


def score_script(n_unused: int, unexpected: Sequence[str]) -> Score:
    """Every step of the script was asked for, and nothing beyond it."""
    problems = [f"{n_unused} replies were never asked for"] if n_unused else []
    return Score("script", "; ".join([*problems, *unexpected]))


def score_results(recorded: Mapping[str, Any], found: Mapping[str, Any]) -> list[Score]:
    """Each call's result is, to the last digit, the one of the transcript."""
    return [score_equal(f"result of {call_id}", recorded[call_id], found.get(call_id)) for call_id in recorded]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:120]

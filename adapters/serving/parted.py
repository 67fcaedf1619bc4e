"""An attempt in parts: which are due, how long each may take, and how it stands."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from adapters.compute.base import Machine
from adapters.records import Attempt, JobEnd
from adapters.serving.part_tries import MOST_TRIES, Tries, Try

MOST_SENT = 9
"""Times that a part is sent at most; those that were refused have cost nothing."""
PAUSE_S, LATER_S = 0.5, 1000.0
"""Half of the pause after the first refusal; by LATER_S every pause is over."""
TIMES_PAID = 2
"""The cap holds as many tries of every part, each to its limit."""


def parts_of(attempt: Attempt) -> int:
    """How many parts the table is sent in."""
    return max(1, math.ceil(attempt.request.rows / attempt.request.part_rows))


def limit_of(attempt: Attempt, starts_s: float = 0.0, least_s: float = 0.0) -> float:
    """Seconds that one try may take, `least_s` or more; of the cap, `starts_s` are for the starts of machines."""
    return max(least_s, (attempt.request.max_seconds - starts_s) / (TIMES_PAID * parts_of(attempt)))


def due_parts(
    attempt: Attempt, tries: Tries, now: float, starts_s: float = 0.0, least_s: float = 0.0
) -> list[tuple[int, int]]:
    """The parts that are to be sent now, each with the number of its try: not done, not under way, inside the cap.

    What was refused has cost nothing, and is sent again after a pause that grows.
    """
    if tries.is_ended:
        return []
    left_s, limit_s = attempt.request.max_seconds - starts_s - tries.paid_s, limit_of(attempt, starts_s, least_s)
    due = []
    for number in range(parts_of(attempt)):
        before = tries.of(number)
        if number in tries.done or not _may_follow(before) or any(one.is_open(now) for one in before):
            continue
        if before and before[-1].is_refused and now < before[-1].sent_at + PAUSE_S * 2 ** len(before):
            continue
        # Limits are equal shares of the cap: rounding is no reason to send nothing.
        if left_s < limit_s * (1 - 1e-9):
            break
        left_s -= limit_s
        due.append((number, len(before) + 1))
    return due


def _may_follow(before: Sequence[Try]) -> bool:
    """Whether there may be one more try of a part."""
    n_paid = sum(not one.is_refused for one in before)
    return n_paid < MOST_TRIES and len(before) < MOST_SENT and not any(one.is_final for one in before)


def machine_of(attempt: Attempt, tries: Tries, fee_s: float, starts_s: float = 0.0, least_s: float = 0.0) -> Machine:
    """How the attempt stands; nothing of it runs once no answer can come any more."""
    now, n_parts = time.time(), parts_of(attempt)
    open_tries, progress = tries.open(now), len(tries.done) / n_parts
    status = f"{len(tries.done)} of {n_parts} parts predicted"
    paid_s = min(tries.spent_s(now) + fee_s * len(tries.all), float(attempt.request.max_seconds))
    if len(tries.done) == n_parts:
        return Machine(False, 1.0, status, paid_s, JobEnd(seconds=paid_s), None)
    if open_tries or (not tries.is_ended and due_parts(attempt, tries, now + LATER_S, starts_s, least_s)):
        return Machine(True, progress, status, paid_s, None, None)
    if tries.is_ended:
        return Machine(False, progress, status, paid_s, None, "ended before all parts were predicted")
    failed = next((number for number in range(n_parts) if number not in tries.done), 0)
    last = tries.of(failed)[-1:]
    why = (last[0].error or "its file is not there") if last else "it was not sent"
    at_limit = bool(last) and _may_follow(tries.of(failed))
    if last and last[0].is_final:
        return Machine(False, progress, status, paid_s, None, f"part {failed + 1} of {n_parts} failed: {why}")
    reason = f"part {failed + 1} of {n_parts} failed {len(tries.of(failed))} times: {why}"
    if at_limit:
        reason = f"stopped at its limit of {attempt.request.max_seconds} s ({reason})"
    return Machine(False, progress, status, paid_s, None, reason, at_limit)


def told_of(tries: Tries) -> list[str]:
    """A line on each try that has ended."""
    return [
        f"part {one.number + 1}, try {one.n}: {one.error or 'predicted'}, {one.paid_s:.2f} s"
        for one in tries.all
        if one.done is not None
    ]

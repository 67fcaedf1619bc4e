"""How long a job takes at a place, for who waits and for the bill: they differ where parts run side by side."""

from __future__ import annotations

import math

from adapters.compute.base import Offer, Parts


def paid_seconds(offer: Offer, work_s: int, rows: int) -> int:
    """What is paid for: the start of each machine, and the work."""
    if offer.parts is None:
        return offer.overhead_s + work_s
    n, machines = _spread(offer.parts, rows)
    return offer.overhead_s + math.ceil(machines * offer.parts.start_s + n * offer.parts.each_s + work_s)


def waited_seconds(offer: Offer, work_s: int, rows: int) -> int:
    """From the yes to the end."""
    if offer.parts is None:
        return offer.overhead_s + work_s
    n, machines = _spread(offer.parts, rows)
    rounds = math.ceil(n / machines)
    return offer.overhead_s + math.ceil(offer.parts.start_s + rounds * (offer.parts.each_s + work_s / n))


def parts_told(parts: Parts, rows: int) -> str:
    """In how many parts the rows are sent, and how."""
    n, machines = _spread(parts, rows)
    if n == 1:
        return f"{rows:,} rows in one part, {parts.words}"
    return f"{rows:,} rows in {n} parts of {parts.rows:,} at most, {machines} side by side, {parts.words}"


def has_room(offer: Offer, rows: int) -> bool:
    """Whether work on so many rows may be sent there."""
    return offer.parts is None or offer.parts.least_rows <= rows <= offer.parts.most_rows


def _spread(parts: Parts, rows: int) -> tuple[int, int]:
    """How many parts there are, and machines."""
    n = max(1, math.ceil(rows / parts.rows))
    return n, min(n, parts.at_once)

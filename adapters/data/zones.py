"""What the offsets and zones behind a column's times mean: one instant is one value, whatever file it comes from."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.data.base import quote_string
from adapters.data.load_warns import ColumnWarns, Whys
from adapters.records.warned import Warned

OFFSET = r"[+-]\d{1,2}(?::?\d{2})?"
ZONE = (
    rf"(?: ?((?:UTC|GMT){OFFSET}|{OFFSET}(?:\[[A-Za-z_/+-]+\])?"
    r"|[A-Za-z]+(?:/[A-Za-z_+-]+[0-9]*)+|[A-Z][A-Za-z]{1,4}|[Zz]))?"
)
"""What may stand behind a time: +02:00, +0530, Z, GMT+1, EST, Europe/Berlin."""
NAMED_MINUTES: Mapping[str, int] = {
    **dict.fromkeys(("Z", "UTC", "UT", "GMT", "WET"), 0),
    **{"EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420},
    **{"CET": 60, "CEST": 120, "WEST": 60, "EET": 120, "EEST": 180, "JST": 540},
}
"""Minutes east of UTC: the American ones of RFC 5322, section 4.3, and others of which one meaning is in use."""
MAX_SHOWN = 40


@dataclass(frozen=True)
class Zones:
    """How the times of a column are to be taken: `moved` to UTC or as they stand, with what is to be said.

    `problem` says why there is no right way.
    """

    said: Warned | None = None
    problem: Warned | None = None
    moved: Mapping[str, int | str] | None = None

    def instant(self, time: str, zone: str) -> str:
        """The time of the value as SQL, from SQL for the time as it is written and for its zone."""
        if self.moved is None:
            return time
        cases = " ".join(f"WHEN {quote_string(text)} THEN {_utc(time, at)}" for text, at in self.moved.items())
        return f"CASE {zone} {cases} END"


def settle_zones(texts: Sequence[str]) -> Zones:
    """One rule for the different things that stand behind the times of a column, '' being nothing.

    Where all mean the same, the times stay as they are written; where they differ, all are moved to UTC; where some
    have none, they cannot be compared.
    """
    zones = sorted(text for text in texts if text)
    if not zones:
        return Zones()
    if len(zones) < len(texts):
        return Zones(problem=Whys.SOME_WITHOUT_ZONE(shown=zones[0][:MAX_SHOWN]))
    known = {text: _place(text) for text in zones}
    unknown = [text for text, place in known.items() if place is None]
    if len(zones) == 1 or (not unknown and len(set(known.values())) == 1):
        if unknown:
            return Zones(said=ColumnWarns.MAY_BE_A_ZONE(shown=zones[0][:MAX_SHOWN]))
        return Zones(said=ColumnWarns.ZONE_LEFT_OUT(shown=zones[0][:MAX_SHOWN]))
    if unknown:
        return Zones(problem=Whys.UNKNOWN_ZONE(shown=unknown[0][:MAX_SHOWN]))
    listed = ", ".join(repr(text[:MAX_SHOWN]) for text in zones[:3]) + ", …" * (len(zones) > 3)
    moved = {text: place for text, place in known.items() if place is not None}
    return Zones(said=ColumnWarns.MOVED_TO_UTC(shown=listed), moved=moved)


def _place(text: str) -> int | str | None:
    """Minutes east of UTC, or the name of a zone whose offset depends on the date; None where it is neither."""
    bare = re.sub(r"\[.*|^(?:UTC|GMT)(?=[+-])", "", text)
    if found := re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})?", bare):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return minutes * (-1 if found[1] == "-" else 1) if minutes <= 14 * 60 else None
    if text.upper() in NAMED_MINUTES:
        return NAMED_MINUTES[text.upper()]
    return text if "/" in text and text in zoneinfo.available_timezones() else None


def _utc(time: str, place: int | str) -> str:
    if isinstance(place, int):
        return f"{time} - to_minutes({place})"
    return f"timezone('UTC', timezone({quote_string(place)}, {time}))"

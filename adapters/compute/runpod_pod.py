"""What is believed of a pod as RunPod and its worker describe it: its id, its price, and since when."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.records import Json

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
CLOCKS_DIFFER_S = 120.0
"""How far a provider's clock may be from ours before its times are not believed."""


def is_pod(found: Mapping[str, Any]) -> bool:
    """Whether it has an id that can stand in an address."""
    return isinstance(found.get("id"), str) and ID.fullmatch(found["id"]) is not None


def usd_an_hour(pod: Mapping[str, Any]) -> Decimal | None:
    """What the pod is said to cost, 0 or more; None where nothing is said, infinity where it cannot be read."""
    said = pod.get("cost")
    if said is None:
        return None
    try:
        usd = (
            Decimal(str(said)) if isinstance(said, int | float | str) and not isinstance(said, bool) else Decimal("NaN")
        )
    except InvalidOperation:
        usd = Decimal("NaN")
    return usd if usd.is_finite() and usd >= 0 else Decimal("Infinity")


def handle_of(pod: Mapping[str, Any] | None, asked_at: float | None) -> Json:
    """How a pod is told apart, and since when it is paid for; of None it is known that it was there and is gone.

    The provider's own time counts where it lies between the request for the pod and now; ours of the request else.
    """
    now = time.time()
    try:
        created = datetime.fromisoformat(str((pod or {}).get("createdAt"))).timestamp()
    except (ValueError, OverflowError, OSError):
        created = now if asked_at is None else asked_at
    first = now if asked_at is None else asked_at
    if created > now + CLOCKS_DIFFER_S or (asked_at is not None and created < first - CLOCKS_DIFFER_S):
        created = first
    return {"pod_id": None if pod is None else str(pod["id"]), "created_at": created}

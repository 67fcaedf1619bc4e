"""Where a job may run, as estimate_cost's schema names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from adapters.compute.registered import REGISTERED
from tools.jobs.quoting import ANY, CLOUD

if TYPE_CHECKING:
    Where = str
else:
    Where = Literal[ANY, CLOUD, *REGISTERED]
WHERE = "Where it may run: auto, all that is set up; cloud, what is not this machine; or one by name."
MACHINE = "A machine by words of its name or zone, such as `A5000`, `8 vCPU` or `EU-RO-1`; none other is quoted."
MAX_USD = "The most that it may cost; the cap is not above it, and machines that would need more are left out."
WITHIN_S = "Seconds within which it must be done; it is stopped then, and machines that take longer are left out."

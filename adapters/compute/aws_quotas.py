"""How many vCPUs an account may run at once, by AWS's quotas: a new one may run few, or none with a GPU."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.compute.aws_api import AwsApi, asking
from adapters.compute.base import ComputeError
from adapters.records import Market

CODES: Mapping[tuple[Market, bool], str] = {
    (Market.ON_DEMAND, False): "L-1216C47A",
    (Market.SPOT, False): "L-34B43A08",
    (Market.ON_DEMAND, True): "L-DB2E81BA",
    (Market.SPOT, True): "L-3819A6DF",
}
"""The quota of standard machines and of those with a GPU (families G and VT), in each market."""


def read_quotas(api: AwsApi) -> dict[tuple[Market, bool], float]:
    """The vCPUs by market and whether there is a GPU; one that AWS does not say is left out."""
    found = {}
    for of, code in CODES.items():
        try:
            with asking("GetServiceQuota"):
                answer = api.client("service-quotas").get_service_quota(ServiceCode="ec2", QuotaCode=code)
        except ComputeError:
            # Who may not look at quotas may still have machines.
            continue
        value = answer.get("Quota", {}).get("Value")
        if isinstance(value, int | float):
            found[of] = float(value)
    return found

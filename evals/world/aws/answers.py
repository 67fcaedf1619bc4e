"""Answers of AWS's services that moto does not give: refusals in each service's own form, and prices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape

EC2_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15"
AS_XML, AS_JSON = "text/xml", "application/x-amz-json-1.1"


@dataclass(frozen=True)
class Answer:
    """A status, a body, what kind of text that is, and headers beside."""

    status: int
    body: bytes
    kind: str = AS_XML
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal(service: str, status: int, code: str, message: str = "") -> Answer:
    """A refusal as that service words it."""
    said = message or f"{code} of the simulated AWS"
    if service == "ec2":
        text = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{escape(said)}</Message></Error></Errors>"
            "<RequestID>world</RequestID></Response>"
        )
        return Answer(status, text.encode())
    if service == "s3":
        return Answer(status, f"<Error><Code>{code}</Code><Message>{escape(said)}</Message></Error>".encode())
    return Answer(status, json.dumps({"__type": code, "message": said, "Message": said}).encode(), AS_JSON)


def spot_prices(prices: dict[tuple[str, str], float], at: str, skus: set[str]) -> Answer:
    """DescribeSpotPriceHistory: each price as it has been since that time."""
    items = "".join(
        f"<item><instanceType>{sku}</instanceType><productDescription>Linux/UNIX</productDescription>"
        f"<spotPrice>{usd:.6f}</spotPrice><timestamp>{at}</timestamp><availabilityZone>{zone}</availabilityZone></item>"
        for (sku, zone), usd in prices.items()
        if sku in skus
    )
    text = (
        f'<DescribeSpotPriceHistoryResponse xmlns="{EC2_NAMESPACE}"><requestId>world</requestId>'
        f"<spotPriceHistorySet>{items}</spotPriceHistorySet><nextToken></nextToken></DescribeSpotPriceHistoryResponse>"
    )
    return Answer(200, text.encode())


def spot_requests(requests: list[tuple[str, float | None]]) -> Answer:
    """DescribeSpotInstanceRequests: each with the time at which its machine was taken away, if it was."""
    items = "".join(
        f"<item><spotInstanceRequestId>{name}</spotInstanceRequestId>"
        f"<state>{'active' if at is None else 'closed'}</state>"
        f"<status><code>{'fulfilled' if at is None else 'instance-terminated-no-capacity'}</code>"
        f"<updateTime>{datetime.fromtimestamp(at or 0, UTC).isoformat()}</updateTime></status></item>"
        for name, at in requests
    )
    text = (
        f'<DescribeSpotInstanceRequestsResponse xmlns="{EC2_NAMESPACE}"><requestId>world</requestId>'
        f"<spotInstanceRequestSet>{items}</spotInstanceRequestSet></DescribeSpotInstanceRequestsResponse>"
    )
    return Answer(200, text.encode())


def listed_price(sku: str, usd: float | None) -> Answer:
    """GetProducts of one kind; an empty list where it has no price."""
    product = {
        "product": {"attributes": {"instanceType": sku, "operatingSystem": "Linux", "regionCode": "us-east-1"}},
        "serviceCode": "AmazonEC2",
        "terms": {
            "OnDemand": {
                "A.B": {"priceDimensions": {"A.B.C": {"unit": "Hrs", "pricePerUnit": {"USD": f"{usd or 0:.10f}"}}}}
            }
        },
    }
    found = [] if usd is None else [json.dumps(product)]
    return Answer(200, json.dumps({"FormatVersion": "aws_v1", "PriceList": found}).encode(), AS_JSON)


def told_quota(quotas: dict[str, float], code: str) -> Answer:
    """GetServiceQuota."""
    if code not in quotas:
        return refusal("servicequotas", 400, "NoSuchResourceException")
    return Answer(200, json.dumps({"Quota": {"QuotaCode": code, "Value": quotas[code]}}).encode(), AS_JSON)

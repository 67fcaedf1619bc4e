"""This installation's function at AWS Lambda: what it is, what it is called with, and what a second of it costs."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from adapters.compute.aws_api import AwsApi, RefusedError, asking
from adapters.compute.aws_prices import PRICING_REGION, Price, usd_per
from adapters.compute.base import ComputeError
from adapters.json_text import parse_json
from adapters.records import JsonValue
from adapters.serving.package import versions

MISSING = frozenset(["ResourceNotFoundException"])
BILLED = re.compile(rb"Billed Duration: (\d+) ms")
SPARE_S = 10.0
"""An answer is waited for so much longer than the call may take: a function's machine starts first."""
KEPT_S = 3600.0
FORBIDDEN, TOO_MANY = 403, 429
MISSING_RIGHT = "; your keys need lambda:InvokeFunction (docs/aws-lambda-policy.json)"
SHIPPED_USD, SHIPPED_REGIONS, SHIPPED_AS_OF = Decimal("0.0000166667"), ("us-east-1",), "2026-08-20"
GB_SECOND, MOST_USD = ("Lambda-GB-Second", "Second"), Decimal("0.001")
VERSIONS_TAG = "statagent:libraries"


@dataclass(frozen=True)
class Deployed:
    """The function as it is there: what it may take, of which processor, and the libraries that it was made of."""

    memory_mb: int
    timeout_s: int
    machine: str


@dataclass
class Functions:
    """The function of one installation in one region; its price is kept for an hour."""

    api: AwsApi
    install: Callable[[], str]
    _price: tuple[float, Price] | None = None
    _clients: dict[float, Any] = field(default_factory=dict, repr=False)

    def name(self) -> str:
        """What it is called."""
        return f"statagent-{self.install()}"

    def deployed(self) -> Deployed:
        """The function, made of the libraries that models are made with here.

        Raises
        ------
        ComputeError
            If there is none, or it was made of others: a model would be read by other versions than made it.
        """
        try:
            with asking("GetFunction"):
                found = self.api.client("lambda").get_function(FunctionName=self.name())
        except RefusedError as error:
            if error.code in MISSING:
                raise ComputeError("no function is deployed: `statagent deploy lambda` makes it, at no cost") from error
            raise
        said, made = found["Configuration"], libraries_tag()
        if found.get("Tags", {}).get(VERSIONS_TAG) != made:
            raise ComputeError(
                "the function was made of other libraries than are here: `statagent deploy lambda` again"
            )
        return Deployed(
            memory_mb=int(said["MemorySize"]),
            timeout_s=int(said["Timeout"]),
            machine=str((said.get("Architectures") or ["x86_64"])[0]),
        )

    def call(self, event: Mapping[str, JsonValue], limit_s: float) -> tuple[dict[str, JsonValue] | None, bytes]:
        """Call it and wait; gives how it has ended, and what it has predicted. None where nobody can say."""
        try:
            answer = self._client(limit_s + SPARE_S).invoke(
                FunctionName=self.name(), InvocationType="RequestResponse", LogType="Tail", Payload=json.dumps(event)
            )
            said = parse_json(answer["Payload"].read())
        except ClientError as error:
            return _refused(error), b""
        except (BotoCoreError, OSError, ValueError):
            return None, b""
        billed = BILLED.search(base64.b64decode(answer.get("LogResult", "")))
        ms = int(billed.group(1)) if billed else None
        if not isinstance(said, dict) or answer.get("FunctionError"):
            why = said.get("errorMessage", "") if isinstance(said, dict) else ""
            return {"error": f"the function failed: {str(why)[:200]}", "ms": ms}, b""
        out = said.pop("out", "")
        try:
            content = base64.b64decode(out if isinstance(out, str) else "", validate=True)
        except ValueError:
            return {"error": "the function's answer is no Base64", "ms": ms}, b""
        return {**said, "ms": said.get("ms") if ms is None else ms}, content

    def call_later(self, event: Mapping[str, JsonValue]) -> dict[str, JsonValue] | None:
        """Have it called; how it has ended where Lambda refused, None where it has not, or nobody can say."""
        try:
            self._client(self.api.patience.answer_s).invoke(
                FunctionName=self.name(), InvocationType="Event", Payload=json.dumps(event)
            )
        except ClientError as error:
            return _refused(error)
        except (BotoCoreError, OSError):
            return None
        return None

    def usd_per_gb_s(self) -> Price:
        """Dollars of a gigabyte for a second, by AWS's price list, or by the one that was shipped.

        Raises
        ------
        ComputeError
            If neither knows this region.
        """
        if self._price is None or time.monotonic() - self._price[0] > KEPT_S:
            self._price = (time.monotonic(), self._listed() or self._shipped())
        return self._price[1]

    def _listed(self) -> Price | None:
        try:
            with asking("GetProducts"):
                answer = self.api.client("pricing", PRICING_REGION).get_products(
                    ServiceCode="AWSLambda",
                    Filters=[
                        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": self.api.region},
                        {"Type": "TERM_MATCH", "Field": "group", "Value": "AWS-Lambda-Duration"},
                    ],
                )
        except ComputeError:
            return None
        prices = [usd for text in answer.get("PriceList", []) for usd in usd_per(text, *GB_SECOND) if usd < MOST_USD]
        return Price(max(prices), "AWS's price list", datetime.now(UTC).date().isoformat()) if prices else None

    def _shipped(self) -> Price:
        if self.api.region not in SHIPPED_REGIONS:
            raise ComputeError(f"nobody says what Lambda costs in {self.api.region}: AWS's price list does not answer")
        return Price(SHIPPED_USD, "statagent's own list", SHIPPED_AS_OF)

    def _client(self, answer_s: float) -> Any:  # boto3 makes the client's class while it runs
        """A client that sends nothing twice: a call is paid for each time."""
        rounded = float(round(answer_s))
        if rounded not in self._clients:
            config = Config(
                connect_timeout=self.api.patience.connect_s,
                read_timeout=rounded,
                retries={"total_max_attempts": 1, "mode": "standard"},
            )
            session: Any = boto3.session.Session()
            self._clients[rounded] = session.client("lambda", region_name=self.api.region, config=config)
        return self._clients[rounded]


def libraries_tag() -> str:
    """The libraries that a model here is made with, as a tag holds it."""
    made = versions()
    return " ".join(f"{name}={made[name]}" for name in ("numpy", "pandas", "scikit-learn", "scipy", "skops"))


def _refused(error: ClientError) -> dict[str, JsonValue] | None:
    """How a call that Lambda has refused has ended: it did not run. None where its server failed: it may have run.

    Too many at once is another thing a moment later; a right that is missing, or a function that is gone, is not.
    """
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    if status >= 500:
        return None
    code = str(error.response.get("Error", {}).get("Code", ""))[:60]
    words = f"Lambda refuses the call: {code}{MISSING_RIGHT if status == FORBIDDEN else ''}"
    return {"error": words, "ms": 0} if status == TOO_MANY else {"error": words, "ms": 0, "is_final": True}

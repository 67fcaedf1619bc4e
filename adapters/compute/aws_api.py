"""AWS's services as boto3 speaks to them, and what a refusal means for whoever pays.

Keys, region and addresses come from boto3's own chain (environment, profile, role); nothing here reads them.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
)
from botocore.loaders import Loader, create_loader
from botocore.parsers import ResponseParserError
from botocore.session import Session

from adapters.compute.base import ComputeError, NoCapacity

NO_CAPACITY = frozenset(
    """
    InsufficientInstanceCapacity InsufficientHostCapacity InsufficientCapacity InsufficientFreeAddressesInSubnet
    InsufficientVolumeCapacity InstanceLimitExceeded VcpuLimitExceeded MaxSpotInstanceCountExceeded
    SpotMaxPriceTooLow Unsupported UnsupportedOperation VolumeLimitExceeded
    """.split()
)
"""There is no such machine now, or not for this account: another type, zone or market may be had."""
AGAIN = frozenset(
    """
    RequestLimitExceeded Throttling ThrottlingException ThrottledException RequestThrottled TooManyRequestsException
    SlowDown EC2ThrottledException InternalError InternalFailure ServiceUnavailable Unavailable RequestTimeout
    InternalServerException
    """.split()
)
"""Whether it was carried out nobody knows, or it was not: the same request may be sent again."""
UNKNOWN_KEY = frozenset(
    """
    AuthFailure InvalidClientTokenId InvalidAccessKeyId UnrecognizedClientException SignatureDoesNotMatch ExpiredToken
    ExpiredTokenException InvalidToken RequestExpired InvalidSignatureException MissingAuthenticationToken
    """.split()
)
NOT_ALLOWED = frozenset(["UnauthorizedOperation", "AccessDenied", "AccessDeniedException"])
NO_KEYS = (NoCredentialsError, PartialCredentialsError, ProfileNotFound, TokenRetrievalError)


class UnsureError(ComputeError):
    """Nobody knows whether the request was carried out: its answer was lost, or AWS had too much to do."""


class RefusedError(ComputeError):
    """AWS has refused; `code` is its word for why."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Patience:
    """How long what is waited for, in seconds: `settle_s` is how far a list of machines may lag behind."""

    settle_s: float = 20.0
    look_s: float = 1.0
    gone_s: float = 60.0
    connect_s: float = 5.0
    answer_s: float = 20.0
    n_tries: int = 4


@dataclass(frozen=True)
class AwsApi:
    """Clients of AWS's services in one region, each made when it is first asked."""

    region: str
    patience: Patience = Patience()
    _made: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def client(self, service: str, region: str = "") -> Any:  # boto3 makes the client's class while it runs
        """The client of a service, here or in another region."""
        where = (service, region or self.region)
        patience = self.patience
        config = Config(
            connect_timeout=patience.connect_s,
            read_timeout=patience.answer_s,
            retries={"total_max_attempts": patience.n_tries, "mode": "standard"},
        )
        with self._lock:
            if where not in self._made:
                with asking(service):
                    self._made[where] = _session().create_client(service, region_name=where[1], config=config)
            return self._made[where]

    def close(self) -> None:
        """Give the connections back; the next request opens new ones."""
        while self._made:
            self._made.popitem()[1].close()


def _session() -> Any:
    """Keys and settings as they are now; what the services are is read from the disk once a program."""
    session = Session()
    session.register_component("data_loader", _descriptions(session.get_config_variable("data_path")))
    return session


@functools.cache
def _descriptions(data_path: str | None) -> Loader:
    return create_loader(data_path)


def region_of_chain() -> str:
    """The region that boto3's own settings name; nothing where they name none."""
    try:
        return boto3.session.Session().region_name or ""
    except ProfileNotFound:
        return ""


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Say in this program's errors what boto3 and AWS say in theirs; `what` is what is asked for, in words."""
    try:
        yield
    except ClientError as error:
        raise _of_answer(error, what) from error
    except NO_KEYS as error:
        raise ComputeError("no keys of AWS are set up: `aws configure`, AWS_PROFILE, or AWS_ACCESS_KEY_ID") from error
    except NoRegionError as error:
        raise ComputeError("no region of AWS is set: STATAGENT_AWS_REGION, e.g. us-east-1") from error
    except ParamValidationError as error:
        raise ComputeError(f"AWS's {what}: a setting is not of its form ({_short(str(error))})") from error
    except (BotoCoreError, ResponseParserError, OSError) as error:
        # An answer that cannot be read is somebody's between here and AWS, or was cut short.
        raise UnsureError(f"AWS's {what} cannot be reached: {type(error).__name__}") from error


def _of_answer(error: ClientError, what: str) -> ComputeError:
    said = error.response.get("Error", {})
    code, status = str(said.get("Code", "")), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    why = f"{code[:60] or status}: {_short(str(said.get('Message', '')))}"
    if code in NO_CAPACITY:
        return NoCapacity(f"AWS has started nothing there ({why})")
    if code in UNKNOWN_KEY:
        step = "`aws sts get-caller-identity` shows whose are set"
        return RefusedError(f"AWS does not know the keys ({why}): {step}", code)
    if code in NOT_ALLOWED:
        return RefusedError(f"the keys may not ask for AWS's {what} ({why}): give them docs/aws-policy.json", code)
    if code in AGAIN or status >= 500:
        return UnsureError(f"AWS's {what} cannot be asked now ({why})")
    return RefusedError(f"AWS refuses {what} ({why})", code)


def _short(text: str) -> str:
    """What somebody else says, on one line and cut short."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:160])

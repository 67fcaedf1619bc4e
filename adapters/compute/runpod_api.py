"""RunPod's REST API, version 2: one request at a time, and what its answers mean for whoever pays."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx
import tenacity

from adapters.compute.base import ComputeError, NoCapacity
from adapters.compute.runpod_answers import (
    AmbiguousError,
    SilentError,
    detail_of,
    listed,
    next_cursor,
    object_in,
    refused,
)
from adapters.compute.runpod_pod import is_pod

LONGEST_WAIT_S = 30.0
LOG_S = 2.0
MOST_LOG_BYTES = 200_000
MOST_PAGES = 1_000
CATALOGUE_TRIES = 2
"""A person waits for a price, and there is a list of them that was shipped."""


class _AgainError(Exception):
    """The request was not carried out and may be sent again, after so many seconds."""

    def __init__(self, problem: str, wait_s: float | None) -> None:
        super().__init__(problem)
        self.wait_s = wait_s


@dataclass(frozen=True)
class Patience:
    """How long what is waited for, in seconds.

    `settle_s` is how far a list of pods may lag behind; `wait_s` the first pause before a request is sent again.
    """

    settle_s: float = 20.0
    wait_s: float = 1.0
    gone_s: float = 30.0
    look_s: float = 1.0
    request_s: float = 20.0
    n_tries: int = 5


@dataclass(frozen=True)
class RunPodApi:
    """The API at `url`, which ends in the version, with the key that is never logged."""

    url: str
    key: str = field(repr=False)
    patience: Patience = Patience()

    @functools.cached_property
    def _client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}", "User-Agent": "statagent"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=self.patience.request_s)

    def close(self) -> None:
        """Give the connections back; the next request opens new ones."""
        opened = self.__dict__.pop("_client", None)
        if opened is not None:
            opened.close()

    def pods(self, name: str) -> list[dict[str, Any]]:
        """The pods whose name begins so that are not deleted, as far as the list has heard: those of all its pages."""
        found = [pod for pod in self._all_pages("/pods", "pods") if str(pod.get("name", "")).startswith(name)]
        if not all(map(is_pod, found)):
            raise AmbiguousError("RunPod's list holds pods without an id")
        return [pod for pod in found if pod.get("status") != "TERMINATED"]

    def pod(self, pod_id: str) -> dict[str, Any] | None:
        """One pod; None where it is gone."""
        found = self._read(f"/pods/{pod_id}", none_at_404=True)
        return None if found is None or found.get("status") == "TERMINATED" else found

    def cpus(self) -> list[dict[str, Any]]:
        """The flavours of processors, with price and availability; none where the catalogue has no such list.

        Raises
        ------
        SilentError
            If the catalogue does not answer; it is not waited for as long as for what is owed for.
        """
        return self._catalogue("cpus")

    def gpus(self) -> list[dict[str, Any]]:
        """The types of GPU, with price and availability; raises as `cpus` does."""
        return self._catalogue("gpus")

    def check(self) -> None:
        """See that the API answers; raises SilentError where it does not, and ComputeError where it refuses."""
        self._read("/pods", n_tries=CATALOGUE_TRIES)

    def _catalogue(self, kind: str) -> list[dict[str, Any]]:
        asked = {"include": "AVAILABILITY", "product": "POD"}
        try:
            return listed(self._read(f"/catalog/{kind}", asked, none_at_404=True, n_tries=CATALOGUE_TRIES), kind)
        except AmbiguousError as error:
            raise SilentError(str(error)) from error

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a pod, once: an answer that was lost is never followed by a second request here.

        Raises
        ------
        NoCapacity
            400 (a rule is broken, or there is no capacity: they look the same) and 403: this place is left alone.
        AmbiguousError
            A pod may be there now.
        ComputeError
            401, 402, 422 and anything else: no place would do.
        """
        answer = self.sent_once("POST", "/pods", body)
        if answer.is_success:
            pod = object_in(answer)
            if not is_pod(pod):
                raise AmbiguousError("RunPod's answer names no pod")
            return pod
        said = detail_of(answer)
        if answer.status_code in (400, 403):
            raise NoCapacity(f"RunPod has started nothing there ({answer.status_code}: {said})")
        if answer.status_code == 402:
            raise ComputeError(f"RunPod's balance is too low ({said}): add funds, then ask for a new quote")
        raise refused(answer)

    def delete(self, pod_id: str) -> None:
        """Delete a pod; that there is none is no error."""
        answer = self.sent("DELETE", f"/pods/{pod_id}")
        if answer.status_code not in (200, 202, 204, 404):
            raise refused(answer)

    def billed_usd(self, pod_id: str, since: datetime) -> Decimal | None:
        """What the pod has cost since then, by RunPod's bill; None where that holds nothing of it yet.

        Raises
        ------
        ComputeError
            If the bill cannot be had, or read.
        """
        start = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        asked = {"podId": pod_id, "bucketSize": "hour", "startTime": f"{start:%Y-%m-%dT%H:%M:%SZ}"}
        records = listed(self._read("/billing/pods", asked), "records")
        amounts = [one.get("totalAmount") for one in records if one.get("podId", pod_id) == pod_id]
        try:
            total = sum((Decimal(str(amount)) for amount in amounts), Decimal(0))
        except InvalidOperation as error:
            raise AmbiguousError("RunPod's bill holds an amount that is no number") from error
        if not total.is_finite() or total < 0:
            raise AmbiguousError("RunPod's bill holds an amount that is no number of dollars")
        return total or None

    def log_lines(self, pod_id: str, n_lines: int) -> list[str]:
        """The last lines that the container has written, from the stream of its log; none where it cannot be had."""
        lines: list[str] = []
        deadline, rest = time.monotonic() + LOG_S, b""
        try:
            with self._client.stream("GET", f"/pods/{pod_id}/logs", params={"tail": n_lines}, timeout=2.0) as answer:
                if answer.status_code != 200:
                    return []
                # A stream that says nothing, or only that it is alive, must hold nobody up.
                for part in answer.iter_bytes():
                    *whole, rest = (rest + part)[-MOST_LOG_BYTES:].split(b"\n")
                    said = [line.removeprefix(b"data:").strip() for line in whole if line.startswith(b"data:")]
                    lines += [line.decode("utf-8", "replace") for line in said]
                    if len(lines) >= n_lines or time.monotonic() > deadline:
                        break
        except httpx.HTTPError:
            logging.getLogger(__name__).debug("the log's stream of %s has ended", pod_id)
        return lines[:n_lines]

    def _all_pages(self, path: str, name: str) -> list[dict[str, Any]]:
        """A list to its end: what stands on a later page is as much there, and costs as much."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = self._read(path, None if cursor is None else {"cursor": cursor})
            found += listed(page, name)
            former, cursor = cursor, next_cursor(page)
            if cursor is None:
                return found
            if cursor == former:
                break
        raise AmbiguousError(f"RunPod's list of {name} does not end")

    def _read(
        self, path: str, params: Mapping[str, Any] | None = None, none_at_404: bool = False, n_tries: int = 0
    ) -> Any:
        answer = self.sent("GET", path, params, n_tries)
        if answer.status_code == 404 and none_at_404:
            return None
        if answer.status_code != 200:
            raise refused(answer)
        return object_in(answer)

    def sent(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        n_tries: int = 0,
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """The answer to what may be sent any number of times: lost answers, 429 and 5xx are tried again.

        Raises
        ------
        SilentError
            If none comes.
        """

        def once() -> httpx.Response:
            try:
                answer = self._client.request(method, path, params=params, json=body)
            except httpx.TransportError as error:
                raise _AgainError(f"it cannot be reached: {type(error).__name__}", None) from error
            return _or_again(answer, 500)

        try:
            return self._again(once, n_tries)
        except _AgainError as error:
            raise SilentError(f"RunPod cannot be asked now: {error}") from error

    def sent_once(self, method: str, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """The answer to what may be carried out once: only a 429, which was not carried out, is tried again.

        Raises
        ------
        SilentError
            If it was not carried out.
        AmbiguousError
            If nobody can say.
        """

        def once() -> httpx.Response:
            try:
                answer = self._client.request(method, path, json=body)
            except httpx.ConnectError as error:
                raise _AgainError(f"it cannot be reached: {type(error).__name__}", None) from error
            except httpx.TransportError as error:
                raise AmbiguousError(f"RunPod's answer was lost: {type(error).__name__}") from error
            if answer.status_code >= 500:
                raise AmbiguousError(f"RunPod answers {answer.status_code}")
            return _or_again(answer, 600)

        try:
            return self._again(once)
        except _AgainError as error:
            raise SilentError(f"RunPod takes no request now: {error}") from error

    def _again(self, once: Any, n_tries: int = 0) -> httpx.Response:
        patience = self.patience
        usual = tenacity.wait_exponential_jitter(multiplier=patience.wait_s, max=LONGEST_WAIT_S, jitter=patience.wait_s)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome is not None else None
            said = error.wait_s if isinstance(error, _AgainError) else None
            return usual(state) if said is None else min(said, LONGEST_WAIT_S)

        retry = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_AgainError),
            stop=tenacity.stop_after_attempt(n_tries or patience.n_tries),
            wait=wait,
            reraise=True,
        )
        answer: httpx.Response = retry(once)
        return answer


def _or_again(answer: httpx.Response, again_from: int) -> httpx.Response:
    if answer.status_code == 429 or answer.status_code >= again_from:
        try:
            said: float | None = max(0.0, float(answer.headers.get("Retry-After", "")))
        except ValueError:
            said = None
        raise _AgainError(f"it answers {answer.status_code}", said)
    return answer

"""AWS Lambda: each attempt is calls of a function that was deployed before, one for each part of the table.

Small tables are sent with the call, which answers at once; larger ones lie in the bucket, and what is predicted comes
to lie there, each part once (If-None-Match). The function has no key: it gets addresses that are signed for one part. A
call ends itself at its limit, and all limits together are no more than the cap: it holds with this program dead.
"""

from __future__ import annotations

import base64
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq

from adapters.arrow_frames import as_pandas
from adapters.compute.attempt_files import CREATED, ENDED, AttemptFiles
from adapters.compute.aws_api import AwsApi, region_of_chain
from adapters.compute.base import ComputeError, Machine, Offer, Staged, Surroundings
from adapters.compute.volume import Volume, VolumeKeys
from adapters.compute.worker_files import TABLE
from adapters.packed_columns import pack_columns
from adapters.records import Approval, Attempt, Json, PredictionSpec
from adapters.serving.functions import Functions
from adapters.serving.lambda_offers import AT_ONCE, CALL_USD, MOST_AT_ONCE, offers_of
from adapters.serving.part_tries import DONE, IN, Tries, part_name, try_name
from adapters.serving.parted import due_parts, limit_of, machine_of, parts_of
from adapters.serving.parted_backend import PartedBackend

NAME = "aws_lambda"
MOST_SENT_BYTES = 4_000_000
"""Of a part that goes with its call: Base64 makes a third more of it, and 6 MB are taken."""
ADDRESS_S = 12 * 3600
AT_ONCE_S = 60.0
"""So long may a call take that is waited for: a thousand rows take seconds."""
GONE_S, LOOK_S = 10.0, 0.2


def detect(surroundings: Surroundings) -> LambdaBackend:
    """Lambda with the bucket that is set; that nothing is deployed is said when offers are asked for."""
    options = surroundings.options
    api = AwsApi(options.get("aws_region") or region_of_chain())
    return LambdaBackend(surroundings, api, options.get("aws_bucket", ""))


class LambdaBackend(PartedBackend):
    """Calls of this installation's function in one region. Keeps `adapters.compute.base.Backend`."""

    name = NAME

    def __init__(self, surroundings: Surroundings, api: AwsApi, bucket: str) -> None:
        self._api = api
        self._max_seconds = surroundings.max_job_s
        self._bucket = bucket
        self._functions = Functions(api, surroundings.install)
        keys = VolumeKeys(None, api.region, bucket, is_encrypted=True, called="bucket")
        super().__init__(AttemptFiles(Volume(keys), surroundings.folder))

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()
        self._files.volume.close()

    def offers(self) -> tuple[Offer, ...]:
        """Calls that answer at once, for up to 10,000 rows, and calls over the bucket, for up to 100,000."""
        if not self._bucket:
            raise ComputeError("aws_lambda is half set up: set STATAGENT_AWS_BUCKET")
        function, price = self._functions.deployed(), self._functions.usd_per_gb_s()
        return offers_of(function, price, self._api.region, self._max_seconds)

    def stage(self, attempt: Attempt, files: Staged) -> None:
        """Put the model and each part of the table into the bucket, unless a call may have begun with them."""
        key = attempt.key
        if self._files.has(key, CREATED):
            return
        here = self._files.here / key
        here.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, write in files.items():
            write(here / name)
            if name != TABLE:
                self._files.volume.upload(self._files.path(key, name), here / name)
        table = pq.read_table(here / TABLE).combine_chunks()
        for number, start in enumerate(range(0, max(table.num_rows, 1), attempt.request.part_rows)):
            part = table.slice(start, attempt.request.part_rows).combine_chunks()
            columns = {
                name: as_pandas(column.combine_chunks())
                for name, column in zip(part.column_names, part.columns, strict=True)
            }
            try:
                content = pack_columns(columns)
            except ValueError as error:
                raise ComputeError(str(error)) from error
            self._files.volume.put(self._files.path(key, part_name(number, IN)), content)
        (here / TABLE).unlink()

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        """Call the function for each part that was not sent yet."""
        if (attempt.owner_id, attempt.request.quote_id) != (approval.owner_id, approval.quote_id):
            raise ComputeError("the approval is for another quote: nothing was started")
        if self._files.has(attempt.key, ENDED):
            raise ComputeError("the attempt was ended before its function was called: nothing was started")
        self._files.put(attempt.key, CREATED, {"at": time.time()})
        self._send_due(attempt, self._tries.of(attempt.key))
        return {"function": self._functions.name(), "started_at": time.time()}

    def _send_due(self, attempt: Attempt, tries: Tries) -> Tries:
        """Send each part that is neither done nor under way; gives the tries as they are then."""
        due = due_parts(attempt, tries, time.time())
        if not due:
            return tries
        is_at_once = attempt.request.place.sku.startswith(AT_ONCE)
        send = self._call if is_at_once else self._call_later
        with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
            for _ in pool.map(lambda one: send(attempt, *one), due):
                pass
        return self._tries.of(attempt.key)

    def _call(self, attempt: Attempt, number: int, n: int) -> None:
        """Call with the rows, wait for the answer, and put it down."""
        key, limit_s = attempt.key, min(limit_of(attempt), AT_ONCE_S)
        content = self._files.volume.get(self._files.path(key, part_name(number, IN)), MOST_SENT_BYTES + 1) or b""
        event = self._event(attempt, number, limit_s)
        if len(content) > MOST_SENT_BYTES:
            event["part_url"] = self._address(key, part_name(number, IN))
        else:
            event["part"] = base64.b64encode(content).decode()
        if not self._tries.begin(key, number, n, limit_s):
            return
        done, out = self._functions.call(event, limit_s)
        if done is None:
            return
        if "sha256" in done:
            self._files.volume.put(self._files.path(key, part_name(number)), out)
        self._tries.end(key, number, n, done)

    def _call_later(self, attempt: Attempt, number: int, n: int) -> None:
        """Have the function called with addresses: of the rows, and of what is to be written."""
        key, limit_s = attempt.key, limit_of(attempt)
        volume = self._files.volume
        event = self._event(attempt, number, limit_s) | {
            "part_url": self._address(key, part_name(number, IN)),
            "out_url": volume.signed(self._files.path(key, part_name(number)), ADDRESS_S, is_new=True),
            "done_url": volume.signed(self._files.path(key, f"{DONE}/{try_name(number, n)}"), ADDRESS_S, is_new=True),
        }
        if self._tries.begin(key, number, n, limit_s):
            refused = self._functions.call_later(event)
            if refused is not None:
                self._tries.end(key, number, n, refused)

    def _event(self, attempt: Attempt, number: int, limit_s: float) -> dict[str, Any]:
        work = attempt.request.work
        if not isinstance(work, PredictionSpec):
            raise ComputeError("Lambda predicts, and trains nothing")
        return {
            "number": number,
            "limit_s": limit_s,
            "model": {name: self._address(attempt.key, name) for name in work.files},
            "files": work.files,
            "features": list(work.features),
            "each_class": work.each_class,
            "cut": work.cut,
        }

    def _address(self, key: str, name: str) -> str:
        return self._files.volume.signed(self._files.path(key, name), ADDRESS_S)

    def find(self, key: str) -> Json | None:
        """Whether its function was called."""
        if not self._files.has(key, CREATED):
            return None
        return {"function": self._functions.name(), "started_at": self._files.asked_at(key)}

    def state(self, attempt: Attempt) -> Machine:
        """How many parts are done; what failed or was lost is sent again alone."""
        tries, n_parts = self._tries.of(attempt.key), parts_of(attempt)
        if len(tries.done) < n_parts and not tries.is_ended:
            tries = self._send_due(attempt, tries)
        return machine_of(attempt, tries, self._fee_s(attempt))

    @staticmethod
    def _fee_s(attempt: Attempt) -> float:
        """What one call costs, as seconds of it."""
        return float(CALL_USD * 3600 / attempt.request.usd_per_hour)

    def clean(self, key: str) -> None:
        """Remove the rows, the model and what was predicted; what tells of the tries stays."""
        self._files.clean(key, IN)

    def running(self) -> tuple[str, ...]:
        """Nothing that could be ended: each call ends by itself."""
        return ()

    def end(self, key: str) -> None:
        """See that nothing more is sent."""
        self._files.put(key, ENDED, {"at": time.time()})

    def terminate(self, attempt: Attempt) -> None:
        """See that nothing more is sent, and wait for the calls that may still run: each ends at its own limit."""
        self.end(attempt.key)
        deadline = time.monotonic() + GONE_S
        while left := self._tries.of(attempt.key).open(time.time()):
            if time.monotonic() > deadline:
                last_s = max(one.sent_at + one.limit_s for one in left) - time.time()
                raise ComputeError(f"calls may still run, for {max(last_s, 0):.0f} s at most ({len(left)})")
            time.sleep(LOOK_S)

    def billed_usd(self, attempt: Attempt) -> Decimal | None:
        """What Lambda says that each call was billed at stands in the cost already."""
        return None

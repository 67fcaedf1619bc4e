"""What a machine of EC2 runs first: a timer that ends it, then the worker. Given to it as text, in its user data.

This process is the timer: it needs Python's own library alone, no network and no key. All work is done by a child in a
session of its own, with boto3 of the image and the machine's role, so nothing that it does or how it dies keeps the
timer from shutting the machine down, which ends it and its bill.
"""

import calendar
import hashlib
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

EVERY_S = 2.0
EVERY_S_LATER = 10.0
"""Every file that is sent costs: after five minutes progress is told less often."""
LATER_S = 300.0
LOG_BYTES = 1_000_000
CHECKPOINT = "checkpoint.json"
NEEDED = ("request.json", "table.parquet")
MORE = ("model.skops", "metadata.json", CHECKPOINT)
"""Of the job's files those that only some jobs have: a model to predict with, what an earlier machine has found."""
LOG_GROUP = "/statagent"
KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")
METADATA = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254").rstrip("/")


def say(text: str) -> None:
    """A line for the machine's console."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def metadata(path: str, timeout: float = 2.0) -> "str | None":
    """What the machine's metadata say, by a token of version 2; None where they say nothing."""
    try:
        headers = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
        asked = urllib.request.Request(f"{METADATA}/latest/api/token", method="PUT", headers=headers)  # noqa: S310
        with urllib.request.urlopen(asked, timeout=timeout) as answer:  # noqa: S310 - the machine's own
            token = answer.read().decode()
        asked = urllib.request.Request(f"{METADATA}/latest/{path}", headers={"X-aws-ec2-metadata-token": token})  # noqa: S310
        with urllib.request.urlopen(asked, timeout=timeout) as answer:  # noqa: S310
            text: str = answer.read().decode()
            return text
    except (OSError, ValueError):
        return None


def launched_at() -> float:
    """When the machine's bill began, by its metadata; now, where they do not say."""
    try:
        told = json.loads(metadata("dynamic/instance-identity/document") or "{}")["pendingTime"]
        at = float(calendar.timegm(time.strptime(told, "%Y-%m-%dT%H:%M:%SZ")))
    except (ValueError, KeyError, TypeError):
        return time.time()
    return min(at, time.time())


class Folder:
    """The attempt's folder in the bucket, by the keys of the machine's role."""

    def __init__(self) -> None:
        import boto3  # the timer must not wait for it

        self.s3: Any = boto3.client("s3")
        self.logs: Any = boto3.client("logs")
        self.at = {"Bucket": os.environ["STATAGENT_BUCKET"]}
        self.n_said = 0
        self.has_stream: bool | None = None

    def key(self, name: str) -> str:
        """Where a file is."""
        return f"{os.environ['STATAGENT_FOLDER']}/{name}"

    def has(self, name: str) -> bool:
        """Whether there is such a file; one that may not be seen is not there."""
        found = self.s3.list_objects_v2(**self.at, Prefix=self.key(name), MaxKeys=1)
        return any(one["Key"] == self.key(name) for one in found.get("Contents", []))

    def get(self, key: str, to: Path) -> None:
        """Fetch a file."""
        self.s3.download_file(self.at["Bucket"], key, str(to))

    def put(self, name: str, content: bytes) -> None:
        """Send a small file."""
        self.s3.put_object(**self.at, Key=self.key(name), Body=content, ServerSideEncryption="AES256")

    def send(self, name: str, file: Path) -> None:
        """Send a file of any size, and see that it has arrived whole."""
        self.s3.upload_file(str(file), self.at["Bucket"], self.key(name), ExtraArgs={"ServerSideEncryption": "AES256"})
        if self.s3.head_object(**self.at, Key=self.key(name))["ContentLength"] != file.stat().st_size:
            raise OSError(f"{name} did not arrive whole")

    def say_log(self, log: bytes) -> None:
        """New whole lines go to CloudWatch; without its group or the right to it, the bucket's log is all there is."""
        stream = {"logGroupName": LOG_GROUP, "logStreamName": os.environ["STATAGENT_STREAM"]}
        lines = log[: log.rfind(b"\n") + 1].decode("utf-8", "replace").splitlines()
        new, now = lines[self.n_said :][:1000], int(time.time() * 1000)
        try:
            if self.has_stream is None:
                self.has_stream = False
                self.logs.create_log_stream(**stream)
                self.has_stream = True
            if self.has_stream and new:
                events = [{"timestamp": now, "message": line[:4000] or " "} for line in new]
                self.logs.put_log_events(**stream, logEvents=events)
                self.n_said += len(new)
        except Exception as error:  # noqa: BLE001 - a log that cannot be told ends no training
            say(f"no line goes to CloudWatch: {type(error).__name__}")


class Worker:
    """The worker's process on this machine, and what it has told so far."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        # On the disk: /tmp is memory on some systems.
        self.place = Path(tempfile.mkdtemp(prefix="statagent-", dir=os.environ.get("TMPDIR", "/var/tmp")))  # noqa: S108
        self.log = self.place / "job" / "log.txt"
        self.told: dict[str, bytes] = {}
        self.is_leaving = False
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Fetch our own code, the order and the table, and begin."""
        code, job = self.place / "code", self.place / "job"
        code.mkdir()
        job.mkdir()
        payload = self.place / "payload.zip"
        self.folder.get(os.environ["STATAGENT_PAYLOAD"], payload)
        if hashlib.sha256(payload.read_bytes()).hexdigest() != os.environ["STATAGENT_PAYLOAD_SHA256"]:
            raise ValueError("the payload is not the one that was sent")
        with zipfile.ZipFile(payload) as archive:
            archive.extractall(code)
        for name in (*NEEDED, *filter(self.folder.has, MORE)):
            self.folder.get(self.folder.key(name), job / name)
        # The worker sees no key of AWS's.
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment["PYTHONPATH"] = str(code)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own code
                [sys.executable, "-P", "-m", "runtime.worker", str(job)],
                cwd=self.place, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def tell(self) -> None:
        """Send what is new of its progress and its log."""
        if not self.is_leaving and (notice := metadata("meta-data/spot/instance-action")):
            self.is_leaving = True
            self.note(f"AWS takes this machine away: {notice[:200]}")
        for name in (CHECKPOINT, "progress.json", "log.txt"):
            file = self.place / "job" / name
            content = file.read_bytes() if file.exists() else b""
            content = content[-LOG_BYTES:] if name == "log.txt" else content
            if content and content != self.told.get(name):
                self.folder.put(name, content)
                self.told[name] = content
                if name == "log.txt":
                    self.folder.say_log(content)

    def note(self, line: str) -> None:
        """A line of ours in its log."""
        self.log.parent.mkdir(exist_ok=True)
        with self.log.open("a") as log:
            log.write(f"{line}\n")

    def end(self) -> None:
        """Kill what is left of it."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                say("the worker has ended")
            self.process.wait()

    def send_result(self) -> None:
        """Send what it has left: every file, then the result, which states their hashes: from then on all is there."""
        out, result = self.place / "job" / "out", self.place / "job" / "result.json"
        if result.exists():
            for path in sorted(out.iterdir()) if out.is_dir() else ():
                self.folder.send(f"out/{path.name}", path)
            self.folder.put("result.json", result.read_bytes())


def work() -> None:
    """Do the attempt's work, and tell how it ended; the timer's signal ends it early.

    A SIGTERM is the system's, whose machine is taken away: then nothing more is told, and the job goes on elsewhere.
    """
    stopped: list[int] = []
    signal.signal(signal.SIGUSR1, lambda number, frame: stopped.append(number))
    started = time.monotonic()
    folder = Folder()
    if folder.has("claim.json") or folder.has("ended.json"):
        say("this attempt was ended before")
        return
    folder.put("begun.json", json.dumps({"at": launched_at()}).encode())
    worker = Worker(folder)
    try:
        worker.start()
    except Exception as error:  # noqa: BLE001 - whatever it is, the person is told
        worker.note(f"the work cannot begin: {type(error).__name__}: {error}")
    next_at = 0.0
    while worker.process is not None and worker.process.poll() is None and not stopped:
        if time.monotonic() >= next_at:
            is_done(worker.tell)
            is_soon = worker.is_leaving or time.monotonic() - started < LATER_S
            next_at = time.monotonic() + (EVERY_S if is_soon else EVERY_S_LATER)
        time.sleep(0.1)
    worker.end()
    ended = json.dumps({"at": time.time(), "at_limit": bool(stopped)}).encode()
    for step in (worker.tell, worker.send_result, lambda: folder.put("ended.json", ended)):
        while not is_done(step):
            # The bucket cannot be reached: what was trained waits for it as long as the timer lets it.
            time.sleep(EVERY_S)


def is_done(step: "Callable[[], object]") -> bool:
    """Whether that could be done now: a bucket that is silent for a while ends no training."""
    try:
        step()
    except Exception as error:  # noqa: BLE001 - tried again
        say(f"not yet: {type(error).__name__}: {error}")
        return False
    return True


def run_for(left_s: float, spare_s: float) -> None:
    """Have the work done by a child, for so many seconds at most; the last ones are to tell how it ended."""
    began = time.monotonic()
    # The child runs this very text: orig_argv is python3, -c, the text.
    child = subprocess.Popen([sys.executable, *sys.orig_argv[1:], "work"], start_new_session=True)  # noqa: S603
    is_told = False
    while child.poll() is None and time.monotonic() - began < left_s:
        if not is_told and time.monotonic() - began >= left_s - spare_s:
            child.send_signal(signal.SIGUSR1)
            is_told = True
        time.sleep(0.1)
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        say("the work has ended")


def shut_down(when: str) -> None:
    """Have the system end this machine."""
    try:
        subprocess.run(["shutdown", "-h", when], check=False, timeout=30)  # noqa: S603, S607 - the system's own
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"shutdown {when}: {type(error).__name__}")


def main() -> None:
    """Arm the timers, do the work once, and end the machine, whatever happens."""
    try:
        limit = float(os.environ["STATAGENT_MAX_SECONDS"])
        # The system's own timer, in whole minutes: should this process die, the machine ends all the same.
        shut_down(f"+{math.ceil(limit / 60)}")
        run_for(limit - (time.time() - launched_at()), min(5.0, limit / 10))
    finally:
        # Again and again until the machine is gone, which ends this process.
        while True:
            shut_down("now")
            time.sleep(EVERY_S)


if __name__ == "__main__":
    work() if sys.argv[1:] == ["work"] else main()

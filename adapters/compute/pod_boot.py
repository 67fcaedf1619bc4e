"""What a rented pod runs first: a timer that ends it, then the worker. Only Python's own library; given to it as text.

This process is the timer. All work is done by a child in a session of its own, so nothing that it does or how it dies
keeps the timer from ending the pod. A container whose command ends is started again and paid for: hence this process
does not end before the provider has deleted the pod.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

EVERY_S = 2.0
SPARE_S = 3.0
"""What the timer that tells how the work ended has before the one that only ends the pod."""
LONGEST_START_S = 3600.0
"""From the request for a pod to its start; were it longer, the volume's clock would be another than the pod's."""
KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")


def there(name: str) -> Path:
    """A file of the attempt's folder on the volume."""
    return Path(os.environ["STATAGENT_FOLDER"]) / name


def paid_since() -> float:
    """When the pod was asked for, by the clocks of its provider; a restart changes nothing about it.

    The clock of whoever asked plays no part: where that is wrong, the pod would leave at once, or stay.
    """
    begun = there("begun.json")
    try:
        return float(json.loads(begun.read_text())["at"])
    except (OSError, ValueError, KeyError):
        since = asked_at(time.time())
        begun.write_text(json.dumps({"at": since, "pod_id": os.environ["RUNPOD_POD_ID"]}))
        return since


def asked_at(now: float) -> float:
    """When the file was written that says that there may be a pod; now, where the volume says what cannot be."""
    try:
        written = there("created.json").stat().st_mtime
    except OSError:
        return now
    return written if 0 <= now - written <= LONGEST_START_S else now


def delete_pod() -> None:
    """Have the provider delete this pod; again and again until it is done, which ends this process."""
    url = f"{os.environ['STATAGENT_API']}/pods/{os.environ['RUNPOD_POD_ID']}"
    # Some providers turn Python's own name away.
    headers = {"Authorization": f"Bearer {os.environ['RUNPOD_API_KEY']}", "User-Agent": "statagent"}
    while True:
        try:
            request = urllib.request.Request(url, method="DELETE", headers=headers)  # noqa: S310 - our own address
            urllib.request.urlopen(request, timeout=20).close()  # noqa: S310
        except (OSError, ValueError) as error:
            say(f"the pod is not deleted yet: {type(error).__name__}")
        time.sleep(EVERY_S)


def unpack(into: Path) -> None:
    """Our own code, if it is the one that was sent."""
    content = Path(os.environ["STATAGENT_PAYLOAD"]).read_bytes()
    if hashlib.sha256(content).hexdigest() != os.environ["STATAGENT_PAYLOAD_SHA256"]:
        raise SystemExit("the payload is not the one that was sent")
    with zipfile.ZipFile(os.environ["STATAGENT_PAYLOAD"]) as archive:
        archive.extractall(into)


def work() -> None:
    """Run the worker in this process, its words in the folder's log."""
    place = Path(tempfile.mkdtemp(prefix="statagent-"))
    log = os.open(there("log.txt"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    unpack(place)
    # The worker sees no key of the provider's.
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment["PYTHONPATH"] = str(place)
    os.chdir(place)
    command = [sys.executable, "-P", "-m", "runtime.worker", os.environ["STATAGENT_FOLDER"]]
    os.execve(sys.executable, command, environment)  # noqa: S606


def say(text: str) -> None:
    """A line for the provider's log."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run_once(left_s: float) -> None:
    """Do the work, for so many seconds at most, unless an earlier start of this pod has done it."""
    deadline = time.monotonic() + left_s
    if left_s <= 0 or there("ended.json").exists() or there("result.json").exists():
        return
    # The child runs this very text: orig_argv is python3, -c, the text.
    child = subprocess.Popen([sys.executable, *sys.orig_argv[1:], "work"], start_new_session=True)  # noqa: S603
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    at_limit = child.poll() is None
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        say("the worker has ended")
    there("ended.json").write_text(json.dumps({"at": time.time(), "at_limit": at_limit}))


def watch() -> None:
    """End the pod when the time is over that its price bought, though the volume hangs: no file is touched."""
    time.sleep(float(os.environ["STATAGENT_MAX_SECONDS"]) + SPARE_S)
    delete_pod()


def main() -> None:
    """Arm the timers, do the work once, and end the pod, whatever happens."""
    threading.Thread(target=watch, daemon=True).start()
    try:
        run_once(paid_since() + float(os.environ["STATAGENT_MAX_SECONDS"]) - time.time())
    finally:
        delete_pod()


if __name__ == "__main__":
    work() if sys.argv[1:] == ["work"] else main()

"""A program that rents a machine, ends the job, and dies at a request: `python -m evals.world.killed_cloud …`."""

from __future__ import annotations

import os
import secrets
import signal
import sys
from pathlib import Path

from adapters.records import Approval, Feature, TrainingSpec
from evals.world.desks import approve
from evals.world.rented import call_before_or_after, renting_session
from runtime.session import Session
from tools.jobs.quoting import Need

SPEC = TrainingSpec(
    target="species",
    task="classification",
    features=(Feature(name="bill_length_mm", kind="number"),),
    model="logistic_regression",
)


def agree(session: Session) -> Approval:
    """A yes to the cheapest machine."""
    quote = session.jobs.quote("c1", session.data.get("penguins"), SPEC, Need(10))[0]
    return approve(session, quote.quote_id, f"call_{secrets.token_hex(4)}")


def main(home: Path, address: str, moment: str, number: int) -> None:
    """Rent and end; die before or after the request of that number, counted from the yes on."""
    session = renting_session(home, address)
    approval = agree(session)
    (backend,) = session.program.backends.values()
    left = number

    def count() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    call_before_or_after(backend, moment, count)
    view = session.jobs.launch(approval)
    session.jobs.cancel(view.job.job_id)
    session.program.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))

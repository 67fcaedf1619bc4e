"""A circuit breaker: a model that fails whatever is tried is left alone for half a minute, by everybody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from adapters.model.base import ModelError

N_FAILURES = 3
PAUSE_S = 30.0


class Breaker:
    """Counts failures in a row of one model; threads share it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._n_failures = 0
        self._paused_until = 0.0

    def check(self) -> None:
        """Raise ModelError while the model is left alone."""
        left = self._paused_until - self._clock().timestamp()
        if left > 0:
            raise ModelError(f"The model has failed {N_FAILURES} times in a row; I ask it again in {left:.0f} s.")

    def count(self, error: ModelError) -> None:
        """A request failed; what no later request could mend does not count."""
        if not error.retryable:
            return
        with self._lock:
            self._n_failures += 1
            if self._n_failures >= N_FAILURES:
                self._paused_until, self._n_failures = self._clock().timestamp() + PAUSE_S, 0

    def reset(self) -> None:
        """A request was answered."""
        with self._lock:
            self._n_failures = 0

"""How much one person may ask for in a minute."""

import threading
from collections.abc import Callable
from datetime import datetime

from csr_console.domain.refusals import Refusal


class RateLimit:
    """A token bucket for each key, kept in this process: `per_minute` in the long run, `burst` at once.

    A clock that is set back refills nothing for the time it lost and goes on from there. `what` is what there
    are too many of.
    """

    def __init__(
        self, per_minute: int, *, burst: int, clock: Callable[[], datetime], what: str = "searches"
    ) -> None:
        self._what = what
        self._per_second = per_minute / 60
        self._burst = float(burst)
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, key: str) -> None:
        """Spend one token of the key. Raises `Refusal` too-many with the seconds to wait."""
        now = self._clock().timestamp()
        with self._lock:
            tokens, since = self._buckets.get(key, (self._burst, now))
            tokens = min(self._burst, tokens + max(0.0, now - since) * self._per_second)
            self._buckets[key] = (tokens, now)
            if tokens < 1:
                wait = int((1 - tokens) / self._per_second) + 1
                raise Refusal(
                    "too-many", f"Too many {self._what}: wait {wait} s.", facts={"retry_after": wait}
                )
            if len(self._buckets) > 10_000:
                self._forget_full(now)
            self._buckets[key] = (tokens - 1, now)

    def _forget_full(self, now: float) -> None:
        """Drop the keys whose bucket is full again: they are as good as new."""
        refill = self._burst / self._per_second
        self._buckets = {key: entry for key, entry in self._buckets.items() if now - entry[1] < refill}

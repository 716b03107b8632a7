"""A danger to life is never only queued: until central and a dispatcher have it, the desk keeps saying so."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from csr_console.contracts.views.outages import HazardView
from csr_console.desk.store.pending import Pending
from csr_console.domain.outages.hazards import ALARM_AFTER
from csr_console.domain.outages.kinds import Hazard

UNSENT_AFTER_S = 5.0
OTHERS_AFTER_S = 300.0
"""A hazard of another station that nobody has taken: its own console may be switched off."""


class Alarms:
    """`alarm` is called with the hazard and the sentence, again and again until somebody has it."""

    def __init__(self, station: str, dispatch_phone: str, alarm: Callable[[UUID, str], None]) -> None:
        self._station = station
        self._phone = f": {dispatch_phone}" if dispatch_phone else ""
        self._alarm = alarm
        self._first_seen: dict[tuple[str, UUID], float] = {}
        self._next: dict[tuple[str, UUID], float] = {}

    def look(
        self,
        unsent: Sequence[Pending],
        hazards: Sequence[HazardView],
        now: datetime,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Alarm for what is due. `unsent` are urgent commands central has not answered."""
        tick = ticks()
        live: set[tuple[str, UUID]] = set()
        for item in unsent:
            hazard_id = getattr(item.command, "hazard_id", None) or item.id
            key = ("unsent", item.id)
            live.add(key)
            if self._due(key, tick, UNSENT_AFTER_S, 0.0):
                self._alarm(
                    hazard_id,
                    f"Central does not know of this danger yet. Phone dispatch now{self._phone}.",
                )
        for hazard in hazards:
            if hazard.acknowledged_at is not None:
                continue
            key = ("untaken", hazard.id)
            live.add(key)
            after = ALARM_AFTER.total_seconds() if hazard.station == self._station else OTHERS_AFTER_S
            age = max(0.0, (now - hazard.opened_at).total_seconds())
            if self._due(key, tick, after, age):
                self._alarm(
                    hazard.id,
                    f"Nobody has taken it yet: {Hazard(hazard.hazard).label}, {hazard.place or 'no place'}."
                    f" Phone dispatch now{self._phone}.",
                )
        for key in set(self._first_seen) - live:
            self._first_seen.pop(key, None)
            self._next.pop(key, None)

    def _due(self, key: tuple[str, UUID], tick: float, after_s: float, age_s: float) -> bool:
        """Due first after `after_s`, counting the age it had when it was first seen, then every minute."""
        first = self._first_seen.setdefault(key, tick - min(age_s, after_s))
        if tick < self._next.setdefault(key, first + after_s):
            return False
        self._next[key] = tick + ALARM_AFTER.total_seconds()
        return True

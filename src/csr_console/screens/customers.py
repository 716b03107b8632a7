"""The customers open on this desk, and what was done for them in this call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from csr_console.domain.accounts.alerts import Alert, in_ribbon_order, is_alert_code

if TYPE_CHECKING:
    from csr_console.contracts.views.accounts import AccountView, RosterEntry
    from csr_console.desk.model import Viewed
    from csr_console.domain.accounts.verification import Factor
    from csr_console.domain.command import Command

MOST_OPEN = 9
"""As many as a digit can pick."""


@dataclass(slots=True)
class Customer:
    """An open customer: the roster line is always there, the view when it was ever read."""

    entry: RosterEntry
    opened_at: datetime
    viewed: Viewed[AccountView] | None = None
    timeline_filter: str = "all"
    timeline_row: int = 0
    refreshed: str = ""
    """Why the view is not fresh, in words; empty when it is."""
    reading: bool = False
    """Whether it is being read from central."""

    @property
    def account(self) -> str:
        return self.entry.account

    @property
    def view(self) -> AccountView | None:
        return self.viewed.view if self.viewed else None

    def alerts(self, now: datetime) -> tuple[Alert, ...]:
        """What the ribbon shows, in its order; an open report is the last of it. A code this desk does not
        know, from a newer central, has no words here."""
        if self.view is None:
            found = [Alert(code) for code in self.entry.flags if is_alert_code(code)]
        else:
            found = [Alert(one.code, one.expires_on) for one in self.view.alerts if is_alert_code(one.code)]
            if self.view.open_report and not any(alert.code == "outage_here" for alert in found):
                found.append(Alert("outage_here"))
        return in_ribbon_order(found, now.astimezone().date())


class Customers:
    """Customers in the order they were opened; the last two are one key apart."""

    def __init__(self) -> None:
        self._open: list[Customer] = []
        self.current: Customer | None = None
        self._former: Customer | None = None

    def __len__(self) -> int:
        return len(self._open)

    def all(self) -> tuple[Customer, ...]:
        return tuple(self._open)

    def find(self, account: str) -> Customer | None:
        return next((customer for customer in self._open if customer.account == account), None)

    def open(self, entry: RosterEntry, now: datetime) -> Customer:
        """The customer of a roster line, opened when it was not; it becomes the current one."""
        customer = self.find(entry.account)
        if customer is None:
            if len(self._open) == MOST_OPEN:
                self._close_one()
            customer = Customer(entry, now)
            self._open.append(customer)
        self._turn_to(customer)
        return customer

    def toggle(self) -> Customer | None:
        """Turn to the one before; None when there is no other."""
        other = self._former or next((item for item in self._open if item is not self.current), None)
        if other is None:
            return None
        self._turn_to(other)
        return other

    def pick(self, number: int) -> Customer | None:
        """Turn to the customer with that number, counted from 1."""
        if not 1 <= number <= len(self._open):
            return None
        self._turn_to(self._open[number - 1])
        return self.current

    def close(self, customer: Customer) -> None:
        if customer in self._open:
            self._open.remove(customer)
        if self._former is customer:
            self._former = None
        if self.current is customer:
            self.current = self._former or (self._open[-1] if self._open else None)
            self._former = None

    def _close_one(self) -> None:
        spare = next(item for item in self._open if item not in (self.current, self._former))
        self._open.remove(spare)

    def _turn_to(self, customer: Customer) -> None:
        if customer is not self.current:
            self._former, self.current = self.current, customer


@dataclass(frozen=True, slots=True)
class Shown:
    """What the caller showed so far of one account: seen or heard by the clerk, and proven to central by
    answers. Kept in memory for the call, never stored."""

    attested: frozenset[Factor] = frozenset()
    proven: frozenset[Factor] = frozenset()
    proof: str | None = field(default=None, repr=False)
    until: datetime | None = None
    """When the proof ends."""

    @property
    def factors(self) -> frozenset[Factor]:
        return self.attested | self.proven

    def at(self, moment: datetime) -> Shown:
        """What of it still counts at a moment."""
        if self.until is None or moment < self.until:
            return self
        return Shown(self.attested)


@dataclass(frozen=True, slots=True)
class Done:
    """One command of this call: the sentence it came to, and what it replaced (for undo)."""

    id: UUID
    command: Command
    account: str | None
    sentence: str
    at: datetime
    before: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class CallRecord:
    """The call in progress: when it began and what was done in it; the wrap-up is written from this."""

    started_at: datetime | None = None
    done: list[Done] = field(default_factory=list)
    shown: dict[str, Shown] = field(default_factory=dict)
    """What the caller showed, by account."""

    def add(self, done: Done) -> None:
        self.done.append(done)

    def of(self, account: str | None) -> list[Done]:
        """What was done for one account, oldest first."""
        return [done for done in self.done if done.account == account]

    def close(self, account: str | None) -> None:
        """Forget the call after its wrap-up; what was done for another customer stays, what the caller showed
        does not."""
        self.started_at = None
        self.shown.clear()
        self.done = [done for done in self.done if done.account != account]

"""An account as it is read: one line of the roster, and the whole workspace."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from csr_console.contracts.inert import InertLine, InertText
from csr_console.contracts.views.bills import ArrangementView
from csr_console.contracts.views.budget import BudgetView
from csr_console.domain.accounts.decide import EntryKind


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


ServiceName = Literal["electric", "water", "gas", "sewer", "solid_waste", "stormwater", "fire_fee"]
ServiceState = Literal["connected", "nonpay", "disconnected"]
AccountStatus = Literal["active", "final", "pending"]


class RosterEntry(_View):
    """Enough to find any customer and take an outage report without the network.

    `flags` are alert codes in ribbon order; `device` is the transformer; `phones` ten digits each.
    """

    account: InertLine
    name: InertLine
    kind: Literal["residential", "commercial"]
    status: AccountStatus
    language: Literal["en", "es"]
    premise: InertLine
    service_address: InertLine
    zip: InertLine
    phones: list[InertLine]
    meters: list[InertLine]
    electric_state: ServiceState | None
    supply_point: InertLine | None
    device: InertLine | None
    critical: Literal["", "MED", "CRIT"]
    flags: list[InertLine]
    version: int


class ContactView(_View):
    """Contact details; `version` is what an update expects of `contact:<account>`."""

    phone_1: InertLine = ""
    phone_2: InertLine = ""
    email: InertLine = ""
    mailing_street: InertLine = ""
    mailing_city: InertLine = ""
    mailing_state: InertLine = ""
    mailing_zip: InertLine = ""
    language: InertLine = "en"
    version: int


class ServiceView(_View):
    service: ServiceName
    meter: InertLine
    state: ServiceState


class BalanceView(_View):
    """The balance forward as imported; `on` is its date, the ages (days past due) sum to `balance_cents`."""

    balance_cents: int
    on: date
    age_0_30_cents: int
    age_31_60_cents: int
    age_61_90_cents: int
    age_over_90_cents: int
    due_on: date | None
    cut_on: date | None
    last_payment_cents: int | None
    last_payment_on: date | None


class AlertView(_View):
    code: InertLine
    expires_on: date | None


class TimelineEntry(_View):
    id: UUID
    kind: EntryKind
    at: AwareDatetime
    actor: InertLine
    text: InertText


class OpenReport(_View):
    """The open outage report at the premise; `number` is None until central has numbered it, and `counted`
    are the last commands that counted a call on it."""

    id: UUID
    number: int | None
    calls: int
    counted: list[UUID] = []
    opened_at: AwareDatetime


class OtherAccount(_View):
    """Another account of the same person or premise."""

    account: InertLine
    service_address: InertLine
    status: AccountStatus


class AccountView(_View):
    """The 360 workspace of one account. `timeline` holds the newest entries, newest first."""

    entry: RosterEntry
    since_on: date | None
    contact: ContactView
    services: list[ServiceView]
    balance: BalanceView
    alerts: list[AlertView]
    timeline: list[TimelineEntry]
    open_report: OpenReport | None
    others: list[OtherAccount]
    arrangement: ArrangementView | None = None
    budget: BudgetView | None = None
    verified_level: int = 0
    verified_at: datetime | None = None
    """The reading clerk's own verification of this caller."""
    version: int

"""A tariff book: schedules, their components, riders, calendars, factors and taxes, all dated and cited."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal, Self

from pydantic import Field

from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.calendars import Calendar
from csr_console.domain.tariff.components import Component
from csr_console.domain.tariff.proration import Proration
from csr_console.domain.tariff.taxes import Tax
from csr_console.domain.tariff.values import (
    Day,
    Id,
    NotNegative,
    Positive,
    Sentence,
    Table,
    UnitName,
    Version,
)

Service = Literal["electric", "water", "gas", "sewer", "solid_waste", "stormwater", "fire_fee"]
_HOURLY = ("time-of-use", "demand", "reactive")


class Heading(Table):
    """The `[book]` table. Rounding is said, never implied: each line half-up to the cent, then summed."""

    id: Id
    name: Sentence
    jurisdiction: Sentence
    rounding: Literal["line-half-up"]


class Attribute(Table):
    """Something about a premise that prices or rules depend on: one of `values`, or a number in `unit`."""

    id: Id
    label: Sentence
    values: tuple[str, ...] = ()
    unit: UnitName | None = None

    @property
    def numeric(self) -> bool:
        return not self.values


class FactorVersion(Version):
    factor: Positive


class BillingFactor(Table):
    """What a metered quantity is multiplied by to be billed: CCF of gas to therms. `decimals` rounds what
    comes out half-up (37 CCF x 1.085 = 40 therms; 78 x 1.0043 = 78.34)."""

    id: Id
    label: Sentence
    from_unit: UnitName
    to_unit: UnitName
    decimals: int | None = Field(default=None, strict=True, ge=0)
    version: tuple[FactorVersion, ...] = Field(min_length=1)


class Limits(Table):
    """Who a schedule is for, in figures: use in twelve months in `unit`, highest demand in kW."""

    unit: UnitName | None = None
    annual_over: NotNegative | None = None
    annual_up_to: Positive | None = None
    demand_over: NotNegative | None = None
    demand_up_to: Positive | None = None


class Schedule(Table):
    """A rate schedule: who it is for, its components in the order of the bill, and how it is prorated.
    `closed_on` is the last day on which a new agreement could take it."""

    id: Id
    name: Sentence
    service: Service
    customer_class: Id = Field(alias="class")
    eligibility: Sentence
    unit: UnitName | None = None
    first_day: Day = Field(alias="from")
    last_day: Day | None = Field(default=None, alias="to")
    closed_on: Day | None = None
    interruptible: bool = False
    limits: Limits | None = None
    proration: Id
    components: tuple[Id, ...] = Field(min_length=1)


class TariffBook(Table):
    """Everything one utility charges. Immutable; `digest` is the SHA-256 of the text it was read from, so
    that a bill can name the very book it was rated by. A book is made by reading it: its tables are checked
    against each other there."""

    book: Heading
    attribute: tuple[Attribute, ...] = ()
    proration: tuple[Proration, ...] = Field(min_length=1)
    calendar: tuple[Calendar, ...] = ()
    billing_factor: tuple[BillingFactor, ...] = ()
    component: tuple[Component, ...] = Field(min_length=1)
    schedule: tuple[Schedule, ...] = Field(min_length=1)
    tax: tuple[Tax, ...] = ()

    @cached_property
    def digest(self) -> str:
        """The digest it was marked with; empty for a book that was made and not read."""
        return ""

    def bearing(self, digest: str) -> Self:
        """The same book, marked with the digest of its text."""
        marked = self.model_copy()
        marked.__dict__["digest"] = digest
        return marked

    @cached_property
    def components(self) -> Mapping[str, Component]:
        return {item.id: item for item in self.component}

    @cached_property
    def schedules(self) -> Mapping[str, Schedule]:
        return {item.id: item for item in self.schedule}

    @cached_property
    def attributes(self) -> Mapping[str, Attribute]:
        return {item.id: item for item in self.attribute}

    @cached_property
    def calendars(self) -> Mapping[str, Calendar]:
        return {item.id: item for item in self.calendar}

    @cached_property
    def billing_factors(self) -> Mapping[str, BillingFactor]:
        return {item.id: item for item in self.billing_factor}

    @cached_property
    def prorations(self) -> Mapping[str, Proration]:
        return {item.id: item for item in self.proration}

    @cached_property
    def taxes_in_order(self) -> tuple[Tax, ...]:
        """The taxes, each after those its base includes; otherwise as the book lists them."""
        left, done, ordered = list(self.tax), set[str](), list[Tax]()
        while left:
            ready = next(tax for tax in left if done.issuperset(tax.including_taxes))
            left.remove(ready)
            done.add(ready.id)
            ordered.append(ready)
        return tuple(ordered)

    @cached_property
    def taxes_of(self) -> Mapping[str, tuple[Tax, ...]]:
        """The taxes of each schedule, in the order they are levied."""
        return {
            schedule.id: tuple(
                tax for tax in self.taxes_in_order if tax.levied_on(schedule.service, schedule.customer_class)
            )
            for schedule in self.schedule
        }

    @cached_property
    def hourly_schedules(self) -> frozenset[str]:
        """The schedules rated on intervals: they charge by periods of the day or for demand."""
        hourly = {
            item.id
            for item in self.component
            if item.kind in _HOURLY or any(getattr(one, "width_per", "") == "kW" for one in item.version)
        }
        return frozenset(one.id for one in self.schedule if not hourly.isdisjoint(one.components))

    def get_schedule(self, schedule_id: str) -> Schedule:
        """Raises `Refusal` not-found."""
        if schedule_id not in self.schedules:
            raise Refusal("not-found", f"No rate schedule {schedule_id} in the tariff book {self.book.id}.")
        return self.schedules[schedule_id]


def refuse_if_not_offered(
    schedule: Schedule,
    agreement_since: date,
    *,
    annual_use: Decimal | None = None,
    highest_kw: Decimal | None = None,
) -> None:
    """Whether an agreement that began on a day, with its use of twelve months in the unit of the limits and
    its highest demand where known, may be on the schedule. Raises `Refusal` not-eligible."""
    if schedule.closed_on is not None and agreement_since > schedule.closed_on:
        raise Refusal(
            "not-eligible",
            f"{schedule.name} ({schedule.id}) is closed since {schedule.closed_on}: no newer agreement.",
            rule=f"{schedule.id} closed {schedule.closed_on}",
        )
    limits = schedule.limits
    if limits is None:
        return
    for value, over, up_to, what in (
        (annual_use, limits.annual_over, limits.annual_up_to, f"{limits.unit or 'units'} in twelve months"),
        (highest_kw, limits.demand_over, limits.demand_up_to, "kW of demand"),
    ):
        if value is None:
            continue
        if (over is not None and value <= over) or (up_to is not None and value > up_to):
            bounds = f"over {over} " * (over is not None) + f"up to {up_to} " * (up_to is not None)
            raise Refusal(
                "not-eligible",
                f"{schedule.name} ({schedule.id}) is for {bounds}{what}; here it is {value}.",
                rule=schedule.eligibility,
            )

"""The case being rated: what every kind of charge asks of the book, the period and the premise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

from csr_console.domain.money import cents_of, dollars_text
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.book import Schedule, TariffBook
from csr_console.domain.tariff.components import Component, Priced, PriceFactor
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod
from csr_console.domain.tariff.proration import Proration
from csr_console.domain.tariff.segment import RatedLine, Why
from csr_console.domain.tariff.values import AttributeValue, Condition, Version

V = TypeVar("V", bound=Version)
_DAY = timedelta(days=1)
_SHOWN_PLACES = 6
_SHOWN_UNIT = Decimal("0.000001")


class Span(NamedTuple, Generic[V]):
    """The service days of a period on which one version holds, both ends included."""

    version: V
    first_day: date
    last_day: date

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1


@lru_cache(8192)
def number_text(value: Decimal) -> str:
    """A number as it is read: no trailing zeros, six places and an ellipsis when there are more."""
    text = str(value)
    if "E" in text:
        text = f"{value:f}"
    whole, point, places = text.partition(".")
    if not point:
        return text
    places = places.rstrip("0")
    if len(places) <= _SHOWN_PLACES:
        return f"{whole}.{places}" if places else whole
    return f"{value.quantize(_SHOWN_UNIT):f}".rstrip("0").rstrip(".") + "…"


def spans_of(versions: Sequence[V], period: ServicePeriod, months: Sequence[int] = ()) -> list[Span[V]]:
    """The parts of a period by version, in order; only days of `months` when any are named."""
    period_first, period_last = period.first_day, period.last_day
    if len(versions) == 1 and not months:
        only = versions[0]
        if only.first_day <= period_first and (only.last_day is None or only.last_day >= period_last):
            return [Span(only, period_first, period_last)]
    spans: list[Span[V]] = []
    for index, version in enumerate(versions):
        if version.first_day > period_last:
            break
        last = version.last_day
        if last is None:
            last = versions[index + 1].first_day - _DAY if index + 1 < len(versions) else period_last
        if last >= period_first:
            spans.append(Span(version, max(version.first_day, period_first), min(last, period_last)))
    return [part for span in spans for part in _seasons(span, months)] if months else spans


def _seasons(span: Span[V], months: Sequence[int]) -> Iterator[Span[V]]:
    first: date | None = None
    day = span.first_day
    while day <= span.last_day:
        if day.month in months:
            first = first or day
        elif first:
            yield Span(span.version, first, day - _DAY)
            first = None
        day += _DAY
    if first:
        yield Span(span.version, first, span.last_day)


@dataclass(slots=True)
class Case:
    """One rating: its inputs and the lines so far."""

    book: TariffBook
    schedule: Schedule
    period: ServicePeriod
    days: int
    determinants: Determinants
    premise: Mapping[str, AttributeValue]
    as_of: date
    lines: list[RatedLine] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def proration_of(self, component: Component) -> Proration:
        return self.book.prorations[component.proration or self.schedule.proration]

    def applies(self, conditions: tuple[Condition, ...]) -> bool:
        return all(condition.holds(self.attribute(condition.attribute)) for condition in conditions)

    def attribute(self, name: str) -> AttributeValue:
        """What the premise is. Raises `Refusal` not-rated when it is not known or not one of its values."""
        known = self.book.attributes[name]
        value = self.premise.get(name)
        if value is None:
            raise self.refusal(f"{known.label} ({name}) is not known for the premise.", name)
        if known.numeric:
            return self._number(name, value)
        if str(value) not in known.values:
            raise self.refusal(f"{known.label} ({name}) is {value}, not {' or '.join(known.values)}.", name)
        return value

    def number(self, name: str) -> Decimal:
        return self._number(name, self.attribute(name))

    def _number(self, name: str, value: AttributeValue) -> Decimal:
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal(-1)
        if not number.is_finite() or number < 0:
            raise self.refusal(f"{self.book.attributes[name].label} ({name}) is {value}, not a number.", name)
        return number

    def use(self) -> Decimal:
        """Use of the period in the unit of the schedule. Raises `Refusal` not-rated when it is not known."""
        total = self.determinants.total()
        if total is None:
            raise self.refusal(f"Use in {self.schedule.unit} is not known for the period.", "usage")
        return total

    def share_of(self, span: Span[Any]) -> tuple[Decimal, Decimal]:
        """The part of the period's use that falls into a span: by intervals where there are any, else by
        days (rate change inside a period, Oracle service quantity proration)."""
        if span.days == self.days:
            return Decimal(1), Decimal(1)
        if self.determinants.intervals:
            within = self.determinants.within(span.first_day, span.last_day)
            part = sum((item.quantity for item in within), Decimal(0))
            whole = sum((item.quantity for item in self.determinants.intervals), Decimal(0))
            if whole:
                return part, whole
        return Decimal(span.days), Decimal(self.days)

    def price_of(self, version: Priced, component: Component) -> tuple[Decimal, str]:
        """The price for this premise, and the condition it stands under or nothing. Raises `Refusal`
        not-rated when no row fits."""
        price, under = version.price, ""
        if price is None:
            for row in version.row:
                if self.applies(row.where):
                    price, under = row.price, ", ".join(str(condition) for condition in row.where)
                    break
            else:
                raise self.refusal(
                    f"No row of {component.label} ({component.id}) fits the premise.", component.id
                )
        return self.factored(price, version.price_factor), under

    def factored(self, price: Decimal, factors: tuple[PriceFactor, ...]) -> Decimal:
        for item in factors:
            if self.applies(item.where):
                price *= item.factor
                if item.price_decimals is not None:
                    price = price.quantize(Decimal(1).scaleb(-item.price_decimals))
        return price

    def refusal(self, sentence: str, about: str) -> Refusal:
        return Refusal("not-rated", sentence, rule=f"{self.book.book.id}/{self.schedule.id} {about}".strip())

    def add(
        self,
        component: Component,
        span: Span[Any],
        exact: Decimal,
        arithmetic: str,
        *,
        part: str = "",
        label: str = "",
        quantity: Decimal | None = None,
        unit: str = "",
        price: Decimal | None = None,
        inputs: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """A line of a component: `arithmetic` is the left side, its result is written behind it."""
        version = span.version
        cents = cents_of(exact)
        if span.days != self.days:
            inputs = (*inputs, ("days", f"{span.first_day} to {span.last_day}, {span.days} of {self.days}"))
        self.lines.append(
            RatedLine(
                kind="charge",
                component=component.id,
                part=part,
                label=label or component.label,
                group=component.group,
                first_day=span.first_day,
                last_day=span.last_day,
                quantity=quantity,
                unit=unit,
                price=price,
                exact=exact,
                amount_cents=cents,
                why=Why(
                    rule=f"{self.book.book.id}/{component.id}@{version.since}",
                    policy=component.rule,
                    citation=version.citation,
                    status=version.status,
                    inputs=inputs,
                    arithmetic=result_text(arithmetic, exact, cents),
                ),
            )
        )


def result_text(left: str, exact: Decimal, cents: int) -> str:
    """`903 kWh × 0.078 = 70.434 → 70.43`, without the middle where nothing was rounded."""
    rounded = dollars_text(cents)
    if exact * 100 == cents:
        return f"{left} = {rounded}" if left != rounded else left
    return f"{left} = {number_text(exact)} → {rounded}"

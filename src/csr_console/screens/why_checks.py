"""What to look at when a bill is high: use and weather then and now, and the points of the conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import mean, pstdev
from typing import Literal

from csr_console.contracts.views.bills import BillingView, BillView, ReadView, UseMonth
from csr_console.domain.billing.flow import longest_flow
from csr_console.screens.figures import TENTH, change, daily, number, quantity, signed, span
from csr_console.screens.format import words
from csr_console.screens.why_weather import both, normalised
from csr_console.screens.why_words import Comparison, label

UNUSUAL = Decimal("0.4")
"""Use a day this far from the average of twelve months is told apart, as the bill run does."""
SIGMAS = 3
_FEW = 6
"""Fewer bills than this say nothing about what is usual."""


def use_of(view: BillingView | None, service: str, last_day: date) -> UseMonth | None:
    """The use of a service on the bill that ended on a day."""
    use = view.use if view else []
    return next((one for one in use if (one.service, one.last_day) == (service, last_day)), None)


def use_lines(found: Comparison, view: BillingView | None) -> list[str]:
    """Use a day then and now, for each metered service; the weather, where degree days are known, and use a
    day as it would be at the weather then."""
    lines = []
    for cause in found.causes:
        now = use_of(view, cause.service, found.now.last_day)
        if cause.usage is None or cause.usage_before is None or now is None:
            continue
        a_day, before = daily(cause.usage, cause.days), daily(cause.usage_before, cause.days_before)
        lines.append(
            f"{words(cause.service)}: {quantity(before, now.unit)} a day then,"
            f" {number(a_day)} now {change(before, a_day)}".rstrip()
        )
        if cause.weather is not None:
            lines.append(f"  weather: {both(cause.weather)}")
        if (alike := normalised(cause)) is not None:
            alike = alike.quantize(TENTH)
            said = f"  at the weather then {quantity(alike, now.unit)} a day {change(before, alike)}"
            lines.append(said.rstrip())
    return lines


@dataclass(frozen=True, slots=True)
class Check:
    """A point to look at: `✓` looked at and in order, `!` may be the reason, `?` to be asked or done."""

    mark: Literal["✓", "!", "?"]
    text: str


def checks(bill: BillView, view: BillingView | None, found: Comparison | None) -> list[Check]:
    """The points of a high-bill conversation in their order, with what is known of each."""
    return [
        _reads_check(bill),
        *_days_check(found),
        *_price_check(found),
        *_weather_checks(found),
        *_usual_checks(bill, view),
        _flow_check(bill),
        _true_up_check(bill),
        Check("?", "People, guests, appliances, a heater or pump that runs: ask"),
        Check("?", "Nothing explains it: a field check, then a meter test"),
        Check("?", "A leak that was repaired: an adjustment · cannot pay at once: pa, an arrangement"),
        Check("?", "Say it, and leave a note: n"),
    ]


def _reads_check(bill: BillView) -> Check:
    """The newest reads: an estimate is said first, a read of the customer's own next."""
    if not bill.reads:
        return Check("?", "No meter: nothing to read")
    for how, said in (
        ("estimated", "≈ estimated, nobody read the meter"),
        ("customer", "read by the customer"),
    ):
        if names := ", ".join(f"{words(one.service)} {one.meter}" for one in bill.reads if _how(one) == how):
            return Check("!", f"Read: {names} {said}. Ask for a read")
    names = ", ".join(f"{words(one.service)} {_shown(one)}" for one in bill.reads)
    return Check("✓", f"Read at the meter: {names}. Compare with what it shows now")


def _how(read: ReadView) -> str | None:
    return read.to_how or ("estimated" if read.estimated else None)


def _shown(read: ReadView) -> str:
    value = f" at {number(read.to_value)}" if read.to_value is not None else ""
    return f"{read.meter}{value} on {read.to_on:%b} {read.to_on.day}"


def _days_check(found: Comparison | None) -> list[Check]:
    if found is None:
        return []
    days = found.days()
    said = label("days", found.cents_of("days"), days)
    return [Check("!" if days else "✓", f"Days in the period: {found.causes[0].days}, {said}")]


def _price_check(found: Comparison | None) -> list[Check]:
    if found is None:
        return []
    rate, fuel = found.cents_of("rate"), found.cents_of("fuel")
    return [Check("!" if rate or fuel else "✓", f"Prices {signed(rate)}, fuel {signed(fuel)}")]


def _weather_checks(found: Comparison | None) -> list[Check]:
    """What the weather accounts for, by which figures; or why nothing is claimed of it."""
    checks = []
    for cause in found.causes if found else ():
        name, a_day = words(cause.service), normalised(cause)
        if cause.weather is None:
            continue
        if cause.weather_cents is None or a_day is None:
            said = f"Weather, {name}: nothing is claimed of it: {cause.weather.why}. Ask"
            checks.append(Check("?", said))
            continue
        at_that = f"{number(a_day.quantize(TENTH))} a day at the weather then"
        said = f"Weather, {name}: {signed(cause.weather_cents)}, {at_that}: {cause.weather.why}"
        checks.append(Check("!" if cause.weather_cents else "✓", said))
    return checks or [Check("?", "Weather: no degree days are known, ask")]


def _usual_checks(bill: BillView, view: BillingView | None) -> list[Check]:
    """Each metered service against its average of the twelve bills before."""
    found = []
    for service in dict.fromkeys(one.service for one in (view.use if view else [])):
        now = use_of(view, service, bill.bill.last_day)
        if now is None:
            continue
        earlier = [
            one
            for one in (view.use if view else [])
            if one.service == service and one.last_day < now.last_day
        ]
        found.append(_usual(now, sorted(earlier, key=lambda one: one.last_day)[-12:]))
    return found


def _usual(now: UseMonth, earlier: Sequence[UseMonth]) -> Check:
    name, a_day = words(now.service), daily(now.usage, now.days)
    if now.usage <= 0:
        return Check("!", f"{name.capitalize()}: the meter counted nothing. Stopped, or nobody there?")
    if len(earlier) < _FEW:
        return Check("?", f"{name.capitalize()}: too few bills to say what is usual")
    past = [daily(one.usage, one.days) for one in earlier]
    usual, spread = mean(past), pstdev(past)
    off = change(usual, a_day)
    average = number(usual.quantize(TENTH))
    said = f"{name.capitalize()}: {number(a_day)} a day, {average} on average {off}"
    unusual = usual > 0 and (
        abs(a_day / usual - 1) > UNUSUAL or (spread > 0 and abs(a_day - usual) > SIGMAS * spread)
    )
    return Check("!" if unusual else "✓", f"{said}{', unusual' if unusual else ''}")


def _flow_check(bill: BillView) -> Check:
    """Water by the hour: what never stops in a day and a night is a leak."""
    water = next((one for one in bill.hours if one.service == "water"), None)
    if water is None:
        return Check("?", "Use around the clock (a running toilet, a leak): no interval data here, ask")
    flow = longest_flow(water.intervals())
    if flow is None:
        return Check("✓", "Water came to a stop in every day and night: nothing runs around the clock")
    days = span(flow.starts_at.date(), (flow.ends_at - timedelta(microseconds=1)).date())
    least = quantity((flow.least * 60 / water.minutes).quantize(TENTH), water.unit)
    return Check("!", f"Water ran around the clock, {days}, never below {least} an hour: a leak")


def _true_up_check(bill: BillView) -> Check:
    """An estimate that was too low is made up for by the next actual read."""
    late = [one for one in bill.reads if one.from_how == "estimated" and one.to_how != "estimated"]
    if late:
        names = ", ".join(words(one.service) for one in late)
        return Check("!", f"The bill before was ≈ estimated ({names}): this read makes up for it")
    if any(one.from_how == "estimated" for one in bill.reads):
        return Check("!", "The bill before was ≈ estimated, too: the next read makes up for both")
    return Check("✓", "The bill before was not estimated")

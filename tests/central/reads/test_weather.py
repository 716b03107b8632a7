"""The weather in why a bill is high, from the table of degree days to the view of the bill."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete
from tests.central.conftest import MARIA, Town
from tests.central.test_billing_run import FIRST, NOW, agree, billed, insert, read

from csr_console.central.billing_run import run_bills
from csr_console.central.reads.bills import bill_view, billing_view
from csr_console.central.tables.billing import degree_day
from csr_console.contracts.views.bills import BillView, CausesView

__all__ = ["billed"]
COOLING = (20, 12, 6, 1, 0, 0, 0, 3, 8, 14, 18, 20, 19, 11, 16)
"""Cooling degree days a day of each month; the last stands against 11 of the one before."""
HEATING = (0, 0, 2, 8, 12, 14, 9, 2, 0, 0, 0, 0, 0, 0, 0)
LAST = len(COOLING)


def month_end(number: int) -> date:
    return FIRST + timedelta(days=30 * number)


def follow(town: Town, *, estimated: int = 0) -> Town:
    """Fifteen months of Maria's: 20 kWh a day, 1.25 for each degree day of cooling and 0.5 of heating, and 60
    more in the last month for something else; gas as much each month as the month before."""
    agree(town, MARIA, "gas", "G-RES", "G1000000")
    read(town, "G1000000", FIRST, 100)
    used = 0
    for number, (cooling, heating) in enumerate(zip(COOLING, HEATING, strict=True), start=1):
        used += round(30 * (20 + 1.25 * cooling + 0.5 * heating)) + (60 if number == LAST else 0)
        on, kind = month_end(number), "estimated" if number <= estimated else "actual"
        read(town, "E1000000", on, 73670 + used, kind)
        read(town, "W1000000", on, 500 + 55 * number)
        read(town, "G1000000", on, 100 + 30 * number)
        measured = {"station": "KTLH", "heating_tenths": 10 * heating, "cooling_tenths": 10 * cooling}
        days = (month_end(number - 1) + timedelta(days=day) for day in range(1, 31))
        insert(town, degree_day, *({**measured, "day": day.isoformat()} for day in days))
        run_bills(town.db, "main", on, lambda: NOW)
    return town


@pytest.fixture
def followed(billed: Town) -> Town:
    return follow(billed)


def newest(town: Town) -> BillView:
    with town.db.read() as connection:
        found = billing_view(connection, "main", MARIA, date(2026, 1, 1)).newest
    assert found is not None
    return found


def cause(view: BillView, service: str, against: str = "previous") -> CausesView:
    return next(one for one in view.causes if (one.service, one.against) == (service, against))


def test_the_part_of_the_weather_is_what_the_use_of_before_would_have_been_in_it(followed: Town) -> None:
    view = newest(followed)
    electric = cause(view, "electric")
    weather = electric.weather
    assert weather is not None
    assert (weather.cooling, weather.cooling_before) == (480, 330)
    assert (weather.heating, weather.heating_before) == (0, 0)
    assert weather.cooling_use == pytest.approx(Decimal("187.5"), abs=Decimal(3))
    assert weather.heating_use == 0
    assert "by 14 bills (CalTRACK 2.0, R² 1.00" in weather.why
    assert electric.weather_cents is not None
    # 187.5 kWh more of 1012 to 1260: three quarters of the change of use, at one price
    assert electric.weather_cents / electric.use_cents == pytest.approx(187.5 / 60, rel=0.1)
    for one in view.causes:
        rest = one.days_cents + one.use_cents + one.rate_cents + one.fuel_cents + one.taxes_cents
        assert rest + (one.weather_cents or 0) == one.total_cents


def test_water_has_no_weather_and_gas_that_does_not_follow_it_says_why(followed: Town) -> None:
    view = newest(followed)
    assert cause(view, "water").weather is None
    gas = cause(view, "gas")
    assert gas.weather is not None
    assert gas.weather_cents is None
    assert gas.weather.why == "the use of 14 bills does not follow it closely enough"
    with followed.db.read() as connection:
        use = billing_view(connection, "main", MARIA, date(2026, 1, 1)).use
    known = {(one.service, one.last_day): one.degree_days for one in use}
    assert known["electric", month_end(LAST)] == 480
    assert known["gas", month_end(4)] == 270
    assert known["water", month_end(4)] is None


def test_a_day_that_is_not_known_takes_its_period_out(followed: Town) -> None:
    with followed.db.write() as connection:
        gone = (month_end(LAST - 1) + timedelta(days=3)).isoformat()
        connection.execute(delete(degree_day).where(degree_day.c.day == gone))
    electric = cause(newest(followed), "electric")
    assert (electric.weather, electric.weather_cents) == (None, None)


def test_a_bill_with_too_little_before_it_claims_nothing(followed: Town) -> None:
    with followed.db.read() as connection:
        early = bill_view(connection, "main", MARIA, "1010")
    electric = cause(early, "electric")
    assert electric.weather is not None
    assert electric.weather.why == "9 bills of full months before it, 12 are needed"
    assert (electric.weather_cents, electric.weather.cooling_use) == (None, None)


def test_months_that_were_estimated_teach_nothing(billed: Town) -> None:
    electric = cause(newest(follow(billed, estimated=3)), "electric")
    assert electric.weather is not None
    assert electric.weather.why == "10 bills of full months before it, 12 are needed"


def test_a_premise_where_nothing_was_used_before_has_no_weather(followed: Town) -> None:
    """A month in which nobody was there, after a year that followed the weather."""
    on = month_end(LAST + 1)
    electric = 73670 + sum(
        round(30 * (20 + 1.25 * cool + 0.5 * heat)) for cool, heat in zip(COOLING, HEATING, strict=True)
    )
    for day, value in ((on, electric + 60), (month_end(LAST + 2), electric + 660)):
        read(followed, "E1000000", day, value)
        days = (day - timedelta(days=back) for back in range(30))
        measured = {"station": "KTLH", "heating_tenths": 0, "cooling_tenths": 150}
        insert(followed, degree_day, *({**measured, "day": one.isoformat()} for one in days))
        run_bills(followed.db, "main", day, lambda: NOW)
    electric_cause = cause(newest(followed), "electric")
    assert electric_cause.weather is not None
    assert (electric_cause.weather_cents, electric_cause.weather.why) == (None, "nothing was used before it")
